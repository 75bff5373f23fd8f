"""Is this one thing, or two with the same identifier? Such a card is to be verified by sight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

TURNS = 6  # changes of place, each back to where it was just before: nobody walks like that
WINDOW_S = 8.0  # … within this time, so that the card is demoted within 10 s
CLEAR_DB = 8.0  # above faint: really there, not heard from afar
STRONG_DB = 14.0  # above faint at both places: within two or three metres of both, which are not that near
FORGET_S = 60.0  # unheard for so long, a trail is finished and tells what is usual
USUAL = 5  # trails that tell whether two places are in earshot of each other
RARE = 0.05  # of those are heard at both at once where places are not in earshot


@dataclass(slots=True)
class Doubt:
    """Why an identifier is not to be trusted: ``kind`` is ``two_places`` or ``wrong_tid``; ``reason`` for a person."""

    identifier: str
    kind: str
    at: float
    reason: str


@dataclass(slots=True)
class _Trail:
    area: str
    at: float
    heard: dict[str, tuple[float, float]] = field(default_factory=dict)  # area -> last clear read, loudest dB
    turns: list[tuple[float, str]] = field(default_factory=list)  # back in which area, when
    both: set[frozenset[str]] = field(default_factory=set)  # pairs of areas heard at once
    told_at: float = float("-inf")


class CloneWatch:
    """Watches identifiers for being clearly heard by turns in areas that nobody can be in at once.

    ``areas`` names the area of each reader (its zone). Which areas are in earshot of each other is learned from
    everybody else; until it is, only reads from close by at both count. The order in which reads reach us is judged,
    never the readers' own times: a clock that is 40 s off makes no clone.
    """

    __slots__ = ("_alone", "_areas", "_both", "_trails")

    def __init__(self, areas: Mapping[str, str]) -> None:
        self._areas = areas
        self._trails: dict[str, _Trail] = {}
        self._both: dict[frozenset[str], int] = {}
        self._alone: dict[str, int] = {}

    def see(self, identifier: str, reader: str, db_above_faint: float, now: float) -> Doubt | None:
        """One read as it reaches us at ``now``; a doubt once there is reason for one, and once a minute at most."""
        area = self._areas.get(reader)
        if area is None or db_above_faint < CLEAR_DB:
            return None
        trail = self._trails.get(identifier)
        if trail is None or now - trail.at > FORGET_S:
            if trail is not None:
                self._learn(trail)
            trail = self._trails[identifier] = _Trail(area, now)
        if area != trail.area:
            _turn(trail, area, now)
        _, loudest = trail.heard.get(area, (now, db_above_faint))
        trail.heard[area] = (now, max(loudest, db_above_faint))
        trail.area, trail.at = area, now
        return self._doubt(identifier, trail, now)

    def sweep(self, now: float) -> None:
        """Learns from the trails that are finished, and forgets them; call it about once a minute."""
        for trail in self._trails.values():
            if now - trail.at > FORGET_S:
                self._learn(trail)
        self._trails = {i: t for i, t in self._trails.items() if now - t.at <= FORGET_S}

    def _doubt(self, identifier: str, trail: _Trail, now: float) -> Doubt | None:
        if len(trail.turns) < TURNS or now - trail.told_at < FORGET_S:
            return None
        areas = {area for at, area in trail.turns if now - at <= WINDOW_S}
        if len(areas) < 2 or not self._too_far(areas, trail):
            return None
        trail.told_at = now
        return Doubt(identifier, "two_places", now, f"heard at {' and '.join(sorted(areas))} at the same time")

    def _too_far(self, areas: set[str], trail: _Trail) -> bool:
        """Can nobody be heard in these areas at once?"""
        both = sum(self._both.get(frozenset((a, b)), 0) for a in areas for b in areas if a < b)
        alone = min(self._alone.get(area, 0) for area in areas)
        if both + alone >= USUAL:
            return both <= RARE * (both + alone)
        return both == 0 and all(trail.heard[area][1] >= STRONG_DB for area in areas)

    def _learn(self, trail: _Trail) -> None:
        """A finished trail, if nobody doubted it, tells which areas are heard at once and which alone."""
        if trail.told_at > float("-inf"):
            return
        for pair in trail.both:
            self._both[pair] = self._both.get(pair, 0) + 1
        for area in trail.heard:
            if not any(area in pair for pair in trail.both):
                self._alone[area] = self._alone.get(area, 0) + 1


def _turn(trail: _Trail, area: str, now: float) -> None:
    """The identifier is heard in another area than before; does it come back to where it was a moment ago?"""
    trail.turns = [(at, where) for at, where in trail.turns if now - at <= WINDOW_S]
    before = trail.heard.get(area)
    if before is not None and now - before[0] <= WINDOW_S / 2 and now - trail.at <= WINDOW_S / 2:
        trail.turns.append((now, area))
        trail.both.add(frozenset((area, trail.area)))
