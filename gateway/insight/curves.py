"""Beta, Student's t, Poisson: shares of their curves and the points at which those are reached, without a library."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

_NEAR = 1e-14
_STEPS = 300
Z95 = NormalDist().inv_cdf(0.975)


def beta_below(x: float, a: float, b: float) -> float:
    """The share of Beta(a, b) below x."""
    if x <= 0.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1.0) / (a + b + 2.0):
        return front * _fraction(x, a, b) / a
    return 1.0 - front * _fraction(1.0 - x, b, a) / b


def beta_at(share: float, a: float, b: float) -> float:
    """The point below which this share of Beta(a, b) lies."""
    return _reached(lambda x: beta_below(x, a, b), share, 0.0, 1.0)


def student_at(share: float, degrees: float) -> float:
    """The point below which this share of Student's t lies, for a share of a half or more."""

    def below(t: float) -> float:
        return 1.0 - 0.5 * beta_below(degrees / (degrees + t * t), degrees / 2.0, 0.5)

    high = 1.0
    while below(high) < share and high < 1e9:
        high *= 2.0
    return _reached(below, share, 0.0, high)


def poisson_from(count: int, expected: float) -> float:
    """The chance of so many or more where so many are expected; exact also far out in the tail."""
    if count <= 0:
        return 1.0
    if expected <= 0.0:
        return 0.0
    if count <= expected:  # the tail is the larger part: what is below it is summed
        return 1.0 - sum(_poisson(each, expected) for each in range(count))
    term = _poisson(count, expected)
    total, at = term, count
    while term > total * _NEAR:
        at += 1
        term *= expected / at
        total += term
    return min(1.0, total)


def _poisson(count: int, expected: float) -> float:
    return math.exp(count * math.log(expected) - expected - math.lgamma(count + 1))


def _reached(below: Callable[[float], float], share: float, low: float, high: float) -> float:
    for _ in range(200):
        middle = (low + high) / 2.0
        if middle in (low, high):
            break
        if below(middle) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2.0


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the incomplete beta function, by Lentz's method (DLMF 8.17.22)."""
    tiny = 1e-300
    c, d = 1.0, 1.0 - (a + b) * x / (a + 1.0)
    d = 1.0 / (d if abs(d) > tiny else tiny)
    found = d
    for m in range(1, _STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0))
        for term in (even, odd):
            d = 1.0 + term * d
            c = 1.0 + term / c
            d = 1.0 / (d if abs(d) > tiny else tiny)
            c = c if abs(c) > tiny else tiny
            found *= c * d
        if abs(c * d - 1.0) < _NEAR:
            break
    return found
