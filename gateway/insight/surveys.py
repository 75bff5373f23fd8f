"""A survey of key customers: weighted to what the house is, and which question carries the overall one."""

from __future__ import annotations

import math
import random
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

Matrix = list[list[float]]
TRIMMED = 5.0
"""No answer weighs more than five."""
_CLOSE = 1e-12
_ROUNDS = 10_000


@dataclass(frozen=True, slots=True)
class Raked:
    """A weight for each answer, on average one."""

    weights: tuple[float, ...]
    effective: float
    """As how many answers of one weight they count."""
    trimmed: int
    """How many weighed more than five, and do no longer."""
    unanswered: tuple[Hashable, ...]
    """Groups of which nobody answered: they are spoken for by none."""
    exact: bool
    """Whether every total was met."""


def rake(answers: Sequence[Sequence[Hashable]], targets: Sequence[Mapping[Hashable, float]]) -> Raked:
    """Weighs answers so that each dimension adds up to its targets; ``answers[i][d]`` is the group in dimension d.

    Raises KeyError where an answer is of a group that has no target.
    """
    number = len(answers)
    if not number:
        return Raked((), 0.0, 0, (), False)
    wanted: list[dict[Hashable, float]] = []
    unanswered: list[Hashable] = []
    for dimension, target in enumerate(targets):
        seen = {each[dimension] for each in answers}
        unanswered += [group for group, amount in target.items() if group not in seen and amount > 0]
        total = sum(target[group] for group in seen)
        wanted.append({group: target[group] * number / total for group in seen})
    weights, exact = _raked(answers, wanted)
    trimmed = sum(each > TRIMMED for each in weights)
    weights = [min(each, TRIMMED) for each in weights]
    return Raked(tuple(weights), effective_number(weights), trimmed, tuple(unanswered), exact and not trimmed)


def _raked(
    answers: Sequence[Sequence[Hashable]], wanted: Sequence[Mapping[Hashable, float]]
) -> tuple[list[float], bool]:
    weights = [1.0] * len(answers)
    for _ in range(_ROUNDS):
        worst = 0.0
        for dimension, target in enumerate(wanted):
            sums = dict.fromkeys(target, 0.0)
            for answer, weight in zip(answers, weights, strict=True):
                sums[answer[dimension]] += weight
            worst = max(worst, *(abs(sums[group] - amount) for group, amount in target.items()))
            factors = {group: amount / sums[group] if sums[group] else 0.0 for group, amount in target.items()}
            weights = [w * factors[answer[dimension]] for answer, w in zip(answers, weights, strict=True)]
        if worst <= _CLOSE * len(answers):
            return weights, True
    return weights, False


def effective_number(weights: Sequence[float]) -> float:
    """As how many answers of one weight these count: (Σw)²/Σw²."""
    squares = math.fsum(each * each for each in weights)
    return math.fsum(weights) ** 2 / squares if squares else 0.0


def relative_weights(among: Matrix, with_overall: Sequence[float]) -> list[float]:
    """Johnson's relative weights of correlated questions; they add up to R².

    ``among`` are the correlations of the questions with each other, ``with_overall`` with the overall one.
    """
    values, vectors = _eigen(among)
    roots = [math.sqrt(max(each, 0.0)) for each in values]
    size = range(len(values))
    root = [[sum(vectors[i][k] * roots[k] * vectors[j][k] for k in size) for j in size] for i in size]
    slopes = solved(root, with_overall)
    return [sum((root[j][k] * slopes[k]) ** 2 for k in size) for j in size]


def shapley(among: Matrix, with_overall: Sequence[float]) -> list[float]:
    """What each question adds to R², on average over all orders; at most 12 of them."""
    number = len(with_overall)
    if number > 12:
        raise ValueError(f"{number} questions have too many orders; at most 12")
    explained = [explains(among, with_overall, _members(subset)) for subset in range(1 << number)]
    factorial = [math.factorial(each) for each in range(number + 1)]
    found = []
    for one in range(number):
        total = 0.0
        for subset in range(1 << number):
            if not subset >> one & 1:
                size = subset.bit_count()
                chance = factorial[size] * factorial[number - size - 1] / factorial[number]
                total += chance * (explained[subset | 1 << one] - explained[subset])
        found.append(total)
    return found


def explains(among: Matrix, with_overall: Sequence[float], which: Sequence[int]) -> float:
    """R² of the overall question by these others."""
    if not which:
        return 0.0
    part = [[among[i][j] for j in which] for i in which]
    right = [with_overall[i] for i in which]
    return math.fsum(slope * r for slope, r in zip(solved(part, right), right, strict=True))


@dataclass(frozen=True, slots=True)
class Weighed:
    """How much of the overall answer one question carries, with 95 % bounds by bootstrap."""

    weight: float
    low: float
    high: float
    shapley: float


def importance(
    answers: Sequence[Sequence[float]], overall: Sequence[float], weights: Sequence[float], bootstraps: int = 500
) -> list[Weighed] | None:
    """Relative weights of each question, beside Shapley's; None where the answers do not tell the questions apart."""
    whole = _correlations(answers, overall, weights)
    if whole is None:
        return None
    try:
        estimate, check = relative_weights(*whole), shapley(*whole)
    except ZeroDivisionError:
        return None
    chance = random.Random(12)
    number = len(answers)
    drawn: list[list[float]] = []
    for _ in range(bootstraps):
        places = chance.choices(range(number), k=number)
        again = _correlations(
            [answers[at] for at in places], [overall[at] for at in places], [weights[at] for at in places]
        )
        if again is not None:
            try:
                drawn.append(relative_weights(*again))
            except ZeroDivisionError:
                continue
    if len(drawn) < 40:  # fewer leave nothing outside 95 %
        return None
    columns = [sorted(column) for column in zip(*drawn, strict=True)]
    last = len(drawn) - 1
    return [
        Weighed(weight, column[round(0.025 * last)], column[round(0.975 * last)], other)
        for weight, column, other in zip(estimate, columns, check, strict=True)
    ]


def _correlations(
    answers: Sequence[Sequence[float]], overall: Sequence[float], weights: Sequence[float]
) -> tuple[Matrix, list[float]] | None:
    total = math.fsum(weights)
    if not total:
        return None
    columns = [*map(list, zip(*answers, strict=True)), list(overall)]
    scaled = []
    for column in columns:
        middle = math.fsum(w * each for w, each in zip(weights, column, strict=True)) / total
        spread = math.sqrt(math.fsum(w * (each - middle) ** 2 for w, each in zip(weights, column, strict=True)))
        if spread < _CLOSE:
            return None
        scaled.append([math.sqrt(w) * (each - middle) / spread for w, each in zip(weights, column, strict=True)])
    size = range(len(columns) - 1)
    of = [[math.fsum(map(float.__mul__, scaled[i], scaled[j])) for j in range(len(columns))] for i in size]
    return [row[:-1] for row in of], [row[-1] for row in of]


def solved(matrix: Matrix, right: Sequence[float]) -> list[float]:
    """The solution of a small system; raises ZeroDivisionError where there is no single one."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    size = len(rows)
    for at in range(size):
        best = max(range(at, size), key=lambda row: abs(rows[row][at]))
        rows[at], rows[best] = rows[best], rows[at]
        if abs(rows[at][at]) < _CLOSE:
            raise ZeroDivisionError("these rows depend on each other")
        for row in range(at + 1, size):
            factor = rows[row][at] / rows[at][at]
            for column in range(at, size + 1):
                rows[row][column] -= factor * rows[at][column]
    found = [0.0] * size
    for at in reversed(range(size)):
        rest = sum(rows[at][column] * found[column] for column in range(at + 1, size))
        found[at] = (rows[at][size] - rest) / rows[at][at]
    return found


def _eigen(matrix: Matrix) -> tuple[list[float], Matrix]:
    """Eigenvalues and vectors (as columns) of a small symmetric matrix, by Jacobi's rotations."""
    a = [list(row) for row in matrix]
    size = len(a)
    v = [[float(i == j) for j in range(size)] for i in range(size)]
    for _ in range(100):
        if sum(a[i][j] ** 2 for i in range(size) for j in range(i)) < 1e-30:
            break
        for p in range(size):
            for q in range(p + 1, size):
                if abs(a[p][q]) > 1e-300:
                    _rotate(a, v, p, q)
    return [a[i][i] for i in range(size)], v


def _rotate(a: Matrix, v: Matrix, p: int, q: int) -> None:
    tau = (a[q][q] - a[p][p]) / (2 * a[p][q])
    t = math.copysign(1.0, tau) / (abs(tau) + math.hypot(1.0, tau))
    c = 1 / math.hypot(1.0, t)
    s = t * c
    for row in (*a, *v):
        row[p], row[q] = c * row[p] - s * row[q], s * row[p] + c * row[q]
    for k in range(len(a)):
        a[p][k], a[q][k] = c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]


def _members(subset: int) -> list[int]:
    return [each for each in range(subset.bit_length()) if subset >> each & 1]
