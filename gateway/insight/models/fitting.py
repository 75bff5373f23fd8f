"""Fits parameters that are above zero: log parameters, L-BFGS-B on the mean, the gradient worked out by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.optimize import minimize

from gateway.insight.models.arrays import Floats

Likelihood = Callable[[Floats], tuple[float, Floats]]
"""Of parameters: ln L of everybody, and its slope by each parameter."""
_WIDEST = 12.0


class NotFitted(Exception):
    """There is nothing to fit, or it did not come to rest; the text says which."""


def fitted(likelihood: Likelihood, starts: Sequence[Sequence[float]], number: float) -> tuple[Floats, float]:
    """The parameters at which ln L is highest, and that; the next start is tried where one ends without rest.

    Raises NotFitted.
    """
    if number <= 0:
        raise NotFitted("nobody to fit it to")

    def less(log_parameters: Floats) -> tuple[float, Floats]:
        parameters = np.exp(log_parameters)
        value, slope = likelihood(parameters)
        return -value / number, -slope * parameters / number

    best: tuple[Floats, float] | None = None
    for start in starts:
        found = minimize(
            less, np.log(start), jac=True, method="L-BFGS-B", bounds=[(-_WIDEST, _WIDEST)] * len(start),
            options={"maxiter": 2_000, "ftol": 1e-13, "gtol": 1e-8},
        )  # fmt: skip
        if np.isfinite(found.fun) and (best is None or -found.fun * number > best[1]):
            best = np.exp(found.x), float(-found.fun * number)
        if best is not None and found.success:
            break
    if best is None:
        raise NotFitted("it did not come to rest")
    return best
