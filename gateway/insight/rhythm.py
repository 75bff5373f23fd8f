"""How often somebody comes, how long they have been silent, and how sticky they are by themselves.

Days are ordinals here, as ``date.toordinal`` has them: a house of a million customers has ten million of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from statistics import median

from gateway.insight.facts import Band

LONGEST = 365
"""A longer gap is no rhythm: somebody who comes back after it starts anew."""
USUAL = 60
"""The usual gap of a house that has seen fewer than five."""
BLOCKS = 12
BLOCK = 30  # days


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The usual days between, as an exact share, and the gaps that it was made of."""

    twice_house: int
    """Twice the house's usual gap: what everybody begins with, as if it had been seen twice."""
    gaps: tuple[int, ...]

    @property
    def days(self) -> Fraction:
        """The usual days between."""
        return Fraction(self.twice_house + sum(self.gaps), 2 + len(self.gaps))

    @property
    def own(self) -> int | None:
        """The median of the person's own gaps in whole days; None where there are none."""
        return int(median(self.gaps) + 0.5) if self.gaps else None


def times(many: int, at_least: int, days: int, number: int) -> int:
    """So many times the usual gap, which is days/number, in whole days, rounded up; never fewer than ``at_least``."""
    return max(at_least, -(-many * days // number))


def gaps(days: Sequence[int]) -> list[int]:
    """The gaps between contact days in order, those that are a rhythm."""
    return [gap for before, after in pairwise(days) if 0 < (gap := after - before) <= LONGEST]


def own_gaps(days: Sequence[int]) -> tuple[int, ...]:
    """The gaps since somebody last started anew."""
    found: list[int] = []
    for before, after in pairwise(days):
        if after - before > LONGEST:
            found.clear()
        else:
            found.append(after - before)
    return tuple(found)


def twice_house_gap(all_gaps: Iterable[int]) -> int:
    """Twice the median gap of a house, so that it is whole; of 60 days where fewer than five gaps were seen."""
    counted: dict[int, int] = {}
    for gap in all_gaps:
        counted[gap] = counted.get(gap, 0) + 1
    number = sum(counted.values())
    if number < 5:
        return 2 * USUAL
    low = high = seen = 0
    for gap in sorted(counted):
        seen += counted[gap]
        if not low and seen * 2 >= number:
            low = gap
        if seen > number // 2:
            high = gap
            break
    return low + high


def rhythm(days: Sequence[int], twice_house: int) -> Rhythm:
    """The rhythm of somebody by their contact days, in order and each once."""
    return Rhythm(twice_house, own_gaps(days))


def band(silent: int, ratio: Fraction) -> Band:
    """How silent somebody is by their own rhythm; nobody is late within two weeks."""
    if ratio < Fraction(3, 2) or silent < 14:
        return "in time"
    if ratio < 3 or silent < 30:
        return "late"
    return "long silent" if ratio < 6 else "gone quiet"


def own_stickiness(days: Iterable[int], on: int) -> Fraction:
    """Of the twelve blocks of 30 days before ``on``, the share in which somebody came."""
    return Fraction(len({(on - day - 1) // BLOCK for day in days if 0 < on - day <= BLOCK * BLOCKS}), BLOCKS)
