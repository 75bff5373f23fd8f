"""Who knows whom by their own word, how strong that is, and what would change: one hop, and never further."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import combinations

from gateway.insight.facts import Bond, Gathering, Strengths
from gateway.insight.ledger import months_before

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One ground on which two people are tied: how strong, since when, by which events."""

    code: str
    strength: Fraction
    at: date | None
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tie:
    """Two people who both agreed to be introduced, ``a`` before ``b``."""

    a: str
    b: str
    theta: Fraction
    because: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """How sticky one customer is by themselves and with others, and what others would lose with them."""

    customer: str
    own: Fraction
    stickiness: Fraction
    influence: Fraction
    influence_money: Fraction
    """Minor units."""


class Network:
    """The ties among those who agreed to introductions, on one day."""

    def __init__(
        self,
        agreed: Collection[str],
        bonds: Iterable[Bond],
        gatherings: Iterable[Gathering],
        on: date,
        strengths: Strengths,
    ) -> None:
        """``agreed``: who agrees to introductions today. Evidence from ``on`` on, or too old, is not looked at."""
        self.agreed = frozenset(agreed)
        self.strengths = strengths
        oldest = months_before(on, strengths.months)
        self._bonds: dict[Pair, dict[str, Bond]] = {}
        self._shared: dict[Pair, list[Gathering]] = {}
        for bond in bonds:
            if bond.a != bond.b and {bond.a, bond.b} <= self.agreed and _counts(bond.on, oldest, on):
                kinds = self._bonds.setdefault(_pair(bond.a, bond.b), {})
                kinds[bond.kind] = max(
                    kinds.get(bond.kind, bond), bond, key=lambda one: (one.on or date.min, one.event or "")
                )
        for gathering in sorted(gatherings, key=lambda each: (each.on, each.id)):
            if _counts(gathering.on, oldest, on):
                for pair in combinations(sorted(gathering.attended & self.agreed), 2):
                    self._shared.setdefault(pair, []).append(gathering)

    def ties(self) -> list[Tie]:
        """All ties, by the ids of the pair."""
        return [self._tie(pair) for pair in sorted(self._bonds.keys() | self._shared.keys())]

    def theta(self, changed: Mapping[Pair, int] | None = None) -> dict[Pair, Fraction]:
        """How strong each tie is; ``changed`` says how many more gatherings a pair had shared."""
        more = changed or {}
        pairs = self._bonds.keys() | self._shared.keys() | more.keys()
        return {pair: self._strength(pair, more.get(pair, 0)) for pair in pairs}

    def if_they_met(self, guests: Iterable[str]) -> dict[Pair, Fraction]:
        """How strong each tie is after one more gathering of these; who never agreed is as before."""
        return self.theta(dict.fromkeys(combinations(sorted(self.agreed.intersection(guests)), 2), 1))

    def _strength(self, pair: Pair, more: int = 0) -> Fraction:
        rules = self.strengths
        kinds = self._bonds.get(pair, {})
        one_each = {"introduced": rules.introduced, "family": rules.family, "together": rules.together}
        shared = min(rules.gatherings, len(self._shared.get(pair, ())) + more)
        return min(rules.most, sum((one_each[kind] for kind in kinds), rules.gathering * shared))

    def _tie(self, pair: Pair) -> Tie:
        rules = self.strengths
        one_each = {"introduced": rules.introduced, "family": rules.family, "together": rules.together}
        because = [
            Evidence(kind, one_each[kind], bond.on, (bond.event,) if bond.event else ())
            for kind, bond in sorted(self._bonds.get(pair, {}).items())
        ]
        for gathering in self._shared.get(pair, [])[-rules.gatherings :]:
            because.append(Evidence("gathering", rules.gathering, gathering.on, (gathering.id,)))
        return Tie(*pair, self._strength(pair), tuple(because))


def stickiness(own: Mapping[str, Fraction], theta: Mapping[Pair, Fraction]) -> dict[str, Fraction]:
    """What each has by themselves and by those they know: one hop."""
    found = dict(own)
    for (a, b), strength in theta.items():
        if a in own and b in own:
            found[a] += strength * own[b]
            found[b] += strength * own[a]
    return found


def standings(own: Mapping[str, Fraction], theta: Mapping[Pair, Fraction], net: Mapping[str, int]) -> list[Standing]:
    """Everybody of ``own``, by id; ``net`` in minor units, and nobody's loss counts as an influence."""
    whole = stickiness(own, theta)
    lends = dict.fromkeys(own, Fraction(0))
    money = dict.fromkeys(own, Fraction(0))
    for (a, b), strength in theta.items():
        for one, other in ((a, b), (b, a)):
            lends[one] += strength * own[one]
            money[one] += strength * max(0, net.get(other, 0))
    return [Standing(each, own[each], whole[each], lends[each], money[each]) for each in sorted(own)]


def without(own: Mapping[str, Fraction], theta: Mapping[Pair, Fraction], gone: str) -> dict[str, Fraction]:
    """How sticky the others would be if one were gone."""
    left = {each: value for each, value in own.items() if each != gone}
    return stickiness(left, theta)


def _counts(day: date | None, oldest: date, on: date) -> bool:
    return day is None or oldest <= day < on


def _pair(a: str, b: str) -> Pair:
    return (a, b) if a < b else (b, a)
