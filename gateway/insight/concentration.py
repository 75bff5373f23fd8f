"""How much of the whole the best and the least bring: 20/80/30 in the house's own numbers, and the whale curve."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

BEST = Fraction(20, 100)
LEAST = Fraction(30, 100)
FEWEST = 30
"""From how many customers on there is an interval."""
BOOTSTRAPS = 1_000
_WHOLE, _PART = 3_000, 1_000
"""Up to how many customers a bootstrap draws all; of more it draws a part, and the interval is narrowed by √."""

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Concentration:
    """Shares of a sum; None where the sum is not above zero, since a share of it says nothing then."""

    customers: int
    total: int
    top20: Fraction | None
    bottom30: Fraction | None
    eats: Fraction | None
    """What the least 30 % take away, of what the rest would have brought."""
    peak: Fraction | None
    """The highest point of the running sum, best first."""
    peak_customers: int
    top20_interval: Interval | None = None
    bottom30_interval: Interval | None = None


def concentration(values: Sequence[int], bootstraps: int = BOOTSTRAPS) -> Concentration:
    """Of what each customer brings; with 95 % intervals by bootstrap from 30 customers on."""
    falling = sorted(values, reverse=True)
    total = sum(falling)
    count = len(falling)
    if total <= 0:
        return Concentration(count, total, None, None, None, None, 0)
    least = share_of(falling[::-1], LEAST)
    running = list(accumulate(falling))
    highest = max(running)
    best_interval = least_interval = None
    if count >= FEWEST and bootstraps:
        best_interval, least_interval = _intervals(falling, bootstraps)
    return Concentration(
        count,
        total,
        share_of(falling, BEST) / total,
        least / total,
        max(Fraction(0), -least) / (total - min(Fraction(0), least)),
        Fraction(highest, total),
        running.index(highest) + 1,
        best_interval,
        least_interval,
    )


def share_of(ordered: Sequence[int], share: Fraction) -> Fraction:
    """The sum of the first ``share`` of them; of one that lies across the border, the part within."""
    exact = share * len(ordered)
    whole = exact.numerator // exact.denominator
    rest = exact - whole
    return Fraction(sum(ordered[:whole])) + (rest * ordered[whole] if rest else 0)


def whale_curve(values: Sequence[int], points: int = 100) -> list[tuple[float, float]]:
    """The running sum, best first: (share of customers, share of the sum), at most so many points and the peak."""
    falling = sorted(values, reverse=True)
    total = sum(falling)
    if total <= 0:
        return []
    running = list(accumulate(falling))
    step = max(1, len(falling) // points)
    shown = {*range(step - 1, len(falling), step), running.index(max(running)), len(falling) - 1}
    return [(0.0, 0.0), *(((place + 1) / len(falling), running[place] / total) for place in sorted(shown))]


def _intervals(falling: Sequence[int], bootstraps: int) -> tuple[Interval | None, Interval | None]:
    """95 % of both shares. The seed is fixed: the same customers give the same interval."""
    chance = random.Random(20)
    count = len(falling)
    drawn = count if count <= _WHOLE else _PART
    best: list[float] = []
    least: list[float] = []
    for _ in range(bootstraps):
        sample = [falling[place] for place in sorted(chance.choices(range(count), k=drawn))]
        if (total := sum(sample)) > 0:
            best.append(float(share_of(sample, BEST)) / total)
            least.append(float(share_of(sample[::-1], LEAST)) / total)
    narrower = (drawn / count) ** 0.5
    total = sum(falling)
    return (
        _middle(best, float(share_of(falling, BEST)) / total, narrower),
        _middle(least, float(share_of(falling[::-1], LEAST)) / total, narrower),
    )


def _middle(drawn: list[float], estimate: float, narrower: float) -> Interval | None:
    if len(drawn) < 40:  # fewer leave nothing outside 95 %
        return None
    drawn.sort()
    at: Callable[[float], float] = lambda share: drawn[min(len(drawn) - 1, int(share * len(drawn)))]  # noqa: E731
    return (estimate + (at(0.025) - estimate) * narrower, estimate + (at(0.975) - estimate) * narrower)
