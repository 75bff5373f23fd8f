"""Silence has three meanings: gone, quiet but probably here, and a reader that is lost."""

from __future__ import annotations

import pytest

from gateway.recognition.plan import Plan, ReaderPlace
from tests.recognition.venue import PHONE, Venue, every

ROOMS = Plan(
    zones=("lounge", "bar"),
    readers={"lounge": ReaderPlace("zone", "lounge"), "bar": ReaderPlace("zone", "bar")},
)


def come_in(venue: Venue) -> None:
    """From the street through the door into the lounge, with a phone."""
    venue.reads("street", every(0.5, 90.0, 100.0), -60.0, PHONE)
    venue.reads("door", every(0.5, 100.0, 104.0), -60.0, PHONE)
    venue.reads("lounge", every(0.5, 104.0, 160.0), -60.0, PHONE)


@pytest.mark.parametrize("silence", [180.0, 420.0])
def test_a_phone_that_sleeps_deep_inside_has_not_left_and_nothing_rings_when_it_wakes(silence: float) -> None:
    venue = Venue()
    come_in(venue)
    for start in (160.0, 800.0, 1440.0):
        venue.until(start + silence)
        here = venue.presence.where("c1")
        assert here is not None
        assert here.quiet
        venue.reads("lounge", every(0.5, start + silence, start + 640.0), -60.0, PHONE)
        assert venue.presence.where("c1").quiet is False  # type: ignore[union-attr]
    assert venue.said("arrived", "departed") == ["arrived"]


def test_a_phone_that_stays_silent_has_left_at_last() -> None:
    venue = Venue()
    come_in(venue)
    venue.until(160.0 + 880.0)
    assert venue.presence.where("c1") is not None
    venue.until(160.0 + 920.0)
    assert venue.said("departed") == ["departed"]


def test_a_phone_that_slept_and_leaves_by_the_door_has_left_within_a_minute() -> None:
    venue = Venue()
    come_in(venue)
    for n, at in enumerate(every(0.5, 400.0, 412.0)):
        venue.read("door", at, -70.0 if n < 12 else -85.0, PHONE)
        venue.read("street", at + 0.01, -80.0 if n < 8 else -62.0, PHONE)
    venue.until(470.0)
    assert venue.said("departed") == ["departed"]


def test_where_nobody_listens_in_the_street_silence_still_means_gone() -> None:
    venue = Venue(ROOMS)
    venue.reads("lounge", every(0.5, 100.0, 160.0), -60.0, PHONE)
    venue.until(300.0)
    assert venue.said("departed") == ["departed"]


def test_a_phone_that_came_back_after_a_silence_is_given_that_time_from_then_on() -> None:
    venue = Venue(ROOMS)
    venue.reads("lounge", every(0.5, 100.0, 160.0), -60.0, PHONE)
    venue.reads("lounge", every(0.5, 340.0, 400.0), -60.0, PHONE)
    assert venue.said("departed") == ["departed"]
    venue.reads("lounge", every(0.5, 580.0, 640.0), -60.0, PHONE)
    assert venue.said("departed") == ["departed"]
    venue.until(1100.0)
    assert venue.said("departed") == ["departed", "departed"]
