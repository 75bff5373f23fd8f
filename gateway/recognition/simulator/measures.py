"""One check value, and how such values are measured."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

TOLERANCE = 0.15

Series = list[tuple[float, float]]
"""Times (s) and values."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check value: what was measured, and the range it must be in (before the tolerance)."""

    name: str
    measured: float
    low: float
    high: float
    tolerance: float = TOLERANCE

    @property
    def good(self) -> bool:
        """Within the range, 15 % either way unless a value has a tolerance of its own."""
        low, high = (abs(x) * self.tolerance for x in (self.low, self.high))
        return self.low - low <= self.measured <= self.high + high

    @property
    def wanted(self) -> str:
        """The range, before the tolerance."""
        return f"{self.low:g}" if self.low == self.high else f"{self.low:.2g} to {self.high:.2g}"

    def __str__(self) -> str:
        """One line for a terminal."""
        within = f"(wanted {self.wanted}, within {100 * self.tolerance:.0f} %)"
        return f"{'ok ' if self.good else 'OUT'} {self.name}: {self.measured:.2f} {within}"


def quantile(ordered: Sequence[float], p: float) -> float:
    """Of values in ascending order."""
    return ordered[min(len(ordered) - 1, int(p * len(ordered)))]


def autocovariance(residuals: Iterable[Series], lag: float) -> float:
    """Of values about nought, each with the one that is ``lag`` seconds later, give or take a quarter of a second."""
    total, pairs = 0.0, 0
    for series in residuals:
        times = [t for t, _ in series]
        for t, x in series:
            near = bisect_left(times, t + lag - 0.25)
            if near < len(times) and times[near] <= t + lag + 0.25 and times[near] > t:
                total += x * series[near][1]
                pairs += 1
    return total / pairs if pairs else 0.0
