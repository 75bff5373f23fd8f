"""Arrays of numbers, and how rows that say the same are folded into one with a weight."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def floats(values: Any) -> Floats:
    """An array of numbers."""
    return np.ascontiguousarray(values, dtype=np.float64)


def some(number: int, most: int) -> slice:
    """At most so many of rows that stand in no order that matters, evenly chosen: the same every time."""
    return slice(None, None, max(1, -(-number // most)))


def alike(*columns: Floats) -> tuple[list[Floats], Floats, NDArray[np.int64]]:
    """Rows that are equal, once: their columns, how often each stood there, and where each row went.

    Sorts and compares neighbours: ``unique`` takes ten times as long for millions of rows.
    """
    number = len(columns[0])
    if number == 0:
        return list(columns), floats([]), np.zeros(0, np.int64)
    order = np.lexsort(columns[::-1])
    first = np.zeros(number, np.bool_)
    first[0] = True
    for column in columns:
        ordered = column[order]
        first[1:] |= ordered[1:] != ordered[:-1]
    group = np.cumsum(first) - 1
    where = np.empty(number, np.int64)
    where[order] = group
    begins = np.flatnonzero(first)
    weights = np.diff(np.append(begins, number)).astype(np.float64)
    return [column[order][begins] for column in columns], weights, where
