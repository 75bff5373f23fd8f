"""Who is expected is likelier to be coming in, and is not inside because of it."""

from __future__ import annotations

from gateway.recognition.expected import ExpectedVisit
from tests.recognition.venue import PHONE, Venue, every

T0 = 100_000.0


def lingers(venue: Venue, lead: float, seconds: float = 40.0) -> None:
    """At the door, heard inside so many dB better than in the street."""
    venue.until(T0 - 5.0)
    for at in every(0.5, T0, T0 + seconds):
        venue.read("street", at, -70.0, PHONE)
        venue.read("door", at + 0.01, -70.0 + lead, PHONE)


def told(lead: float, expected: tuple[float, float] | None) -> float | None:
    venue = Venue()
    venue.now = T0 - 6.0
    if expected is not None:
        venue.presence.beside.expected.put(ExpectedVisit("e1", "c1", "c1", *expected))
    lingers(venue, lead)
    return venue.told_at.get("arrived")


def test_being_expected_decides_what_was_nearly_sure() -> None:
    leads = [n / 4 for n in range(16, 33)]
    sooner = [lead for lead in leads if told(lead, (T0, T0 + 60.0)) and not told(lead, None)]
    assert sooner, "an expected customer is told on evidence that is not enough for a stranger"
    for lead in leads:
        plain, expected = told(lead, None), told(lead, (T0, T0 + 60.0))
        assert plain is None or (expected is not None and expected <= plain)


def test_nobody_is_inside_because_they_are_expected() -> None:
    for lead in (-10.0, -3.0, 0.0, 3.0):
        assert told(lead, (T0, T0 + 60.0)) is None


def test_another_day_is_another_matter() -> None:
    leads = [n / 4 for n in range(16, 33)]
    assert [told(lead, (T0 + 86_400.0, T0 + 90_000.0)) for lead in leads] == [told(lead, None) for lead in leads]
