"""Who is told: the customer's own people, then the right person in that zone; never a tablet that is not there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from gateway.service.floor import GUEST_ROLES, Floor, Member

MOST_PASSED_OVER = 20  # named in one event

How = Literal["first", "party", "next", "managers", "named", "again", "nobody"]

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

    @property
    def own(self) -> tuple[str, ...]:
        """The customer's own people, who must be told first before the others."""
        return tuple(staff for staff in (self.owner, self.associate, self.deputy) if staff)

    def data(self) -> dict[str, Any]:
        """The same as an event holds it."""
        return {name: getattr(self, name) for name in WANTED}


WANTED = tuple(f.name for f in fields(Wanted))


@dataclass(slots=True, frozen=True)
class Routing:
    """Why an alert went to whom: the rule, those it went to, and who comes before them and was passed over, and why."""

    rule: How
    candidates: list[str]
    passed_over: list[tuple[str, str]]

    def data(self) -> dict[str, Any]:
        """The same as an event holds it."""
        passed = [{"staff": staff, "why": why} for staff, why in self.passed_over]
        return {"rule": self.rule, "candidates": self.candidates, "passed_over": passed}


@dataclass(slots=True, frozen=True)
class Hands:
    """Whether anybody can be reached who looks after customers, is free, is free and not weary; which managers can.

    ``parties`` are those of which somebody has a card before them, and may have the other cards too.
    """

    any: bool
    free: bool
    fresh: bool
    managers: frozenset[str]
    parties: Collection[str]


def hands(
    floor: Floor, ringing: Collection[str], weary: Collection[str], parties: Collection[str], now: float
) -> Hands:
    """Who there is to be told, where cards ring with those in ``ringing`` and those in ``weary`` had enough."""
    free = {m.id for m in floor.reachable(now)}
    someone = bool(free)
    free.difference_update(ringing)
    return Hands(
        someone, bool(free), bool(free.difference(weary)), frozenset(m.id for m in floor.managers(now)), parties
    )


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


def explain(
    floor: Floor,
    wanted: Wanted,
    load: Mapping[str, int],
    weary: Collection[str],
    asked: Collection[str],
    to: list[str],
    rule: How,
    now: float,
) -> Routing:
    """Why ``to`` was chosen: everybody who ranks before the first of them, and what kept each."""
    best = _rank(floor, wanted, chosen) if to and (chosen := floor.member(to[0])) else None
    passed: list[tuple[str, str]] = []
    for member in floor.members():
        if member.id in to or not member.roles & GUEST_ROLES or len(passed) >= MOST_PASSED_OVER:
            continue
        if best is None or _rank(floor, wanted, member) < best:
            passed.append((member.id, _kept_by(floor, load, weary, asked, member, now)))
    return Routing(rule if to else "nobody", list(to), passed)


def _kept_by(
    floor: Floor, load: Mapping[str, int], weary: Collection[str], asked: Collection[str], member: Member, now: float
) -> str:
    if not floor.on_shift(member.id, now):
        return "off_shift"
    if not floor.connected(member.id):
        return "no_tablet"
    if member.id in asked:
        return "asked_already"
    if member.id in weary:
        return "had_enough"
    return "has_a_card" if load.get(member.id) else "ranked_below"


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
