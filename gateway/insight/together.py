"""Who comes together more often than chance would have it: only pairs who both agreed to introductions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from gateway.insight.curves import poisson_from

WITHIN = 5  # minutes
FEWEST = 3
CHANCE = 1e-5
BESIDE = 15 / 25
"""Of two whole minutes in slots of five that lie side by side, how often they are within five of each other."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody came to a door or a place; ``minute`` of the venue's day."""

    customer: str
    place: str
    on: date
    minute: int


@dataclass(frozen=True, slots=True)
class Together:
    """A pair who may know each other: on how many days they met, and on how many chance alone would have them meet."""

    a: str
    b: str
    met: int
    expected: float
    chance: float
    last: date


def together(arrivals: Iterable[Arrival], agreed: Collection[str]) -> list[Together]:
    """Pairs who met (one place, within five minutes) on three days or more, with a Poisson tail of 1e-5 at the most.

    Who did not agree to introductions is not even counted. What is expected is Σ k_i k_j/days over weekdays and slots
    of five minutes, and what lies beside each, where ``days`` are the days of that weekday from first arrival to last.
    """
    seen = sorted(
        {each for each in arrivals if each.customer in agreed}, key=lambda one: (one.place, one.on, one.minute)
    )
    if not seen:
        return []
    first, last = min(each.on for each in seen), max(each.on for each in seen)
    met = _met(seen)
    slots: dict[str, Counter[tuple[int, int]]] = {}
    for each, slot in {(each.customer, (each.on, each.minute // WITHIN)): each for each in seen}.items():
        slots.setdefault(each[0], Counter())[slot.on.weekday(), slot.minute // WITHIN] += 1
    days = [len(range((weekday - first.weekday()) % 7, (last - first).days + 1, 7)) for weekday in range(7)]
    found = []
    for (a, b), on in sorted(met.items()):
        if len(on) < FEWEST:
            continue
        few, many = sorted((slots[a], slots[b]), key=len)
        expected = sum(
            times * (many[day, slot] + BESIDE * (many[day, slot - 1] + many[day, slot + 1])) / days[day]
            for (day, slot), times in few.items()
        )
        chance = poisson_from(len(on), expected)
        if chance <= CHANCE:
            found.append(Together(a, b, len(on), expected, chance, max(on)))
    return found


def _met(seen: list[Arrival]) -> dict[tuple[str, str], set[date]]:
    """The days on which each pair met; ``seen`` by place and time."""
    met: dict[tuple[str, str], set[date]] = {}
    begin = 0
    for place, each in enumerate(seen):
        while _apart(seen[begin], each):
            begin += 1
        for other in seen[begin:place]:
            if other.customer != each.customer:
                pair = (min(other.customer, each.customer), max(other.customer, each.customer))
                met.setdefault(pair, set()).add(each.on)
    return met


def _apart(one: Arrival, other: Arrival) -> bool:
    return one.place != other.place or one.on != other.on or other.minute - one.minute > WITHIN
