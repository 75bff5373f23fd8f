"""Staff say where somebody is: that holds against readers which say otherwise, and not against feet."""

from __future__ import annotations

from random import Random

import pytest

from gateway.recognition.learnt import Learnt
from gateway.recognition.moments import Evidence
from gateway.recognition.track import TOLD_S
from gateway.recognition.walker import Walker

from .venue import PHONE, PLAN, TAG, Venue, every

SEEN: Evidence = {"kind": "seen", "by": "anna", "from": "lounge"}
LOUNGE = {"lounge": -58.0, "bar": -70.0}
BAR = {"lounge": -72.0, "bar": -56.0}


def sits(venue: Venue, start: float, seconds: float, levels: dict[str, float], seed: int = 1) -> None:
    """Who stays where readers hear so much of them."""
    rng = Random(seed)
    for at in every(0.5, start, start + seconds):
        for reader, level in levels.items():
            venue.read(reader, at, level + rng.gauss(0.0, 2.0), PHONE)


def walks(venue: Venue, start: float, seconds: float, one: dict[str, float], other: dict[str, float]) -> None:
    """Who goes from where readers hear the one into where they hear the other."""
    for at in every(0.5, start, start + seconds):
        done = (at - start) / seconds
        for reader in one:
            venue.read(reader, at, one[reader] + done * (other[reader] - one[reader]), PHONE)


def zone(venue: Venue) -> str:
    here = venue.presence.where("c1")
    assert here is not None
    return here.zone


@pytest.fixture
def venue() -> Venue:
    """Somebody is in the bar, whom the lounge hears better, and staff have said so."""
    venue = Venue()
    sits(venue, 100.0, 30.0, LOUNGE)
    assert zone(venue) == "lounge"
    venue.presence.placed("c1", "bar", 130.0, SEEN)
    return venue


def test_it_is_so_at_once_and_says_how_it_is_known(venue: Venue) -> None:
    here = venue.presence.where("c1")
    assert here is not None
    assert (here.zone, here.since, here.reason, here.evidence) == ("bar", 130.0, "seen there by staff", SEEN)
    assert here.confidence == 1.0


def test_it_holds_against_readers_for_some_minutes_and_not_for_ever(venue: Venue) -> None:
    before = len(venue.moments)
    sits(venue, 131.0, TOLD_S - 5.0, LOUNGE)
    assert (zone(venue), venue.moments[before:]) == ("bar", [])
    sits(venue, 131.0 + TOLD_S, 60.0, LOUNGE)
    assert zone(venue) == "lounge"


def test_it_does_not_hold_who_walks_on(venue: Venue) -> None:
    sits(venue, 131.0, 30.0, LOUNGE)
    walks(venue, 161.0, 6.0, LOUNGE, {"lounge": -80.0, "bar": -80.0})
    walks(venue, 167.0, 6.0, {"lounge": -80.0, "bar": -80.0}, LOUNGE)
    sits(venue, 173.0, 30.0, LOUNGE)
    assert zone(venue) == "lounge"


def test_a_tap_is_later_and_surer(venue: Venue) -> None:
    venue.read("desk", 140.0, None, TAG)
    assert zone(venue) == "entrance"


def test_who_has_left_or_was_never_here_is_nowhere() -> None:
    venue = Venue()
    venue.presence.placed("c1", "bar", 100.0, SEEN)
    assert venue.presence.where("c1") is None
    sits(venue, 100.0, 30.0, LOUNGE)
    venue.presence.placed("c1", "cellar", 130.0, SEEN)
    assert zone(venue) == "lounge"


def test_who_walks_with_a_test_tag_teaches_and_is_nobody() -> None:
    venue = Venue()
    walker = Walker(venue.presence)
    assert not walker.stands_in("bar", 100.0), "nothing was heard"
    rng = Random(3)
    for at in every(0.5, 100.0, 112.0):
        for reader, level in BAR.items():
            walker.hear(venue.sighting(reader, at, PHONE, level + rng.gauss(0.0, 2.0)))
    assert walker.stands_in("bar", 112.0)
    assert not walker.stands_in("cellar", 112.0)
    assert not walker.stands_in("bar", 160.0), "what was heard is too old to say where the tag is"
    spots = venue.presence.learnt.document()["rooms"]["beacons"]
    assert list(spots) == ["bar"]
    ((spot),) = spots["bar"]
    assert {reader: round(level, -1) for reader, _, level in spot["levels"]} == {"lounge": -70.0, "bar": -60.0}
    assert venue.presence.here() == []
    again = Learnt(PLAN)
    again.take_back(venue.presence.learnt.document())
    assert again.document() == venue.presence.learnt.document()
