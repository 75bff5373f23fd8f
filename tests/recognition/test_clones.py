from __future__ import annotations

import pytest

from gateway.recognition.clones import CloneWatch, Doubt
from gateway.recognition.plan import Plan, ReaderPlace
from reader_drivers.sighting import Sighting

PLAN = Plan(
    ("entrance", "bar", "terrace"),
    {
        "door": ReaderPlace("inner", "entrance"),
        "bar-reader": ReaderPlace("zone", "bar"),
        "terrace-reader": ReaderPlace("zone", "terrace"),
        "ceiling": ReaderPlace("zone", None, {1: "bar", 2: "terrace"}),
        "counter": ReaderPlace("tap", "bar"),
        "desk": ReaderPlace("tap", "entrance"),
        "street": ReaderPlace("outer"),
    },
)


class Air:
    """What one watch is given to hear, and what it doubts."""

    def __init__(self) -> None:
        self.watch = CloneWatch(PLAN)
        self.doubts: list[Doubt] = []
        self._places = {"ceiling/1": ("ceiling", 1), "ceiling/2": ("ceiling", 2)}

    def hear(
        self, identifier: str, reader: str, now: float, rssi: float | None = -52.0, at: float | None = None,
        shift: float = 0.0,
    ) -> None:  # fmt: skip
        name, antenna = self._places.get(reader, (reader, None))
        read = Sighting(name, antenna, identifier, rssi, None, now if at is None else at)
        doubt = self.watch.see(read, shift, now)
        self.doubts += [doubt] if doubt else []

    def at_once(
        self, identifier: str, readers: tuple[str, ...], start: float, seconds: float, rssi: float | None = -52.0
    ) -> None:
        """Every reader hears it five times a second."""
        for n in range(int(seconds * 5)):
            for reader in readers:
                self.hear(identifier, reader, start + n / 5, rssi)

    def evening(self, identifier: str, start: float) -> None:
        """An honest one: the door, the bar, the terrace, twenty seconds each and as long between them."""
        for n, reader in enumerate(("door", "bar-reader", "terrace-reader")):
            self.at_once(identifier, (reader,), start + 40.0 * n, 20.0)


def test_two_copies_close_to_readers_of_two_areas_are_doubted_within_ten_seconds_and_once_a_minute() -> None:
    air = Air()
    air.at_once("epc:01", ("door", "terrace-reader"), 100.0, 50.0)
    (doubt,) = air.doubts
    assert doubt.at <= 110.0
    assert (doubt.kind, doubt.reason) == ("two_places", "heard at entrance and terrace at once")


@pytest.mark.parametrize("readers", [("ceiling/1", "ceiling/2"), ("ceiling/1", "door")])
def test_the_antennas_of_one_reader_are_places_of_their_own(readers: tuple[str, str]) -> None:
    air = Air()
    air.at_once("epc:01", readers, 100.0, 10.0)
    assert len(air.doubts) == 1


@pytest.mark.parametrize("identifier", ["em:0700ABCDEF", "nfc:04A1B2C3"])
def test_a_fob_that_is_held_to_two_readers_at_once_is_two_fobs(identifier: str) -> None:
    air = Air()
    air.at_once(identifier, ("counter", "desk"), 100.0, 10.0, rssi=None)
    assert len(air.doubts) == 1


def test_who_walks_from_area_to_area_is_not_doubted_nor_who_is_far_from_both() -> None:
    air = Air()
    for n in range(8):
        air.evening("epc:01", 1000.0 * n)
    air.at_once("epc:02", ("door", "terrace-reader"), 9000.0, 60.0, rssi=-66.0)
    air.at_once("epc:02", ("street", "bar-reader"), 9100.0, 60.0, rssi=-45.0)
    assert air.doubts == []


def test_the_more_people_have_shown_that_two_areas_are_apart_the_less_it_takes() -> None:
    for people, rssi, doubted in ((0, -62.0, 0), (8, -62.0, 1), (8, -70.0, 0), (30, -70.0, 1)):
        air = Air()
        for n in range(people):
            air.evening(f"epc:{n}", 1000.0 * n)
        air.at_once("epc:99", ("door", "bar-reader"), 90_000.0, 12.0, rssi=rssi)
        assert len(air.doubts) == doubted, (people, rssi)


def test_where_two_areas_hear_one_thing_only_who_is_much_louder_at_both_than_all_before_is_two() -> None:
    air = Air()
    for n in range(25):
        air.at_once(f"epc:{n}", ("door", "bar-reader"), 100.0 * n, 10.0, rssi=-64.0 + n % 5)
    air.at_once("epc:98", ("door", "bar-reader"), 5000.0, 20.0, rssi=-57.0)
    assert air.doubts == []
    air.at_once("epc:99", ("door", "bar-reader"), 6000.0, 20.0, rssi=-50.0)
    assert [d.identifier for d in air.doubts] == ["epc:99"]


def test_where_one_after_the_other_is_doubted_it_is_the_place() -> None:
    air = Air()
    for n in range(10):
        air.at_once(f"epc:{n}", ("door", "bar-reader"), 100.0 * n, 20.0, rssi=-55.0)
    assert [d.identifier for d in air.doubts] == ["epc:0", "epc:1"]


def test_a_copy_that_was_found_does_not_hide_the_next() -> None:
    air = Air()
    for n in range(8):
        air.evening(f"epc:{n}", 1000.0 * n)
    for n in range(3):
        air.at_once("epc:98", ("door", "bar-reader"), 20_000.0 + 100 * n, 20.0, rssi=-62.0)
    air.at_once("epc:99", ("door", "bar-reader"), 30_000.0, 20.0, rssi=-62.0)
    assert [d.identifier for d in air.doubts] == ["epc:98", "epc:98", "epc:98", "epc:99"]


def test_twins_on_their_own_tags_are_two_people() -> None:
    air = Air()
    for n in range(400):
        air.hear("epc:01", "door", 100.0 + n / 10)
        air.hear("epc:02", "terrace-reader", 100.05 + n / 10)
    assert air.doubts == []


def test_what_a_reader_kept_for_a_minute_is_no_second_place_and_a_clock_that_is_off_no_second_time() -> None:
    air = Air()
    for n in range(200):
        air.hear("epc:01", "door", 100.0 + n / 10)
        air.hear("epc:01", "terrace-reader", 100.0 + n / 10, at=40.0 + n / 10)
    assert air.doubts == []
    for n in range(200):  # a walk from the door to the terrace, whose reader is forty seconds behind
        place, shift = ("door", 0.0) if n < 100 else ("terrace-reader", 40.0)
        air.hear("epc:02", place, 200.0 + n / 10, at=200.0 + n / 10 - shift, shift=shift)
    assert air.doubts == []
    for n in range(200):  # and once it is known, a copy there is found all the same
        air.hear("epc:03", "door", 300.0 + n / 10)
        air.hear("epc:03", "terrace-reader", 300.0 + n / 10, at=260.0 + n / 10, shift=40.0)
    assert [d.identifier for d in air.doubts] == ["epc:03"]


def test_a_burst_of_what_has_no_time_of_its_own_is_no_second_place() -> None:
    air = Air()
    for n in range(100):
        air.hear("epc:01", "door", 100.0 + n / 10)
        for k in range(45 if n == 50 else 0):
            air.hear("epc:01", "terrace-reader", 105.0 + k / 100)
    assert air.doubts == []


def test_what_was_learnt_is_there_after_a_restart_and_nothing_of_whose_it_was() -> None:
    air, again = Air(), Air()
    air.at_once("epc:31", ("bar-reader", "terrace-reader"), 100.0, 10.0, rssi=-66.0)
    for n in range(30):
        air.evening(f"epc:{n}", 1000.0 + 1000.0 * n)
    learnt = air.watch.learnt()
    assert "epc" not in str(learnt)
    again.watch.take_back(learnt)
    again.at_once("epc:99", ("door", "bar-reader"), 90_000.0, 12.0, rssi=-70.0)
    again.at_once("epc:98", ("bar-reader", "terrace-reader"), 91_000.0, 12.0, rssi=-55.0)
    assert [d.identifier for d in again.doubts] == ["epc:99"]
