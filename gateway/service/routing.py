"""Who is told: the customer's own people, then the right person in that zone; never a tablet that is not there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from gateway.service.floor import Floor, Member


@dataclass(slots=True, frozen=True)
class Wanted:
    """What routing needs to know of a customer: their own people, their language, where they are."""

    zone: str
    associate: str | None = None
    deputy: str | None = None
    language: str | None = None


def first(floor: Floor, wanted: Wanted, load: Mapping[str, int], now: float) -> list[str]:
    """Whose tablet rings when an alert opens: one person's, or a manager's where nobody else can be reached."""
    return next_after(floor, wanted, load, (), now) or escalate(floor, (), now)


def next_after(floor: Floor, wanted: Wanted, load: Mapping[str, int], asked: Collection[str], now: float) -> list[str]:
    """The next best person who has not been asked yet; empty when there is none."""
    candidates = [m for m in floor.reachable(now) if m.id not in asked]
    if not candidates:
        return []
    return [min(candidates, key=lambda m: _rank(floor, wanted, load, m)).id]


def escalate(floor: Floor, asked: Collection[str], now: float) -> list[str]:
    """The managers who can be reached, those not asked yet before the others."""
    managers = [m.id for m in floor.managers(now)]
    return [m for m in managers if m not in asked] or managers


def _rank(floor: Floor, wanted: Wanted, load: Mapping[str, int], member: Member) -> tuple[int, ...]:
    """Smaller is better: own people, then hands before managers, zone, a free pair of hands, language."""
    own = {wanted.associate: 0, wanted.deputy: 1}.get(member.id, 2)
    return (
        own,
        not member.roles & {"floor", "crew"},
        not floor.covers(member.id, wanted.zone),
        load.get(member.id, 0),
        wanted.language is not None and wanted.language not in member.languages,
    )
