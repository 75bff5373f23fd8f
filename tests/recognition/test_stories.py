"""Stories from the floor, told to recognition in sightings."""

from __future__ import annotations

from random import Random

import pytest

from gateway.recognition.left_behind import LeftBehindWatch
from gateway.recognition.plan import Plan, ReaderPlace

from .venue import PHONE, PORTAL, TAG, Venue, every

BEACON = "ibeacon:5349-1-1"


def test_three_readers_see_one_vip_and_one_arrival_is_told() -> None:
    venue = Venue()
    for at in every(0.2, 100.0, 130.0):
        venue.read("door", at, -55.0)
        venue.read("lounge", at + 0.01, -70.0, PHONE)
        venue.read("bar", at + 0.02, -74.0, PHONE)
    assert venue.said("arrived") == ["arrived"]


def test_five_window_passes_are_no_visit() -> None:
    venue = Venue()
    rng = Random(5)
    for k in range(5):
        start = 100.0 + 120.0 * k
        for at in every(0.07, start, start + 4.0):
            venue.read("street", at, -58.0 + rng.gauss(0, 4))
            if rng.random() < 0.03:
                venue.read("door", at + 0.01, -73.0 + rng.gauss(0, 2))
        venue.until(start + 60.0)
    assert "arrived" not in venue.said()
    assert venue.said("hinted") == ["hinted"]


def test_coming_in_through_the_door_arrives_within_two_seconds_of_being_inside() -> None:
    venue = Venue()
    venue.reads("street", every(0.07, 100.0, 103.0), -55.0)
    venue.reads("door", every(0.07, 103.0, 106.0), -55.0)
    (arrived,) = [m for m in venue.moments if m.kind == "arrived"]
    assert 103.0 < arrived.at <= 105.0


def test_a_few_faint_reads_inside_after_many_outside_are_an_arrival_when_nobody_outside_hears_them_any_more() -> None:
    venue = Venue()
    venue.reads("street", every(0.1, 100.0, 103.0), -66.0)
    venue.reads("door", every(0.15, 103.0, 104.2), -70.0)
    venue.until(110.0)
    assert venue.said("arrived") == ["arrived"]


def test_one_faint_read_through_the_wall_at_a_portal_is_no_arrival() -> None:
    venue = Venue(PORTAL)
    venue.read("door", 100.0, -75.0)
    venue.until(160.0)
    assert "arrived" not in venue.said()


def test_leaving_by_the_exit_is_told_within_ten_seconds_though_the_room_still_hears_the_phone() -> None:
    venue = Venue()
    venue.reads("lounge", every(0.5, 100.0, 160.0), -60.0, PHONE)
    for n, at in enumerate(every(0.5, 160.0, 180.0)):
        venue.read("lounge", at, max(-85.0, -62.0 - n), PHONE)
        if n < 6:
            venue.read("out", at + 0.1, -50.0, TAG)
    (departed,) = [m for m in venue.moments if m.kind == "departed"]
    assert departed.evidence["kind"] == "exit"
    assert venue.said("arrived") == ["arrived"]
    assert venue.told_at["departed"] <= 170.0


def test_a_reflection_at_the_exit_sends_nobody_away() -> None:
    venue = Venue()
    for at in every(0.5, 100.0, 200.0):
        venue.read("lounge", at, -60.0, TAG)
        if at == 150.0:
            venue.read("out", at, -74.0, TAG)
    assert "departed" not in venue.said()


def test_who_turns_back_at_the_exit_stays() -> None:
    venue = Venue()
    venue.reads("lounge", every(0.5, 100.0, 160.0), -60.0, PHONE)
    venue.read("out", 160.0, -55.0, TAG)
    venue.reads("lounge", every(0.5, 160.2, 200.0), -60.0, PHONE)
    assert "departed" not in venue.said()


def test_a_keychain_that_pauses_for_forty_seconds_has_not_left() -> None:
    venue = Venue()
    venue.reads("lounge", every(1.0, 100.0, 400.0), -60.0, BEACON)
    venue.reads("lounge", every(1.0, 440.0, 500.0), -60.0, BEACON)
    assert "departed" not in venue.said()
    venue.until(565.0)
    assert venue.said("departed") == ["departed"]


def test_a_burst_of_forty_five_copies_counts_as_one_read() -> None:
    venue = Venue()
    for n in range(45):
        venue.read("bar", 100.0 + n / 10_000, -80.0, PHONE)
    venue.until(100.4)
    assert "arrived" not in venue.said()


def test_all_reads_of_a_reader_whose_clock_has_whole_seconds_count() -> None:
    venue = Venue()
    for at in every(3.0, 100.0, 160.0):
        venue.read("street", at, -88.0, BEACON)
        for level in (-91.0, -84.0, -83.0):  # the first of them alone is fainter than in the street
            venue.read("door", at, level, BEACON)
    assert venue.said("arrived") == ["arrived"]


def test_two_reads_with_one_time_sent_again_and_again_are_two() -> None:
    once, again = Venue(), Venue()
    for venue, times in ((once, 1), (again, 45)):
        for _ in range(times):
            for level in (-80.0, -74.0):
                venue.read("door", 100.0, level, BEACON)
        venue.until(104.0)
    levels = [[(s.count, s.mean) for s in v.presence._tracks.by_customer["c1"].signals()] for v in (once, again)]
    assert levels[0] == levels[1] == [(2, -77.0)]


def test_a_read_through_the_wall_sent_ten_times_by_a_broker_that_is_back_brings_in_nobody() -> None:
    venue = Venue()
    venue.reads("street", every(0.1, 97.0, 100.0), -66.0)
    for n in range(10):
        venue.read("door", 100.0 + n / 10_000, -72.0)
    venue.until(115.0)
    assert "arrived" not in venue.said()


def test_a_portal_customer_is_still_here_after_a_restart() -> None:
    venue = Venue(PORTAL)
    venue.until(1000.0)
    venue.presence.restore("c1", "v-old", "entrance", 400.0, 400.0, 1000.0)
    venue.until(2000.0)
    assert venue.presence.where("c1") is not None


def test_a_portal_visit_ends_by_itself_in_the_end() -> None:
    venue = Venue(PORTAL)
    venue.reads("door", every(0.1, 100.0, 102.0))
    venue.until(100.0 + 7300.0)
    assert venue.presence.where("c1") is None


def test_the_antennas_of_one_reader_are_places_of_their_own() -> None:
    plan = Plan(("entrance", "counter"), {"r": ReaderPlace("zone", None, {1: "entrance", 2: "counter"})})
    venue = Venue(plan)
    venue.reads("r", every(0.2, 100.0, 104.0), -55.0, antenna=1)
    venue.reads("r", every(0.2, 104.0, 112.0), -55.0, antenna=2)
    assert [m.zone for m in venue.moments if m.kind in ("arrived", "moved")] == ["entrance", "counter"]


def test_readers_without_levels_are_enough() -> None:
    venue = Venue()
    venue.reads("lounge", every(0.5, 100.0, 106.0), None, "em:0700ABCDEF")
    assert venue.said("arrived") == ["arrived"]


def test_who_sits_between_two_readers_does_not_wander() -> None:
    venue = Venue()
    rng = Random(7)
    for at in every(0.5, 100.0, 1900.0):
        for reader in ("lounge", "bar"):
            venue.read(reader, at, -65.0 + rng.gauss(0, 3.0), PHONE)
    assert venue.said("arrived") == ["arrived"]
    assert len(venue.said("moved")) <= 1


def test_an_identifier_given_to_somebody_else_is_theirs() -> None:
    venue = Venue()
    venue.reads("lounge", every(0.5, 100.0, 110.0), -60.0, PHONE)
    venue.reads("lounge", every(0.5, 110.0, 120.0), -60.0, PHONE, customer="c2")
    assert venue.presence.where("c2") is not None
    assert venue.presence.whereabouts("c1") == []


def test_each_thing_is_somewhere_by_itself() -> None:
    venue = Venue()
    for at in every(0.5, 100.0, 120.0):
        venue.read("lounge", at, -55.0, BEACON)
        venue.read("bar", at + 0.1, -55.0, PHONE)
    assert {w.identifier: w.zone for w in venue.presence.whereabouts("c1")} == {BEACON: "lounge", PHONE: "bar"}


@pytest.mark.parametrize("kind", ["arrived", "moved", "departed", "hinted"])
def test_every_moment_has_a_reason_without_an_identifier_and_a_probability(kind: str) -> None:
    venue = Venue()
    venue.reads("street", every(0.5, 95.0, 100.0), -60.0, PHONE)
    venue.reads("lounge", every(0.5, 100.0, 120.0), -60.0, PHONE)
    venue.reads("bar", every(0.5, 120.0, 150.0), -60.0, PHONE)
    venue.until(1200.0)
    moment = next(m for m in venue.moments if m.kind == kind)
    assert moment.reason
    assert PHONE not in moment.reason
    assert 0.0 <= moment.confidence <= 1.0
    assert moment.visit == venue.moments[0].visit


def test_a_broker_that_sends_one_read_again_and_again_adds_no_evidence() -> None:
    venue = Venue()
    for n in range(60):
        venue.until(100.0 + n / 10)
        venue.read("bar", 100.0, -75.0, PHONE)
    assert "arrived" not in venue.said()


def test_a_reflection_at_the_exit_does_not_end_a_portal_visit() -> None:
    venue = Venue(PORTAL)
    venue.reads("door", every(0.1, 100.0, 102.0))
    venue.read("out", 300.0, -74.0)
    venue.until(900.0)
    assert venue.presence.where("c1") is not None


def test_a_poor_antenna_is_believed_when_it_hears_somebody_come_nearer() -> None:
    venue = Venue()
    for n, at in enumerate(every(0.5, 100.0, 160.0)):
        gone = min(1.0, max(0.0, (n - 60) / 20))
        venue.read("lounge", at, -55.0 - 15.0 * gone, PHONE)
        venue.read("bar", at + 0.01, -83.0 + 12.0 * gone, PHONE)
    assert [m.zone for m in venue.moments if m.kind == "moved"] == ["bar"]


def test_who_sat_for_long_and_walks_up_to_a_reader_that_never_heard_them_is_there_in_seconds() -> None:
    venue = Venue()
    venue.reads("lounge", every(0.5, 100.0, 400.0), -66.0, PHONE)
    for at in every(0.5, 400.0, 410.0):
        venue.read("lounge", at, -69.0, PHONE)
        venue.read("bar", at + 0.01, -52.0, PHONE)
    (moved,) = [m for m in venue.moments if m.kind == "moved"]
    assert moved.at <= 407.0


def test_who_is_erased_while_away_does_not_go_on_with_the_old_visit() -> None:
    venue = Venue()
    venue.reads("lounge", every(0.5, 100.0, 130.0), -60.0, PHONE)
    venue.until(250.0)
    assert venue.presence.end("c1", 251.0, "erased") is None
    venue.reads("lounge", every(0.5, 260.0, 270.0), -60.0, PHONE)
    first, second = [m.visit for m in venue.moments if m.kind == "arrived"]
    assert first != second


def test_a_lone_strong_read_inside_arrives_in_a_venue_of_many_zones_too() -> None:
    venue = Venue()
    venue.read("door", 100.0, -50.0)
    venue.until(106.0)
    assert [m.zone for m in venue.moments if m.kind == "arrived"] == ["entrance"]


def test_a_phone_that_a_room_hears_once_is_not_in_it() -> None:
    venue = Venue()
    venue.read("bar", 100.0, -75.0, PHONE)
    venue.until(110.0)
    assert "arrived" not in venue.said()


def test_a_tag_read_now_and_then_inside_while_it_waits_in_the_street_stays_outside() -> None:
    venue = Venue()
    rng = Random(11)
    for at in every(0.07, 100.0, 160.0):
        venue.read("street", at, -56.0 + rng.gauss(0, 4))
        if rng.random() < 0.15:
            venue.read("door", at + 0.01, -66.0 + rng.gauss(0, 5))
    venue.until(175.0)
    assert "arrived" not in venue.said()


def test_a_few_faint_reads_inside_at_the_end_of_many_on_both_sides_are_chance() -> None:
    venue = Venue()
    for n, at in enumerate(every(0.1, 100.0, 104.0)):
        venue.read("door" if n % 3 == 0 else "street", at, -70.0)
    venue.reads("door", every(0.1, 104.1, 104.7), -72.0)
    venue.until(115.0)
    assert "arrived" not in venue.said()


def test_who_goes_by_while_the_reader_in_the_street_is_dead_does_not_arrive() -> None:
    venue = Venue()
    venue.reads("street", every(0.8, 50.0, 60.0), -60.0, BEACON, "c9")
    venue.presence.reader_lost("street", 90.0)
    venue.reads("door", every(0.8, 100.0, 115.0), -74.0, BEACON)
    venue.until(130.0)
    assert "arrived" not in venue.said()


def test_who_comes_close_to_a_reader_inside_arrives_though_the_one_in_the_street_is_dead() -> None:
    venue = Venue()
    venue.presence.reader_lost("street", 90.0)
    venue.reads("door", every(0.8, 100.0, 108.0), -57.0, BEACON)
    assert venue.said("arrived") == ["arrived"]


def test_who_stays_inside_arrives_in_the_end_though_the_reader_in_the_street_is_dead() -> None:
    venue = Venue()
    venue.presence.reader_lost("street", 90.0)
    venue.reads("lounge", every(0.5, 100.0, 160.0), -74.0, PHONE)
    assert venue.said("arrived") == ["arrived"]
    assert venue.told_at["arrived"] >= 115.0


def test_a_dead_reader_of_tags_in_the_street_says_nothing_of_phones() -> None:
    venue = Venue()
    venue.reads("street", every(0.1, 50.0, 51.0), -60.0, TAG, "c9")
    venue.presence.reader_lost("street", 90.0)
    venue.reads("lounge", every(0.5, 100.0, 104.0), -74.0, PHONE)
    assert venue.said("arrived") == ["arrived"]


def test_nobody_is_said_to_have_moved_to_a_room_that_no_longer_hears_them() -> None:
    venue = Venue()
    venue.reads("lounge", every(0.07, 106.0, 107.2), -50.0)
    venue.reads("bar", every(0.07, 118.19, 119.31), -60.0)
    venue.reads("door", every(3.0, 130.31, 145.4), -76.0)
    assert [m.zone for m in venue.moments if m.kind == "arrived"] == ["lounge"]
    assert all(m.at < 121.0 for m in venue.moments if m.kind == "moved" and m.zone == "bar")


def test_a_beacon_one_of_whose_channels_is_in_a_hole_is_where_its_other_two_say() -> None:
    venue = Venue()
    for n, at in enumerate(every(0.5, 100.0, 400.0)):
        for antenna in range(4):
            venue.read("lounge", at, -88.0 if n % 3 == 0 else -64.0, BEACON, antenna=antenna)  # the mean is -72
            venue.read("bar", at + 0.002, -71.0, BEACON, antenna=antenna)
    assert [m.zone for m in venue.moments if m.kind in ("arrived", "moved")][-1] == "lounge"
    assert venue.presence.where("c1").confidence > 0.9  # type: ignore[union-attr]


def test_keys_left_on_the_table_are_told_once_and_are_no_second_visit() -> None:
    venue, watch, chance = Venue(), LeftBehindWatch(), Random(2)
    told = []
    for at in every(0.5, 100.0, 900.0):
        phone, other = ("lounge", "bar") if at < 400.0 else ("bar", "lounge")
        venue.read(phone, at, -58.0 + chance.gauss(0, 4), PHONE)
        venue.read(other, at + 0.003, -72.0 + chance.gauss(0, 4), PHONE)
        venue.read("lounge", at + 0.1, -57.0 + chance.gauss(0, 3), TAG)
        news = watch.consider("c1", venue.presence.whereabouts("c1"), at)
        told += [news] if news is not None else []
    assert venue.said("arrived", "departed") == ["arrived"]
    assert [(t.stays, t.stays_in, t.goes, t.goes_in) for t in told] == [(TAG, "lounge", PHONE, "bar")]
