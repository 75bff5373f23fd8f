"""How often somebody will come: BG/NBD (Fader, Hardie, Lee 2005) and MBG/NBD (Batislam, Denizel, Filiztekin 2007).

x is the number of repeats, t the time of the last, T the age, all since the first contact, in weeks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import gammaln, hyp2f1, psi

from gateway.insight.models.arrays import Floats, alike, floats
from gateway.insight.models.fitting import fitted

Model = Literal["mbg", "bg"]
_STARTS = ((0.5, 5.0, 0.8, 1.5), (1.0, 10.0, 0.5, 3.0))
_NUDGE = 1e-6


@dataclass(frozen=True, slots=True)
class Buying:
    """A fitted model of visits."""

    model: Model
    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    customers: int


def fit(model: Model, x: Floats, t: Floats, age: Floats) -> Buying:
    """The model that makes these visits likeliest; raises NotFitted."""
    (x, t, age), weights, _ = alike(floats(x), floats(t), floats(age))
    number = float(weights.sum())
    found, best = fitted(lambda of: likelihood(model, of, x, t, age, weights), _STARTS, number)
    r, alpha, a, b = (float(each) for each in found)
    return Buying(model, r, alpha, a, b, best, int(number))


def likelihood(model: Model, of: Floats, x: Floats, t: Floats, age: Floats, weights: Floats) -> tuple[float, Floats]:
    """ln L and its slope by r, α, a and b."""
    r, alpha, a, b = (float(each) for each in of)
    m = 1.0 if model == "mbg" else 0.0
    gone, d = _gone(model, r, alpha, a, b, x, t, age)
    rx, late, last = r + x, alpha + age, alpha + t
    log_late, log_last = np.log(late), np.log(last)
    each = (
        gammaln(rx) - gammaln(r) + r * np.log(alpha)
        + gammaln(a + b) + gammaln(b + x + m) - gammaln(b) - gammaln(a + b + x + m)
        - rx * log_late + np.log1p(gone)
    )  # fmt: skip
    odds = gone / (1.0 + gone)
    together = psi(a + b) - psi(a + b + x + m)
    slope_r = psi(rx) - psi(r) + np.log(alpha) - log_late + odds * (log_late - log_last)
    slope_alpha = r / alpha - rx / late + odds * rx * (1.0 / late - 1.0 / last)
    slope_a = together + odds / a
    slope_b = together + psi(b + x + m) - psi(b) - np.where(gone > 0, odds / d, 0.0)
    slopes = [float(weights @ slope) for slope in (slope_r, slope_alpha, slope_a, slope_b)]
    return float(weights @ each), floats(slopes)


def expected(of: Buying, horizon: float, x: Floats, t: Floats, age: Floats) -> Floats:
    """How many more visits each is expected to make within so many weeks."""
    (x, t, age), _, where = alike(floats(x), floats(t), floats(age))
    a = of.a if abs(of.a - 1.0) > _NUDGE else 1.0 + _NUDGE
    gone, d = _gone(of.model, of.r, of.alpha, a, of.b, x, t, age)
    m = 1.0 if of.model == "mbg" else 0.0
    rx = of.r + x
    late = of.alpha + age
    share = hyp2f1(rx, of.b + x + m, a + d, horizon / (late + horizon))
    lived = 1.0 - (late / (late + horizon)) ** rx * share
    found: Floats = (a + d) / (a - 1.0) * lived / (1.0 + gone)
    return found[where]


def alive(of: Buying, x: Floats, t: Floats, age: Floats) -> Floats:
    """The chance that somebody has not left, as the model has it: for tests, shown to nobody."""
    gone, _ = _gone(of.model, of.r, of.alpha, of.a, of.b, floats(x), floats(t), floats(age))
    found: Floats = 1.0 / (1.0 + gone)
    return found


def _gone(
    model: Model, r: float, alpha: float, a: float, b: float, x: Floats, t: Floats, age: Floats
) -> tuple[Floats, Floats]:
    """The odds of having left, and d of the formulas."""
    if model == "mbg":
        d = b + x
        return a / d * np.exp((r + x) * np.log((alpha + age) / (alpha + t))), d
    d = np.where(x > 0, b + x - 1.0, 1.0)
    odds = a / d * np.exp((r + x) * np.log((alpha + age) / (alpha + t)))
    return np.where(x > 0, odds, 0.0), np.where(x > 0, d, b - 1.0)
