"""The numbers recognition works with; the defaults are meant for every venue."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PresenceSettings:
    """One set of numbers for all venues; times in seconds, levels in dB or dBm, probabilities from 0 to 1."""

    reentry_s: float = 600.0
    """Back within this time after a departure is the same visit."""
    linger_s: float = 7200.0
    """How long a visit lasts that only a portal has seen, if no exit read ends it."""
    floor_s: float = 20.0
    """No silence shorter than this is a departure."""
    cap_s: float = 120.0
    """Every silence longer than this is a departure, however seldom a credential speaks."""
    exit_s: float = 5.0
    """An exit read becomes a departure after this time, unless the customer is heard inside again."""
    late_s: float = 10.0
    """A sighting this much older than the present is history."""
    arrive_at: float = 0.9
    """So sure that somebody is inside before staff are told."""
    move_at: float = 0.9
    """So sure of another zone before a customer is said to have moved."""
