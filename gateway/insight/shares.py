"""Shares, differences and ratios with their intervals, and what could be seen at all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, stdev

from gateway.insight.curves import Z95, beta_at, student_at

FEW = 30
"""Below so many visits, outcomes or customers there is the count, and no percentage."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A number and its bounds."""

    value: float
    low: float
    high: float

    def overlaps(self, other: Interval) -> bool:
        """Whether one cannot be told from the other."""
        return self.low <= other.high and other.low <= self.high

    def leaves_out(self, value: float) -> bool:
        """Whether a value lies outside."""
        return value < self.low or self.high < value


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many; ``interval`` is None where they are too few to say."""

    count: int
    of: int
    interval: Interval | None


def wilson(count: int, of: int, z: float = Z95) -> Interval:
    """A share with Wilson's score interval, 95 % by default; raises ValueError for a share of nothing."""
    if not 0 <= count <= of or of == 0:
        raise ValueError(f"{count} of {of} is no share")
    share = count / of
    below = 1.0 + z * z / of
    middle = (share + z * z / (2 * of)) / below
    half = z / below * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return Interval(share, 0.0 if count == 0 else middle - half, 1.0 if count == of else middle + half)


def share(count: int, of: int) -> Share:
    """How many of how many, with an interval where they are enough."""
    return Share(count, of, wilson(count, of) if of >= FEW else None)


def newcombe(count: int, of: int, other_count: int, other_of: int) -> Interval:
    """The difference of two shares with Newcombe's 95 % interval (his method 10)."""
    one, other = wilson(count, of), wilson(other_count, other_of)
    difference = one.value - other.value
    down = math.hypot(one.value - one.low, other.high - other.value)
    up = math.hypot(one.high - one.value, other.value - other.low)
    return Interval(difference, difference - down, difference + up)


def clopper_pearson(count: int, of: int, outside: float = 0.05) -> tuple[float, float]:
    """The exact bounds of a share, 95 % by default."""
    low = 0.0 if count == 0 else beta_at(outside / 2, count, of - count + 1)
    high = 1.0 if count == of else beta_at(1 - outside / 2, count + 1, of - count)
    return low, high


def rate_ratio(count: int, visits: float, other_count: int, other_visits: float) -> Interval | None:
    """How many times as often as the other, with exact 95 % bounds; None where neither ever happened."""
    both = count + other_count
    if both == 0 or visits <= 0 or other_visits <= 0:
        return None

    def odds(of: float) -> float:
        return math.inf if of >= 1.0 else of / (1.0 - of)

    low, high = clopper_pearson(count, both)
    per = other_visits / visits
    return Interval(odds(count / both) * per, odds(low) * per, odds(high) * per)


def held_needed(shown: float, held: float, shown_for_one: float = 9.0, power: float = 0.8) -> int:
    """How many have to be held out so that a difference of two shares is seen, where so many are shown for each."""
    spread = shown * (1 - shown) / shown_for_one + held * (1 - held)
    return math.ceil(_reach(power) ** 2 * spread / (shown - held) ** 2)


def could_be_seen(held: float, shown_of: int, held_of: int, power: float = 0.8) -> float | None:
    """The smallest rise above a share of those held out that so many would show; None where none would."""
    if shown_of <= 0 or held_of <= 0:
        return None
    reach = _reach(power)

    def seen(rise: float) -> bool:
        high = held + rise
        return rise >= reach * math.sqrt(high * (1 - high) / shown_of + held * (1 - held) / held_of)

    low, high = 0.0, 1.0 - held
    if high <= 0 or not seen(high):
        return None
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (low, middle) if seen(middle) else (middle, high)
    return high


def mean(values: Sequence[float]) -> Interval | None:
    """A mean with its 95 % t-interval; None of fewer than two."""
    if len(values) < 2:
        return None
    middle = fmean(values)
    half = student_at(0.975, len(values) - 1) * stdev(values) / math.sqrt(len(values))
    return Interval(middle, middle - half, middle + half)


def ranks(of: Sequence[Interval]) -> list[int]:
    """The rank of each, the highest first; those who cannot be told apart have one rank, begun by the best of them."""
    order = sorted(range(len(of)), key=lambda place: (-of[place].value, place))
    found = [0] * len(of)
    lowest = math.inf
    rank = 0
    for place, each in enumerate(order):
        if of[each].high < lowest:
            rank = place + 1
            lowest = of[each].low
        else:
            lowest = min(lowest, of[each].low)
        found[each] = rank
    return found


def _reach(power: float) -> float:
    return Z95 + NormalDist().inv_cdf(power)
