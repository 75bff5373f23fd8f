"""Phones that say themselves that they come and go: believed at once, and for long, but not against a keychain."""

from __future__ import annotations

from gateway.recognition.moments import Moment
from gateway.recognition.plan import Plan, ReaderPlace
from reader_drivers.sighting import Left
from tests.recognition.venue import TAG, Venue, every

APP = "owntracks:anna/phone"
HOUSE, LOUNGE, BAR = "House", "House lounge", "House bar"
PLAN = Plan(
    zones=("entrance", "lounge", "bar"),
    readers={
        "apps": ReaderPlace("zone", None, {HOUSE: "entrance", LOUNGE: "lounge", BAR: "bar"}),
        "lounge": ReaderPlace("zone", "lounge"),
    },
)
HOURS = 3600.0


def venue() -> Venue:
    return Venue(PLAN)


def enters(house: Venue, region: str, at: float) -> Moment | None:
    return house.read("apps", at, None, APP, antenna=region)


def leaves(house: Venue, region: str | None, at: float, told_at: float | None = None) -> Moment | None:
    house.until(at if told_at is None else told_at)
    return house.presence.left(Left("apps", region, APP, None, None, at), "c1")


def test_one_word_is_an_arrival_and_hours_of_silence_are_no_departure() -> None:
    house = venue()
    arrived = enters(house, LOUNGE, 100.0)
    assert arrived is not None
    assert (arrived.kind, arrived.zone, arrived.evidence) == ("arrived", "lounge", {"kind": "told", "reader": "apps"})
    house.until(11 * HOURS)
    assert house.said() == ["arrived"]


def test_a_phone_that_never_says_that_it_left_is_believed_for_half_a_day() -> None:
    house = venue()
    enters(house, LOUNGE, 100.0)
    enters(house, LOUNGE, 6 * HOURS)
    house.until(17 * HOURS)
    assert house.said() == ["arrived"]
    house.until(19 * HOURS)
    assert house.said() == ["arrived", "departed"]


def test_its_farewell_is_a_departure_at_once() -> None:
    house = venue()
    enters(house, LOUNGE, 100.0)
    departed = leaves(house, LOUNGE, 700.0)
    assert departed is not None
    assert (departed.kind, departed.at) == ("departed", 700.0)
    assert departed.reason == "their phone says that it has left, by apps"
    assert house.presence.here() == []
    again = enters(house, LOUNGE, 900.0)
    assert again is not None
    assert (again.kind, again.visit) == ("arrived", departed.visit)


def test_a_farewell_that_comes_late_is_a_departure_when_it_was_said() -> None:
    house = venue()
    enters(house, LOUNGE, 100.0)
    departed = leaves(house, None, 700.0, told_at=1500.0)
    assert departed is not None
    assert departed.at == 700.0


def test_who_leaves_one_region_is_in_the_other_still() -> None:
    house = venue()
    enters(house, HOUSE, 100.0)
    moved = enters(house, BAR, 200.0)
    assert moved is not None
    assert (moved.kind, moved.zone) == ("moved", "bar")
    assert leaves(house, BAR, 300.0) is None
    departed = leaves(house, HOUSE, 400.0)
    assert departed is not None
    assert departed.at == 400.0


def test_who_is_in_no_region_any_more_has_left_them_all() -> None:
    house = venue()
    enters(house, HOUSE, 100.0)
    enters(house, BAR, 200.0)
    assert leaves(house, None, 300.0) is not None


def test_a_keychain_that_is_heard_knows_better_than_the_phone() -> None:
    house = venue()
    enters(house, LOUNGE, 100.0)
    house.reads("lounge", every(1.0, 101.0, 200.0), identifier=TAG)
    assert leaves(house, None, 200.0) is None
    house.until(210.0)
    assert [each.customer for each in house.presence.here()] == ["c1"]
    house.until(300.0)
    assert house.said("departed") == ["departed"], "its silence is a departure as ever, whatever the phone said"


def test_a_farewell_of_before_the_visit_and_of_nobody_is_nothing() -> None:
    house = venue()
    assert leaves(house, None, 50.0) is None
    enters(house, LOUNGE, 100.0)
    assert leaves(house, LOUNGE, 90.0) is None
    assert house.presence.left(Left("apps", None, "owntracks:ben/phone", None, None, 200.0), "c2") is None
    assert house.presence.left(Left("apps", None, APP, None, None, 200.0), "c2") is None, "somebody else's by now"
    assert house.presence.here()


def test_after_a_restart_what_the_broker_kept_of_a_phone_is_believed_again() -> None:
    for kept in (True, False):
        house = venue()
        house.now = 10_000.0
        house.presence.restore("c1", "v9", "lounge", 5_000.0, 9_000.0, 10_000.0)
        if kept:
            assert house.read("apps", 5_000.0, None, APP, antenna=LOUNGE) is None
        house.until(13_000.0)
        assert bool(house.presence.here()) == kept
    house = venue()
    house.now = 10_000.0
    house.until(10_001.0)
    assert house.read("apps", 5_000.0, None, APP, antenna=LOUNGE) is None
    house.until(10_100.0)
    assert not house.moments, "and it brings nobody who was not here"
