"""How good a prediction was: order, size, and how much of the whole its best tenth holds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from gateway.insight.curves import Z95
from gateway.insight.models.arrays import Floats, floats
from gateway.insight.shares import Interval


@dataclass(frozen=True, slots=True)
class Judged:
    """A chance beside what came."""

    cases: int
    came: int
    auc: Interval
    brier: float
    accuracy: float
    calibration: float
    lift: float
    """How many times as often the outcome is found in the top tenth as in all."""


def judged(chance: Floats, outcome: Floats) -> Judged:
    """A prediction of 0 to 1 beside outcomes of 0 or 1; raises ValueError where only one of them came."""
    chance, outcome = floats(chance), floats(outcome)
    top = np.argsort(-chance, kind="stable")[: max(1, len(chance) // 10)]
    return Judged(
        len(outcome),
        int(outcome.sum()),
        auc(chance, outcome),
        float(np.mean((chance - outcome) ** 2)),
        float(np.mean((chance >= 0.5) == (outcome > 0.5))),
        calibration(chance, outcome),
        float(outcome[top].mean() / outcome.mean()),
    )


def auc(score: Floats, outcome: Floats) -> Interval:
    """How often one that came is ranked above one that did not, with DeLong's 95 % bounds (1988).

    Raises ValueError where all came out alike.
    """
    score, some = floats(score), floats(outcome) > 0.5
    came, other = int(some.sum()), int((~some).sum())
    if not came or not other:
        raise ValueError("all came out alike: there is no order to judge")
    ranks = rankdata(score)
    above = (ranks[some] - rankdata(score[some])) / other  # of each that came: the share of the others below it
    below = 1.0 - (ranks[~some] - rankdata(score[~some])) / came
    area = float(above.mean())
    spread = sum(float(part.var(ddof=1)) / len(part) for part in (above, below) if len(part) > 1)
    half = Z95 * spread**0.5
    return Interval(area, max(0.0, area - half), min(1.0, area + half))


def calibration(chance: Floats, outcome: Floats, groups: int = 10) -> float:
    """Ten equal groups by chance: how far, on average, the chance lies from what came."""
    order = np.argsort(floats(chance), kind="stable")
    parts = [part for part in np.array_split(order, groups) if len(part)]
    apart = [abs(float(chance[part].mean() - outcome[part].mean())) for part in parts]
    return float(np.mean(apart))
