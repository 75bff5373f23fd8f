"""Ridge logistic regression by Newton's method, on standardised columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gateway.insight.models.arrays import Floats, floats

RIDGE = 0.001
_ROUNDS = 50


@dataclass(frozen=True, slots=True)
class Logistic:
    """A fitted model: a weight for each column, of which the middle and the spread are taken out first."""

    intercept: float
    weights: Floats
    middle: Floats
    spread: Floats

    def standardised(self, columns: Floats) -> Floats:
        """Rows as the weights take them."""
        found: Floats = (columns - self.middle) / self.spread
        return found

    def chance(self, columns: Floats) -> Floats:
        """The chance of each row."""
        slopes = self.weights / self.spread
        return _sigmoid(self.intercept - float(self.middle @ slopes) + floats(columns) @ slopes)

    def parts(self, columns: Floats) -> Floats:
        """How much each column moves each row: w·z. The largest are its reasons."""
        found: Floats = self.standardised(floats(columns)) * self.weights
        return found


def fit(columns: Floats, outcome: Floats, ridge: float = RIDGE) -> Logistic:
    """The weights by which these outcomes (0 or 1) are likeliest, less ``ridge``/2·Σw² a row.

    A column that is the same everywhere has the weight 0.
    """
    columns, outcome = floats(columns), floats(outcome)
    rows, width = columns.shape
    middle, spread = columns.mean(axis=0), columns.std(axis=0)
    spread = np.where(spread > 1e-12, spread, 1.0)
    z = (columns - middle) / spread
    penalty = np.full(width, ridge * rows)
    weights, intercept = np.zeros(width), _log_odds(float(outcome.mean()))
    last = _cost(z, outcome, intercept, weights, penalty)
    for _ in range(_ROUNDS):
        chance = _sigmoid(intercept + z @ weights)
        wrong = outcome - chance
        sure = np.maximum(chance * (1.0 - chance), 1e-12)
        slope = np.append(wrong.sum(), wrong @ z - penalty * weights)
        bend = np.empty((width + 1, width + 1))
        weighted = z * sure[:, None]
        bend[0, 0] = sure.sum()
        bend[0, 1:] = bend[1:, 0] = weighted.sum(axis=0)
        bend[1:, 1:] = z.T @ weighted + np.diag(penalty)
        move = np.linalg.solve(bend + 1e-10 * rows * np.eye(width + 1), slope)
        step = 1.0
        while step > 1e-6:
            moved = _cost(z, outcome, intercept + step * move[0], weights + step * move[1:], penalty)
            if moved <= last + 1e-12 * abs(last):
                break
            step /= 2
        intercept, weights, last = intercept + step * float(move[0]), weights + step * move[1:], moved
        if np.abs(step * move).max() < 1e-10:
            break
    return Logistic(intercept, weights, middle, spread)


def _cost(z: Floats, outcome: Floats, intercept: float, weights: Floats, penalty: Floats) -> float:
    line = intercept + z @ weights
    return float(np.logaddexp(0.0, line).sum() - outcome @ line + penalty @ (weights * weights) / 2)


def _sigmoid(line: Floats) -> Floats:
    found: Floats = 0.5 * (1.0 + np.tanh(0.5 * line))
    return found


def _log_odds(share: float) -> float:
    share = min(max(share, 1e-6), 1 - 1e-6)
    return float(np.log(share / (1 - share)))
