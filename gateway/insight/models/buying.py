"""How often somebody will come: BG/NBD (Fader, Hardie, Lee 2005) and MBG/NBD (Batislam, Denizel, Filiztekin 2007).

x is the number of repeats, t the time of the last, T the age, all since the first contact, in weeks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
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


@dataclass(frozen=True, slots=True)
class Seen:
    """Visits of everybody, those that are alike once; what depends on x alone is worked out once for each x."""

    x: Floats
    t: Floats
    age: Floats
    weights: Floats
    levels: Floats
    level: NDArray[np.int64]
    """``levels[level]`` is x."""


def seen(x: Floats, t: Floats, age: Floats) -> Seen:
    """Raises ValueError where a number of repeats is no whole number."""
    (x, t, age), weights, _ = alike(floats(x), floats(t), floats(age))
    if np.any(x != np.floor(x)) or np.any(x < 0):
        raise ValueError("x is a number of repeats: whole, and 0 or more")
    levels, level = np.unique(x, return_inverse=True)
    return Seen(x, t, age, weights, levels, level)


def fit(model: Model, x: Floats, t: Floats, age: Floats) -> Buying:
    """The model that makes these visits likeliest; raises NotFitted, and ValueError as ``seen`` does."""
    of = seen(x, t, age)
    number = float(of.weights.sum())
    found, best = fitted(lambda parameters: likelihood(model, parameters, of), _STARTS, number)
    r, alpha, a, b = (float(each) for each in found)
    return Buying(model, r, alpha, a, b, best, int(number))


def likelihood(model: Model, parameters: Floats, of: Seen) -> tuple[float, Floats]:
    """ln L and its slope by r, α, a and b."""
    r, alpha, a, b = (float(each) for each in parameters)
    m = 1.0 if model == "mbg" else 0.0
    n, level = of.levels, of.level
    late, last = np.log(alpha + of.age), np.log(alpha + of.t)
    rx = r + of.x
    odds, d = _gone(model, r, a, b, of.x, rx * (late - last))
    share = odds / (1.0 + odds)
    by_x = (
        gammaln(r + n) - gammaln(r) + r * np.log(alpha)
        + gammaln(a + b) + gammaln(b + n + m) - gammaln(b) - gammaln(a + b + n + m)
    )  # fmt: skip
    together = psi(a + b) - psi(a + b + n + m)
    to_r, to_b = psi(r + n) - psi(r) + np.log(alpha), together + psi(b + n + m) - psi(b)
    each = by_x[level] - rx * late + np.log1p(odds)
    slope_r = to_r[level] - late + share * (late - last)
    slope_alpha = r / alpha - rx * (1.0 - share) / (alpha + of.age) - share * rx / (alpha + of.t)
    slope_a = together[level] + share / a
    slope_b = to_b[level] - share / d
    return float(of.weights @ each), floats([of.weights @ slope for slope in (slope_r, slope_alpha, slope_a, slope_b)])


def expected(of: Buying, horizon: float, x: Floats, t: Floats, age: Floats) -> Floats:
    """How many more visits each is expected to make within so many weeks."""
    (x, t, age), _, where = alike(floats(x), floats(t), floats(age))
    a = of.a if abs(of.a - 1.0) > _NUDGE else 1.0 + _NUDGE
    m = 1.0 if of.model == "mbg" else 0.0
    rx = of.r + x
    late = of.alpha + age
    gone, _ = _gone(of.model, of.r, a, of.b, x, rx * np.log(late / (of.alpha + t)))
    d = of.b + x - 1.0 + m
    share = hyp2f1(rx, of.b + x + m, a + d, horizon / (late + horizon))
    lived = 1.0 - (late / (late + horizon)) ** rx * share
    found: Floats = (a + d) / (a - 1.0) * lived / (1.0 + gone)
    return found[where]


def alive(of: Buying, x: Floats, t: Floats, age: Floats) -> Floats:
    """The chance that somebody has not left, as the model has it: for tests, shown to nobody."""
    x, t, age = floats(x), floats(t), floats(age)
    longer = (of.r + x) * np.log((of.alpha + age) / (of.alpha + t))
    gone, _ = _gone(of.model, of.r, of.a, of.b, x, longer)
    found: Floats = 1.0 / (1.0 + gone)
    return found


def _gone(model: Model, r: float, a: float, b: float, x: Floats, longer: Floats) -> tuple[Floats, Floats]:
    """The odds D of having left, and d of the formulas; ``longer`` is (r + x) ln((α + T)/(α + t))."""
    if model == "mbg":
        d = b + x
        return a / d * np.exp(longer), d
    d = np.where(x > 0, b + x - 1.0, 1.0)
    return np.where(x > 0, a / d * np.exp(longer), 0.0), d
