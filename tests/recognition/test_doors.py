"""Who came in, who went out, and who only lay badly: what doors, rooms and long silences of a tag come to."""

from __future__ import annotations

from random import Random

import pytest

from gateway.recognition.plan import Plan, ReaderPlace
from gateway.recognition.settings import PresenceSettings

from .venue import PHONE, PORTAL, TAG, Venue, every

ROOM = Plan(("lounge",), {"lounge": ReaderPlace("zone", "lounge")})
SIDE_BY_SIDE = Plan(("entrance",), {"door": ReaderPlace("inner", "entrance"), "out": ReaderPlace("exit")})
SETTINGS = PresenceSettings()


def comes_in(venue: Venue, start: float = 100.0) -> float:
    """Read in the street, at the door and in the lounge, with a tag; the time of the last read."""
    venue.reads("street", every(0.15, start, start + 3.0), -60.0)
    venue.reads("door", every(0.15, start + 3.0, start + 5.0), -56.0)
    venue.reads("lounge", every(0.3, start + 8.0, start + 30.0), -62.0)
    assert venue.said("arrived") == ["arrived"]
    return start + 30.0


# --- coming in -------------------------------------------------------------------------------------------------------


def test_three_last_reads_inside_of_a_tag_that_was_read_outside_for_long_are_an_arrival() -> None:
    venue = Venue()
    venue.reads("street", every(0.15, 100.0, 106.0), -66.0)
    venue.reads("door", [106.5, 106.7, 106.9], -70.0)
    venue.until(110.0)
    assert venue.said("arrived") == ["arrived"]


def test_a_lone_last_read_inside_of_somebody_who_was_read_outside_is_none() -> None:
    venue = Venue()
    venue.reads("street", every(0.15, 100.0, 106.0), -66.0)
    venue.read("door", 106.5, -73.0)
    venue.until(140.0)
    assert venue.said("arrived") == []


def test_who_waits_for_a_minute_before_a_portal_that_reads_through_the_wall_is_not_welcomed() -> None:
    venue = Venue(PORTAL)
    rng = Random(3)
    venue.reads("door", [], -70.0)
    for at in every(0.2, 100.0, 160.0):
        venue.read("door", at, -70.0 + rng.gauss(0.0, 2.0))
    venue.until(200.0)
    assert venue.said("arrived") == []


def test_a_portal_welcomes_who_walks_through_it_and_not_again_on_what_it_read_an_hour_ago() -> None:
    venue = Venue(PORTAL, PresenceSettings(linger_s=60.0))
    venue.reads("door", every(0.15, 100.0, 102.0), -55.0)
    venue.until(200.0)
    assert venue.said("arrived", "departed") == ["arrived", "departed"]
    venue.read("door", 900.0, -71.0)
    venue.until(950.0)
    assert venue.said("arrived", "departed") == ["arrived", "departed"]


def test_a_way_out_beside_the_way_in_sends_nobody_home_who_comes_in() -> None:
    venue = Venue(SIDE_BY_SIDE)
    for at in every(0.2, 100.0, 106.0):
        venue.read("door", at, -55.0)
        venue.read("out", at + 0.1, -62.0)
    venue.until(200.0)
    assert venue.said("arrived", "departed") == ["arrived"]


# --- going out -------------------------------------------------------------------------------------------------------


def test_who_goes_out_through_the_pair_has_left_within_ten_seconds_of_the_last_read() -> None:
    venue = Venue()
    comes_in(venue)
    venue.reads("door", every(0.2, 200.0, 202.0), -56.0)
    venue.reads("street", every(0.2, 202.0, 204.0), -60.0)
    venue.until(214.0)
    (left,) = [m for m in venue.moments if m.kind == "departed"]
    assert left.reason == "read at street on the way out"
    assert left.confidence >= 0.9


def test_who_smokes_before_the_door_has_left_while_still_read_there() -> None:
    venue = Venue()
    comes_in(venue)
    venue.reads("door", every(0.2, 200.0, 202.0), -56.0)
    venue.reads("street", every(0.2, 202.0, 230.0), -60.0)
    assert venue.said("departed") == ["departed"]
    assert venue.told_at["departed"] <= 215.0
    venue.reads("door", every(0.2, 240.0, 243.0), -56.0)
    last = venue.moments[-1]
    assert (last.kind, last.visit) == ("arrived", venue.moments[0].visit)
    assert "back after" in last.reason


def test_a_few_reads_through_the_wall_of_somebody_who_sits_inside_are_no_way_out() -> None:
    venue = Venue()
    sat = comes_in(venue)
    for n in range(5):
        venue.read("street", sat + 120.0 * (n + 1), -73.0)
    venue.until(sat + 700.0)
    assert venue.said("departed") == []


# --- lying badly -----------------------------------------------------------------------------------------------------


def test_a_tag_that_lies_badly_for_ten_minutes_has_not_left_where_the_door_would_have_read_it() -> None:
    venue = Venue()
    sat = comes_in(venue)
    venue.until(sat + 600.0)
    venue.reads("bar", every(0.3, sat + 600.0, sat + 620.0), -60.0)
    assert venue.said("arrived", "departed") == ["arrived"]
    assert venue.moments[-1].zone == "bar"


def test_who_is_read_inside_again_after_a_departure_that_no_door_saw_has_not_arrived_twice() -> None:
    venue = Venue()
    sat = comes_in(venue)
    venue.until(sat + SETTINGS.hold_s + 10.0)
    assert venue.said("departed") == ["departed"]
    venue.reads("bar", every(0.3, sat + 1200.0, sat + 1210.0), -58.0)
    assert venue.said("arrived", "departed", "moved")[-2:] == ["departed", "moved"]
    assert venue.said("arrived") == ["arrived"]
    again = venue.moments[-1]
    assert again.resumed
    assert (again.zone, again.visit) == ("bar", venue.moments[0].visit)
    assert "believed gone for 5 min" in again.reason
    assert venue.presence.where("c1") is not None


def test_who_comes_back_through_the_door_arrives_again_in_the_same_visit() -> None:
    venue = Venue()
    sat = comes_in(venue)
    venue.until(sat + SETTINGS.hold_s + 10.0)
    venue.reads("street", every(0.15, sat + 1200.0, sat + 1203.0), -60.0)
    venue.reads("door", every(0.15, sat + 1203.0, sat + 1206.0), -56.0)
    assert venue.said("arrived") == ["arrived", "arrived"]
    assert len({m.visit for m in venue.moments}) == 1


def test_a_tag_that_was_read_well_where_its_owner_sat_does_not_lie_badly_and_has_left_when_it_falls_silent() -> None:
    venue = Venue()
    sat = comes_in(venue)
    venue.reads("lounge", every(0.5, sat, sat + 120.0), -62.0)
    venue.until(sat + 120.0 + 60.0)
    assert venue.said("departed") == ["departed"]


def test_a_tag_that_was_believed_gone_and_was_not_is_given_more_time_from_then_on() -> None:
    venue = Venue()
    sat = comes_in(venue)
    venue.reads("lounge", every(0.5, sat, sat + 120.0), -62.0)
    venue.reads("lounge", every(0.5, sat + 300.0, sat + 420.0), -62.0)
    assert venue.said("arrived", "departed", "moved")[-2:] == ["departed", "moved"]
    venue.until(sat + 420.0 + SETTINGS.hold_s - 10.0)
    assert venue.said("departed") == ["departed"]
    assert venue.presence.where("c1") is not None


@pytest.mark.parametrize(("plan", "thing"), [(ROOM, TAG), (ROOM, PHONE)])
def test_where_no_door_would_have_seen_them_silence_is_a_departure_within_two_minutes(plan: Plan, thing: str) -> None:
    venue = Venue(plan)
    venue.reads("lounge", every(0.3, 100.0, 130.0), -60.0, thing)
    venue.until(130.0 + SETTINGS.cap_s + 1.0)
    assert venue.said("arrived", "departed") == ["arrived", "departed"]


def test_a_phone_that_falls_silent_has_left_though_the_keychain_beside_it_might_lie_badly() -> None:
    venue = Venue()
    sat = comes_in(venue)
    venue.reads("lounge", every(0.5, sat, sat + 60.0), -60.0, PHONE)
    venue.until(sat + 60.0 + SETTINGS.cap_s)
    assert venue.said("departed") == ["departed"]


def test_a_tag_that_only_the_door_has_read_is_missed_after_a_quarter_hour_where_rooms_read_tags() -> None:
    venue = Venue()
    comes_in(venue)
    venue.reads("street", every(0.15, 200.0, 203.0), -60.0, "epc:77", "c2")
    venue.reads("door", every(0.15, 203.0, 205.0), -56.0, "epc:77", "c2")
    venue.until(205.0 + SETTINGS.hold_s - 10.0)
    assert venue.presence.where("c2") is not None
    venue.until(205.0 + SETTINGS.hold_s + 10.0)
    assert venue.presence.where("c2") is None


# --- ways out --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("later", [0.2, 1.0, 20.0])
def test_who_goes_out_by_the_exit_right_after_coming_in_has_left_within_ten_seconds(later: float) -> None:
    venue = Venue(SIDE_BY_SIDE)
    venue.reads("door", every(0.05, 100.0, 101.5), -48.0)
    assert venue.said("arrived") == ["arrived"]
    venue.reads("out", every(0.05, 101.5 + later, 103.0 + later), -45.0)
    venue.until(101.5 + later + 10.0)
    assert venue.said("departed") == ["departed"]


def test_who_comes_in_past_a_way_out_beside_the_way_in_stays() -> None:
    venue = Venue(SIDE_BY_SIDE)
    for at in every(0.1, 100.0, 103.0):
        venue.read("out", at, -55.0)
        venue.read("door", at + 0.05, -52.0)
    venue.until(200.0)
    assert venue.said("arrived", "departed") == ["arrived"]


def test_who_is_read_on_the_way_in_again_after_the_way_out_beside_it_has_come_in() -> None:
    venue = Venue(SIDE_BY_SIDE)
    venue.reads("door", every(0.05, 100.0, 101.0), -52.0)
    venue.reads("out", every(0.05, 101.2, 101.6), -55.0)
    venue.reads("door", every(0.05, 101.6, 102.6), -52.0)
    venue.until(200.0)
    assert venue.said("arrived", "departed") == ["arrived"]


DOOR = Plan(zones=("hall",), readers={"street": ReaderPlace("outer"), "hall": ReaderPlace("inner", "hall")})


def stands(plan: Plan, seed: int, levels: dict[str, float], seconds: float = 60.0) -> Venue:
    """A keychain beacon that stays at one spot, heard by every reader at this mean level (dBm), 4 dB of fading."""
    venue, rng = Venue(plan), Random(seed)
    for at in every(1.5, 100.0, 100.0 + seconds):
        for reader, level in levels.items():
            venue.read(reader, at, round(rng.gauss(level, 4.0)), PHONE)
    venue.until(100.0 + seconds)
    return venue


def test_a_keychain_that_lies_inside_a_real_door_is_told_though_the_street_hears_it_nearly_as_well() -> None:
    told = [stands(DOOR, seed, {"street": -90.0, "hall": -87.0}).said("arrived") for seed in range(40)]
    assert sum(map(len, told)) >= 34
    assert max(map(len, told)) == 1


def test_a_keychain_that_lies_outside_a_real_door_is_not_told() -> None:
    for seed in range(40):
        assert not stands(DOOR, seed, {"street": -80.0, "hall": -88.0}).said("arrived")


def test_who_waits_before_the_door_of_a_room_for_ten_minutes_is_not_told() -> None:
    plan = Plan(zones=("hall", "shop"), readers={**DOOR.readers, "room": ReaderPlace("zone", "shop")})
    for seed in range(10):
        assert not stands(plan, seed, {"street": -70.0, "hall": -71.5, "room": -84.0}, 600.0).said("arrived")


def test_who_smokes_before_the_door_with_a_beacon_has_left_within_half_a_minute() -> None:
    plan = Plan(zones=("hall", "shop"), readers={**DOOR.readers, "room": ReaderPlace("zone", "shop")})
    for seed in range(10):
        venue = stands(plan, seed, {"street": -88.0, "hall": -84.0, "room": -70.0})
        rng = Random(seed)
        for at in every(1.5, 160.0, 190.0):
            for reader, level in {"street": -77.0, "hall": -91.0, "room": -94.0}.items():
                venue.read(reader, at, round(rng.gauss(level, 4.0)), PHONE)
        venue.until(190.0)
        assert len(venue.said("arrived")) == len(venue.said("departed")) == 1


def test_who_stays_inside_with_a_beacon_near_the_door_has_not_left() -> None:
    plan = Plan(zones=("hall", "shop"), readers={**DOOR.readers, "room": ReaderPlace("zone", "shop")})
    for seed in range(10):
        assert not stands(plan, seed, {"street": -82.0, "hall": -76.0, "room": -80.0}, 900.0).said("departed")


def test_who_walks_to_and_fro_before_the_door_is_weighed_by_the_door_and_the_rooms() -> None:
    """Loudest at the inner reader for seconds on end, loud in the street, and hardly heard in the room: not in yet."""
    plan = Plan(zones=("hall", "shop"), readers={**DOOR.readers, "room": ReaderPlace("zone", "shop")})
    for seed in range(10):
        rng, venue = Random(seed), Venue(plan)
        for n, at in enumerate(every(1.0, 100.0, 400.0)):
            sway = 6.0 if n // 8 % 2 else -6.0
            for reader, level in {"street": -64.0 - sway, "hall": -64.0 + sway, "room": -86.0 + sway}.items():
                venue.read(reader, at, round(rng.gauss(level, 3.0)), PHONE)
        venue.until(400.0)
        assert not venue.said("arrived")


def test_who_goes_by_far_off_in_the_street_is_not_in_the_room_that_hears_them_through_its_window() -> None:
    plan = Plan(zones=("hall", "shop"), readers={**DOOR.readers, "room": ReaderPlace("zone", "shop")})
    levels = {"street": -90.0, "hall": -94.0, "room": -89.0}
    assert sum(bool(stands(plan, seed, levels, 30.0).said("arrived")) for seed in range(20)) <= 4
