"""What staff would notice: who is said to be here, when, and why."""

from __future__ import annotations

from .venue import PHONE, PORTAL, TAG, Venue, every


def test_a_stream_of_reads_at_the_door_arrives_within_two_seconds_with_a_reason() -> None:
    venue = Venue()
    venue.reads("door", every(0.1, 100.0, 103.0))
    (arrived,) = [m for m in venue.moments if m.kind == "arrived"]
    assert arrived.at - 100.0 <= 2.0
    assert arrived.zone == "entrance"
    assert arrived.confidence >= 0.9
    assert "door" in arrived.reason
    assert arrived.evidence["reader"] == "door"


def test_one_read_in_a_hundred_is_not_an_arrival_but_a_tap_is() -> None:
    venue = Venue()
    assert venue.read("bar", 100.0, -85.0, PHONE) is None or venue.moments[-1].kind == "hinted"
    venue = Venue()
    moment = venue.read("desk", 100.0, None, "nfc:04A1")
    assert moment is not None
    assert (moment.kind, moment.zone, moment.reason) == ("arrived", "entrance", "tapped at desk")


def test_the_street_alone_never_arrives_but_may_hint_once() -> None:
    venue = Venue()
    venue.reads("street", every(0.2, 100.0, 160.0), -50.0)
    assert "arrived" not in venue.said()
    assert venue.said().count("hinted") == 1


def test_a_keychain_louder_outside_stays_outside() -> None:
    venue = Venue()
    for at in every(0.2, 100.0, 130.0):
        venue.read("street", at, -55.0)
        venue.read("door", at + 0.05, -66.0)
    assert "arrived" not in venue.said()


def test_a_lone_strong_read_at_a_portal_opens_a_visit_after_a_moment() -> None:
    venue = Venue(PORTAL)
    venue.read("door", 100.0, -55.0)
    venue.until(104.0)
    assert venue.said("arrived") == ["arrived"]
    assert venue.moments[-1].reason.startswith("1 read at door")


def test_a_portal_visit_lasts_until_the_exit() -> None:
    venue = Venue(PORTAL)
    venue.reads("door", every(0.1, 100.0, 102.0))
    venue.until(1900.0)
    assert venue.presence.where("c1") is not None
    venue.reads("out", every(0.1, 1900.0, 1901.0))
    venue.until(1911.0)
    assert venue.presence.where("c1") is None
    assert venue.moments[-1].evidence["kind"] == "exit"


def test_moving_to_another_zone_is_told_once() -> None:
    venue = Venue()
    for at in every(1.0, 100.0, 120.0):
        venue.read("lounge", at, -60.0, PHONE)
        venue.read("bar", at + 0.01, -75.0, PHONE)
    for at in every(1.0, 120.0, 150.0):
        venue.read("lounge", at, -75.0, PHONE)
        venue.read("bar", at + 0.01, -60.0, PHONE)
    assert venue.said("arrived", "moved") == ["arrived", "moved"]
    assert venue.moments[-1].zone == "bar"
    assert venue.moments[-1].at - 120.0 <= 5.0


def test_silence_becomes_a_departure_within_a_minute_and_not_within_twenty_seconds() -> None:
    venue = Venue()
    venue.reads("lounge", every(1.0, 100.0, 160.0), -60.0, PHONE)
    venue.until(178.0)
    assert venue.presence.where("c1") is not None
    venue.until(220.0)
    assert venue.presence.where("c1") is None
    assert venue.moments[-1].reason.startswith("not heard for")


def test_coming_back_soon_is_the_same_visit_and_later_is_another() -> None:
    venue = Venue()
    for start in (100.0, 400.0, 2000.0):
        venue.reads("lounge", every(1.0, start, start + 30.0), -60.0, PHONE)
    arrivals = [m for m in venue.moments if m.kind == "arrived"]
    assert len(arrivals) == 3
    assert arrivals[0].visit == arrivals[1].visit != arrivals[2].visit
    assert "back" in arrivals[1].reason
    assert "back" not in arrivals[2].reason


def test_keychain_and_phone_are_one_person() -> None:
    venue = Venue()
    for at in every(0.5, 100.0, 110.0):
        venue.read("door", at, -55.0, TAG)
        venue.read("door", at + 0.1, -60.0, PHONE)
    assert venue.said("arrived") == ["arrived"]
    assert len(venue.presence.here()) == 1


def test_the_same_read_again_is_no_more_evidence() -> None:
    venue = Venue()
    for _ in range(100):
        venue.read("bar", 100.0, -84.0, PHONE)
    assert "arrived" not in venue.said()


def test_a_broker_that_replays_the_past_raises_no_alarm() -> None:
    venue = Venue()
    venue.until(1000.0)
    venue.reads("door", every(0.1, 900.0, 960.0))
    venue.until(1010.0)
    assert venue.moments == []


def test_a_reader_that_dies_is_not_a_crowd_that_left() -> None:
    venue = Venue()
    for n in range(20):
        venue.reads("lounge", every(1.0, 100.0 + n / 100, 120.0), -60.0, f"irk:{n:032x}", f"c{n}")
    assert len(venue.presence.here()) == 20
    venue.presence.reader_lost("lounge", 121.0)
    venue.until(300.0)
    assert len(venue.presence.here()) == 20
    venue.presence.reader_back("lounge", 300.0)
    venue.until(310.0)
    assert len(venue.presence.here()) == 20
    venue.until(400.0)
    assert venue.presence.here() == []


def test_ending_removes_a_customer_at_once_and_no_return_joins_it() -> None:
    venue = Venue()
    venue.reads("lounge", every(1.0, 100.0, 110.0), -60.0, PHONE)
    moment = venue.presence.end("c1", 111.0, "consent revoked")
    assert moment is not None
    assert (moment.kind, moment.reason) == ("departed", "consent revoked")
    assert venue.presence.where("c1") is None
    assert venue.presence.end("c1", 112.0, "consent revoked") is None


def test_a_restart_restores_without_greeting_and_merges_returns() -> None:
    venue = Venue()
    venue.presence.restore("c1", "v-old", "lounge", 50.0, 90.0, 1000.0)
    venue.presence.recent("c2", "v-two", 900.0)
    venue.reads("lounge", every(1.0, 1000.0, 1010.0), -60.0, PHONE)
    assert venue.said() == []
    here = venue.presence.where("c1")
    assert here is not None
    assert (here.visit, here.zone, here.since) == ("v-old", "lounge", 50.0)
    venue.reads("lounge", every(1.0, 1010.0, 1020.0), -60.0, "irk:77", "c2")
    assert [m.visit for m in venue.moments if m.kind == "arrived"] == ["v-two"]


def test_a_restored_customer_who_is_gone_leaves_by_silence_counted_from_the_restart() -> None:
    venue = Venue()
    venue.until(1000.0)
    venue.presence.restore("c1", "v-old", "lounge", 50.0, 90.0, 1000.0)
    venue.until(1015.0)
    assert venue.presence.where("c1") is not None
    venue.until(1121.0)
    assert venue.presence.where("c1") is None
    assert venue.moments[-1].at == 90.0


def test_a_reader_that_is_not_in_the_plan_says_nothing() -> None:
    venue = Venue()
    venue.reads("unknown", every(0.1, 100.0, 110.0))
    assert venue.moments == []
    assert venue.presence.here() == []
