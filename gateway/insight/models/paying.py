"""How much a visit brings: Gamma-Gamma (Fader, Hardie 2013). x visits brought z each on average."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, psi

from gateway.insight.models.arrays import Floats, floats
from gateway.insight.models.fitting import fitted

_STARTS = ((6.0, 4.0, 15.0), (1.0, 2.0, 50.0))
TIED = 0.3
"""From this correlation of x and z on the model is wrong: it takes the two for independent."""


@dataclass(frozen=True, slots=True)
class Paying:
    """A fitted model of what a visit brings."""

    p: float
    q: float
    gamma: float
    log_likelihood: float
    customers: int

    @property
    def mean(self) -> float:
        """What a visit of somebody brings of whom nothing is known; infinite where q is 1 or less."""
        return self.p * self.gamma / (self.q - 1.0) if self.q > 1.0 else float("inf")


def fit(x: Floats, z: Floats) -> Paying:
    """The model that makes these amounts likeliest, of those with visits that brought something; raises NotFitted."""
    x, z = floats(x), floats(z)
    some = (x > 0) & (z > 0)
    x, z = x[some], z[some]
    scale = float(np.median(z)) if len(z) else 1.0
    starts = [(p, q, gamma * scale / 25.0) for p, q, gamma in _STARTS]
    (p, q, gamma), best = fitted(lambda of: likelihood(of, x, z), starts, float(len(x)))
    return Paying(float(p), float(q), float(gamma), best, len(x))


def likelihood(of: Floats, x: Floats, z: Floats) -> tuple[float, Floats]:
    """ln L and its slope by p, q and γ."""
    p, q, gamma = (float(each) for each in of)
    px = p * x
    log_x, log_z, log_sum = np.log(x), np.log(z), np.log(gamma + x * z)
    each = (
        gammaln(px + q) - gammaln(px) - gammaln(q) + q * np.log(gamma)
        + (px - 1.0) * log_z + px * log_x - (px + q) * log_sum
    )  # fmt: skip
    both = psi(px + q)
    slope_p = x * (both - psi(px) + log_z + log_x - log_sum)
    slope_q = both - psi(q) + np.log(gamma) - log_sum
    slope_gamma = q / gamma - (px + q) / (gamma + x * z)
    return float(each.sum()), floats([slope_p.sum(), slope_q.sum(), slope_gamma.sum()])


def expected(of: Paying, x: Floats, z: Floats) -> Floats:
    """What the next visit of each brings; of whom nothing is known yet, the mean of all."""
    x, z = floats(x), floats(z)
    below = of.p * x + of.q - 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = np.where(below > 0, of.p * (of.gamma + x * z) / below, of.mean)
    return found


def tied(x: Floats, z: Floats) -> float:
    """The correlation of visits and what each brings, among those of whom both are known; 0 of fewer than three."""
    x, z = floats(x), floats(z)
    some = (x > 0) & (z > 0)
    if some.sum() < 3 or np.ptp(x[some]) == 0 or np.ptp(z[some]) == 0:
        return 0.0
    return float(np.corrcoef(x[some], z[some])[0, 1])
