"""CSV files for the models: what a column is, and what a bad row is told."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gateway.insight.models.arrays import Floats, floats

MOST_VALUES = 50
SKEWED = 0.5


class BadTable(Exception):
    """A file cannot be used; the text says which line or column, what is there, and what was expected."""


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file with a header: its columns in order, and each row's texts."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, name: str) -> list[str]:
        """One column's texts; raises BadTable where there is none."""
        if name not in self.names:
            raise BadTable(f"column {name!r} is not there; there are {', '.join(self.names)}")
        place = self.names.index(name)
        return [row[place] for row in self.rows]

    def numbers(self, name: str) -> Floats:
        """One column's numbers; raises BadTable with the line of the first that is none, or is below 0."""
        found = []
        for line, text in enumerate(self.column(name), 2):
            value = _number(text)
            if value is None or value < 0:
                raise BadTable(f"line {line}, {name}: {text!r}; expected a number, 0 or more")
            found.append(value)
        return floats(found)


def read(file: Path) -> Table:
    """Reads UTF-8 with a header; raises BadTable."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = [tuple(cell.strip() for cell in row) for row in csv.reader(lines) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadTable(str(error)) from None
    if len(rows) < 2:
        raise BadTable("expected a header and at least one row")
    names = rows[0]
    if len(set(names)) != len(names):
        raise BadTable(f"a column stands twice: {', '.join(names)}")
    for line, row in enumerate(rows[1:], 2):
        if len(row) != len(names):
            raise BadTable(f"line {line}: {len(row)} cells; expected {len(names)}")
    return Table(names, tuple(rows[1:]))


@dataclass(frozen=True, slots=True)
class Columns:
    """What a model sees of a table: numbers with a name each; which columns were left out, and what was filled in."""

    names: tuple[str, ...]
    values: Floats
    left_out: Mapping[str, str]
    blanks: Mapping[str, int]


def columns(table: Table, without: Iterable[str]) -> Columns:
    """All columns but these, as numbers.

    A column of numbers with more than two values stands as it is; whole numbers also as log1p; others as log1p alone
    where they are skewed. A blank among numbers is 0. Any other column is a flag for each value but the first.
    """
    names: list[str] = []
    values: list[Floats] = []
    left_out: dict[str, str] = {}
    blanks: dict[str, int] = {}
    for name in table.names:
        if name in without:
            continue
        texts = table.column(name)
        numbers = [_number(text) if text else 0.0 for text in texts]
        known = [each for each in numbers if each is not None]
        if len(known) == len(numbers) and len(set(known)) > 2:
            if empty := sum(not text for text in texts):
                blanks[name] = empty
            for label, column in _numeric(name, floats(known)):
                names.append(label)
                values.append(column)
            continue
        kinds = sorted(set(texts))
        if len(kinds) > MOST_VALUES:
            left_out[name] = f"{len(kinds)} different texts, more than {MOST_VALUES}"
            continue
        for kind in kinds[1:]:
            names.append(f"{name}={kind}")
            values.append(floats([text == kind for text in texts]))
    if not values:
        raise BadTable("no column is left to learn from")
    return Columns(tuple(names), np.stack(values, axis=1), left_out, blanks)


def _numeric(name: str, column: Floats) -> Sequence[tuple[str, Floats]]:
    if column.min() < 0:
        return [(name, column)]
    as_log = (f"log1p {name}", np.log1p(column))
    if np.all(column == np.round(column)):
        return [(name, column), as_log]
    return [as_log] if _skewness(column) > SKEWED else [(name, column)]


def _skewness(column: Floats) -> float:
    apart = column - column.mean()
    spread = float(np.sqrt(np.mean(apart**2)))
    return float(np.mean(apart**3)) / spread**3 if spread else 0.0


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
