"""Doors with contacts and zones with motion sensors: weak words beside those of the readers."""

from __future__ import annotations

from gateway.recognition.beside import Beside
from gateway.recognition.plan import Plan, ReaderPlace
from gateway.recognition.track import Track
from reader_drivers.sighting import Sensed
from tests.recognition.venue import PHONE, TAG, Venue, every

PLAN = Plan(
    zones=("entrance", "lounge", "bar"),
    readers={
        "street": ReaderPlace("outer"),
        "door": ReaderPlace("inner", "entrance"),
        "lounge": ReaderPlace("zone", "lounge"),
        "bar": ReaderPlace("zone", "bar"),
    },
    sensors={
        "contact": ReaderPlace("inner", "entrance"),
        "lounge-motion": ReaderPlace("zone", "lounge"),
        "bar-motion": ReaderPlace("zone", "bar"),
    },
)
DEAF = Plan(zones=PLAN.zones, readers={r: p for r, p in PLAN.readers.items() if r != "street"}, sensors=PLAN.sensors)
T0 = 1000.0


class House(Venue):
    """A venue whose door says when it is opened and shut."""

    def __init__(self, plan: Plan = PLAN) -> None:
        super().__init__(plan)
        self.until(T0 - 400.0)

    def contact(self, at: float, on: bool, reader: str = "contact") -> None:
        self.until(at)
        kind = "contact" if reader == "contact" else "motion"
        self.presence.beside.sensors.sense(Sensed(reader, None, "", None, None, at, None, kind, on))  # type: ignore[arg-type]

    def door(self, at: float) -> None:
        """Opened, and shut three seconds later."""
        self.contact(at, on=True)
        self.contact(at + 3.0, on=False)


def at_the_window(house: House) -> None:
    """Somebody leans at the window for half a minute, heard well inside, and by the street as well."""
    for at in every(0.5, T0, T0 + 30.0):
        house.read("street", at, -70.0, PHONE)
        house.read("door", at + 0.01, -63.0, PHONE)


def comes_in(house: House, start: float = T0) -> None:
    for n, at in enumerate(every(0.5, start, start + 12.0)):
        house.read("street", at, -58.0 - n, PHONE)
        house.read("door", at + 0.01, -78.0 + n, PHONE)
    house.reads("lounge", every(0.5, start + 12.0, start + 40.0), -58.0, PHONE)


def test_nobody_comes_in_by_a_door_that_did_not_open() -> None:
    without, within = House(), House()
    within.door(T0 - 300.0)
    at_the_window(without)
    at_the_window(within)
    assert "arrived" in without.said(), "the made radio must deceive, or the test says nothing"
    assert "arrived" not in within.said()


def test_who_comes_in_by_a_door_that_opens_is_told_as_soon_as_ever() -> None:
    plain, contact = House(), House()
    contact.door(T0 - 300.0)
    comes_in(plain)
    contact.contact(T0 + 4.0, on=True)
    comes_in(contact)
    assert contact.said("arrived") == ["arrived"]
    assert contact.told_at["arrived"] <= plain.told_at["arrived"]


def test_who_is_heard_deep_inside_is_believed_though_the_door_says_nothing() -> None:
    house = House()
    house.door(T0 - 300.0)
    comes_in(house)
    assert house.said("arrived") == ["arrived"], "by another door: a contact is evidence and no rule"


def test_a_contact_that_hangs_loose_is_believed_no_longer() -> None:
    house = House()
    house.door(T0 - 390.0)
    for n in range(2):
        comes_in(house, T0 + n * 2000.0)
    track = Track("c2", [1.0, 0.0, 0.0])
    house.presence.beside.of_doors(track, T0 + 2100.0)
    assert track.let_in == 0.0
    house.door(T0 + 2200.0)
    house.presence.beside.of_doors(track, T0 + 2400.0)
    assert track.let_in < 0.0


def test_a_contact_with_a_flat_battery_says_nothing() -> None:
    house = House()
    house.door(T0 - 300.0)
    for hours, against in ((0.5, True), (2.0, False), (30.0, False)):
        track = Track("c1", [1.0, 0.0, 0.0])
        house.presence.beside.of_doors(track, T0 + hours * 3600.0)
        assert (track.let_in < 0.0) is against, hours


def test_a_contact_that_reports_once_in_six_hours_is_given_its_own_time() -> None:
    beside = House().presence.beside
    for report in range(4):
        for on in (True, False) if report == 0 else (False,):
            beside.sensors.sense(Sensed("contact", None, "", None, None, T0 + report * 21_600.0, None, "contact", on))
    track = Track("c1", [1.0, 0.0, 0.0])
    beside.of_doors(track, T0 + 3 * 21_600.0 + 18_000.0)
    assert track.let_in < 0.0
    beside.of_doors(track, T0 + 3 * 21_600.0 + 40_000.0)
    assert track.let_in == 0.0


def test_a_door_that_stands_open_and_one_that_is_lost_say_nothing() -> None:
    house = House()
    house.door(T0 - 300.0)
    house.contact(T0 - 290.0, on=True)
    track = Track("c1", [1.0, 0.0, 0.0])
    house.presence.beside.of_doors(track, T0)
    assert track.let_in == track.kept_in == 0.0
    house.contact(T0, on=False)
    house.presence.reader_lost("contact", T0 + 1.0)
    house.presence.beside.of_doors(track, T0 + 200.0)
    assert track.let_in == track.kept_in == 0.0
    house.presence.reader_back("contact", T0 + 201.0)
    house.presence.beside.of_doors(track, T0 + 202.0)
    assert track.let_in < 0.0


def test_a_quiet_phone_behind_a_door_that_has_not_opened_is_still_here() -> None:
    plain, contact = House(DEAF), House(DEAF)
    contact.door(T0 - 300.0)
    for house in (plain, contact):
        house.reads("door", every(0.5, T0 - 200.0, T0 - 190.0), -55.0, PHONE)
        house.reads("lounge", every(0.5, T0 - 190.0, T0), -60.0, PHONE)
    contact.moments.clear()
    plain.until(T0 + 400.0)
    contact.until(T0 + 400.0)
    assert "departed" in plain.said(), "nobody listens in the street: silence is departure"
    assert "departed" not in contact.said()
    contact.door(T0 + 410.0)
    contact.until(T0 + 440.0)
    assert "departed" in contact.said(), "somebody has opened the door, and they were silent: they have left"


def test_who_is_read_at_the_way_out_and_then_opens_the_door_has_left() -> None:
    plan = Plan(
        zones=PLAN.zones,
        readers={"door": ReaderPlace("inner", "entrance"), "out": ReaderPlace("exit", "entrance")},
        sensors={"contact": ReaderPlace("exit", "entrance")},
    )
    stays, leaves = House(plan), House(plan)
    for house in (stays, leaves):
        house.door(T0 - 300.0)
        house.door(T0 - 200.0)
        house.reads("door", every(0.1, T0 - 198.0, T0 - 196.0), -55.0, TAG)
        house.reads("out", every(0.1, T0, T0 + 1.0), -55.0, TAG)
    leaves.door(T0 + 2.0)
    for house in (stays, leaves):
        house.until(T0 + 20.0)
    assert leaves.said("departed") == ["departed"]
    assert stays.said("departed") == [], "they stood by the door, which has not opened"


def test_motion_speaks_weakly_for_somebody_who_walks_and_for_nobody_who_sits() -> None:
    house = House()
    house.contact(T0, on=True, reader="bar-motion")
    track = Track("c1", [0.3, 0.4, 0.3])
    sensors = house.presence.beside.sensors
    track.walking = 1.0
    walks = sensors.weigh(track, [0.0, 0.0, 0.0], T0 + 2.0)
    track.walking = 0.0
    assert sensors.weigh(track, [0.0, 0.0, 0.0], T0 + 2.0) == [0.0, 0.0, 0.0]
    assert walks[:2] == [0.0, 0.0]
    assert 0.0 < walks[2] < 1.0
    track.walking = 1.0
    assert sensors.weigh(track, [0.0, 0.0, 0.0], T0 + 60.0) == [0.0, 0.0, 0.0]


def test_what_a_sensor_outside_the_plan_says_is_nobody_s() -> None:
    house = House()
    house.contact(T0, on=True, reader="unknown")
    track = Track("c1", [0.3, 0.4, 0.3])
    Beside(PLAN, {}).of_doors(track, T0)
    assert track.let_in == 0.0
