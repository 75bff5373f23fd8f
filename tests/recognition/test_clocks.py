from __future__ import annotations

from .venue import PHONE, Venue, every


def test_a_reader_whose_clock_is_forty_seconds_slow_is_believed_once_it_is_proven() -> None:
    venue = Venue()
    for at in every(0.5, 100.0, 130.0):
        venue.until(at)
        venue.presence.see(venue.sighting("lounge", at - 40.0, PHONE), "c1")
    assert venue.presence.where("c1") is not None
    assert abs(venue.presence.clock_shifts()["lounge"] - 40.0) < 1.0


def test_a_reader_whose_clock_is_fast_neither_stops_time_nor_keeps_anybody_here() -> None:
    venue = Venue()
    for at in every(0.5, 100.0, 130.0):
        venue.until(at)
        venue.presence.see(venue.sighting("lounge", at + 40.0, PHONE), "c1")
        venue.presence.see(venue.sighting("bar", at, "irk:02"), "c2")
    assert {h.customer for h in venue.presence.here()} == {"c1", "c2"}
    assert abs(venue.presence.clock_shifts()["lounge"] + 40.0) < 2.0
    venue.until(200.0)
    assert venue.presence.here() == []


def test_a_queue_that_is_emptied_after_an_outage_is_no_slow_clock_and_no_news() -> None:
    venue = Venue()
    venue.until(1000.0)
    for n in range(600):  # a minute of two readings a second and more, sent within six seconds
        venue.until(1000.0 + n / 100)
        venue.presence.see(venue.sighting("lounge", 900.0 + n / 10, PHONE), "c1")
    venue.until(1010.0)
    assert venue.presence.clock_shifts() == {}
    assert venue.moments == []
