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
    self_reported_s: float = 43_200.0
    """How long a phone that said it is here is believed, if it never says that it has left."""
    floor_s: float = 20.0
    """No silence shorter than this is a departure."""
    cap_s: float = 120.0
    """Every silence longer than this is a departure, unless a tag was silent for longer before and had not left."""
    hold_s: float = 900.0
    """So long a tag that is known to lie badly may be silent, where the door that reads tags has not seen it leave."""
    exit_s: float = 5.0
    """An exit read becomes a departure after this time, unless the customer is heard inside again."""
    late_s: float = 10.0
    """A sighting this much older than the present is history."""
    arrive_at: float = 0.9
    """So sure that somebody is inside before staff are told."""
    hint_at: float = 0.3
    """So likely inside before somebody gets a hint."""
    move_at: float = 0.9
    """So sure of a zone before a customer is said to be in it."""
    zone_wait_s: float = 2.0
    """An arrival waits so long for its zone to become sure."""
    exit_echo_s: float = 30.0
    """After a departure by an exit, readers of rooms may still hear the customer for so long."""
    blind_s: float = 900.0
    """A dead reader keeps those it heard present for so long."""
    step_s: float = 0.25
    """Decisions on one customer are so far apart while they walk or arrive …"""
    calm_step_s: float = 1.0
    """… so far while they stay and are read often …"""
    sparse_step_s: float = 4.0
    """… and so far while they stay and are read seldom."""
