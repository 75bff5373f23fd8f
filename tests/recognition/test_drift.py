from __future__ import annotations

from random import Random

from gateway.recognition.plan import Plan, ReaderPlace

from .venue import PHONE, Venue, every

HALL = Plan(
    ("hall", "bar"),
    {"a": ReaderPlace("zone", "hall"), "b": ReaderPlace("zone", "hall"), "c": ReaderPlace("zone", "bar")},
)


def sit(venue: Venue, start: float, minutes: int, b_dbm: float, seed: int) -> None:
    rng = Random(seed)
    for at in every(2.0, start, start + 60.0 * minutes):
        for reader, level in (("a", -60.0), ("b", b_dbm), ("c", -72.0)):
            venue.read(reader, at, level + rng.gauss(0, 2), PHONE)


def test_a_reader_that_was_covered_is_reported_and_the_others_are_not() -> None:
    venue = Venue(HALL)
    sit(venue, 100.0, 300, -62.0, 1)
    assert venue.presence.drifts() == {}
    sit(venue, 18100.0, 40, -74.0, 2)
    (reader,) = venue.presence.drifts()
    assert reader == "b"
    assert -12.0 <= venue.presence.drifts()["b"] <= -6.0
    assert venue.said("arrived") == ["arrived"]


def test_what_an_antenna_has_lost_is_made_up_for_and_what_it_gained_is_not() -> None:
    venue = Venue(HALL)
    sit(venue, 100.0, 300, -62.0, 1)
    sit(venue, 18100.0, 60, -74.0, 2)
    (b,) = [link for link in venue.presence._tracks.of("c1").signals() if link.reader == "b"]
    assert 8.0 <= b.lost_db <= 13.0
    assert all(link.lost_db == 0.0 for link in venue.presence._tracks.of("c1").signals() if link.reader != "b")
    louder = Venue(HALL)
    sit(louder, 100.0, 300, -62.0, 1)
    sit(louder, 18100.0, 60, -50.0, 2)
    assert louder.presence.drifts()["b"] >= 8.0
    assert all(link.lost_db == 0.0 for link in louder.presence._tracks.of("c1").signals())


def test_a_loss_that_lasts_does_not_become_usual() -> None:
    venue = Venue(HALL)
    sit(venue, 100.0, 300, -62.0, 1)
    sit(venue, 18100.0, 700, -74.0, 2)
    assert -14.0 <= venue.presence.drifts()["b"] <= -9.0
