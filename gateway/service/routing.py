"""Who is told: the customer's own people, then the right person in that zone; never a tablet that is not there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from gateway.service.floor import Floor, Member

LAST_TIER = 99  # of a customer whose tier is not among those the venue lists


@dataclass(slots=True, frozen=True)
class Wanted:
    """What routing needs to know of a customer: their own people, their language, where they are, how urgent it is.

    ``owner`` is who must be told before anybody else: who owns the open complaint, or the promise that is due.
    ``manager`` sends it to the managers straight away.
    """

    zone: str
    associate: str | None = None
    deputy: str | None = None
    language: str | None = None
    owner: str | None = None
    complaint: bool = False
    due: bool = False
    tier: int = LAST_TIER
    manager: bool = False


@dataclass(slots=True, frozen=True)
class Hands:
    """Whether anybody can be reached who looks after customers, is free, is free and not weary; whether a manager can.

    ``parties`` are the groups of which somebody has a card before them, and may have the others too.
    """

    any: bool
    free: bool
    fresh: bool
    managers: bool
    parties: Collection[str]


def hands(
    floor: Floor, ringing: Collection[str], weary: Collection[str], parties: Collection[str], now: float
) -> Hands:
    """Who there is to be told, where cards ring with those in ``ringing`` and those in ``weary`` had enough."""
    free = {m.id for m in floor.reachable(now)}
    someone = bool(free)
    free.difference_update(ringing)
    return Hands(someone, bool(free), bool(free.difference(weary)), bool(floor.managers(now)), parties)


def first(floor: Floor, wanted: Wanted, load: Mapping[str, int], now: float) -> list[str]:
    """Whose tablet rings when an alert opens; a manager's where nobody works, nobody's while all have their hands full.

    ``load`` is how many un-claimed cards each person has before them: nobody gets a second one.
    """
    to = next_after(floor, wanted, load, (), now)
    return to if to or any(floor.reachable(now)) else escalate(floor, (), now)


def next_after(floor: Floor, wanted: Wanted, load: Mapping[str, int], asked: Collection[str], now: float) -> list[str]:
    """The next best person who has not been asked yet and is free; empty when there is none."""
    if wanted.manager:
        return escalate(floor, asked, now)
    candidates = [m for m in floor.reachable(now) if m.id not in asked and not load.get(m.id)]
    if not candidates:
        return []
    return [min(candidates, key=lambda m: _rank(floor, wanted, m)).id]


def escalate(floor: Floor, asked: Collection[str], now: float) -> list[str]:
    """The managers who can be reached, those not asked yet before the others."""
    managers = [m.id for m in floor.managers(now)]
    return [m for m in managers if m not in asked] or managers


def _rank(floor: Floor, wanted: Wanted, member: Member) -> tuple[int, ...]:
    """Smaller is better: the owner, who may mend, own people, hands before managers, zone, language."""
    hands = bool(member.roles & {"floor", "crew"})
    return (
        member.id != wanted.owner,
        wanted.complaint and "manager" not in member.roles,  # where the owner is away: not who sells
        {wanted.associate: 0, wanted.deputy: 1}.get(member.id, 2),
        not hands,
        not floor.covers(member.id, wanted.zone),
        wanted.language is not None and wanted.language not in member.languages,
    )
