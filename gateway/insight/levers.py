"""By what somebody stays, as counted facts say: people, what is arranged, or money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gateway.insight.curves import beta_at

Kind = Literal["relational", "procedural", "financial"]
KINDS: tuple[Kind, ...] = ("relational", "procedural", "financial")
FACTS: Mapping[str, Kind] = {
    "asked_for_their_person": "relational",
    "gathering": "relational",
    "companion": "relational",
    "introduction": "relational",
    "arrangement_kept": "procedural",
    "fact_acted_on": "procedural",
    "complaint_of_waiting": "procedural",
    "complaint_of_repeating": "procedural",
    "offer_used": "financial",
    "points_used": "financial",
    "asked_the_price": "financial",
}
"""What each fact speaks for."""
FEWEST = 3
WITHIN = 0.8


@dataclass(frozen=True, slots=True)
class LeverType:
    """Shares of each kind with 80 % bounds, and the one that stands out, if one does."""

    facts: int
    shares: Mapping[Kind, float]
    bounds: Mapping[Kind, tuple[float, float]]
    named: Kind | None


def lever_type(counts: Mapping[Kind, int]) -> LeverType:
    """The shares (1 + k)/(3 + n); a kind is named from three facts on, where its interval lies above both others."""
    of = {kind: counts.get(kind, 0) for kind in KINDS}
    number = sum(of.values())
    shares = {kind: (1 + of[kind]) / (3 + number) for kind in KINDS}
    outside = (1 - WITHIN) / 2
    bounds = {
        kind: (
            beta_at(outside, 1 + of[kind], 2 + number - of[kind]),
            beta_at(1 - outside, 1 + of[kind], 2 + number - of[kind]),
        )
        for kind in KINDS
    }
    named: Kind | None = None
    if number >= FEWEST:
        best = max(KINDS, key=lambda kind: shares[kind])
        if all(bounds[best][0] > bounds[other][1] for other in KINDS if other != best):
            named = best
    return LeverType(number, shares, bounds, named)


def counted(facts: Mapping[str, int]) -> dict[Kind, int]:
    """How many facts speak for each kind; raises KeyError for a fact that speaks for none."""
    found: dict[Kind, int] = dict.fromkeys(KINDS, 0)
    for fact, times in facts.items():
        found[FACTS[fact]] += times
    return found
