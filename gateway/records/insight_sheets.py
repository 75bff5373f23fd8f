"""Files about value, cost and days from elsewhere: their columns by kind, ours or another program's by a map."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated

from pydantic import Field

from gateway.records.column_maps import ColumnMap
from gateway.records.exchange import Problem
from gateway.records.sheets import Unreadable, lines_of, text_of
from reader_drivers.texts import folded

Cells = dict[str, str]
_FACTORS = tuple(f"f{number}" for number in range(1, 13))
KINDS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "entries": (
        ("side", "on", "reference"),
        ("id", "customer", "gathering", "amount", "margin", "currency", "way", "minutes", "role", "lever", "budget",
         "line", "reason", "expects", "approver", "touch", "reverses"),
    ),
    "visits": (("customer", "on", "reference"), ("venue", "until")),
    "gatherings": (("gathering", "on", "customer"), ()),
    "ties": (("a", "b", "kind", "on", "reference"), ()),
    "lost": (("customer", "on", "cause"), ("words",)),
    "wallet": (("customer", "on", "low", "high"), ()),
    "survey": (("customer", "on"), ("overall", *_FACTORS)),
}  # fmt: skip
"""Of each kind of file the columns that it must have, and those that it may."""
TOTALS = frozenset({"total", "subtotal", "sum", "grand total", "summe", "gesamt", "合计", "小计", "总计", "合計"})
"""What stands in a row that adds up others."""
_MONEY = frozenset({"amount", "margin", "low", "high", "minutes", "overall", *_FACTORS})
_DAYS = frozenset({"on", "until"})
_Name = Annotated[str, Field(min_length=1, max_length=200)]


class Map(ColumnMap):
    """Which column of another program's export holds what; every other column is left alone.

    ``before`` is put in front of a value ("crm:" makes 4711 the customer crm:4711), ``values`` says what a sign means,
    ``always`` is what every row says, ``decimal`` the sign before cents, ``dates`` how days are written.
    """

    columns: dict[str, _Name]
    before: dict[str, str] = Field(default_factory=dict)
    values: dict[str, dict[str, str]] = Field(default_factory=dict)
    always: dict[str, str] = Field(default_factory=dict)
    decimal: Annotated[str, Field(pattern=r"^[.,]$")] = "."


@dataclass(slots=True)
class Sheet:
    """The rows that can be read, by line, and what is wrong with the others."""

    rows: list[tuple[int, Cells]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read(raw: bytes, kind: str, wanted: Map | None = None) -> Sheet:
    """The rows of a file of this kind; raises Unreadable for a file that is refused whole."""
    must, may = KINDS[kind]
    wanted = wanted or Map(columns={name: name for name in (*must, *may)})
    named = wanted.columns.values()
    found, header = Sheet(), None
    for line, cells in lines_of(text_of(raw, wanted.encoding), list(named)):
        if isinstance(cells, str):
            if header is None:
                raise Unreadable(line, cells)
            found.problems.append(Problem(line, cells))
        elif not any(cell.strip() for cell in cells):
            continue
        elif header is None:
            header = _header(line, cells, kind, wanted)
        elif len(cells) <= max(header.values()):
            found.problems.append(Problem(line, f"{len(cells)} cells; expected {max(header.values()) + 1}"))
        elif any(folded(cell).strip(" :：").lower() in TOTALS for cell in cells):
            found.problems.append(Problem(line, "a row of totals; leave those out of the file"))
        else:
            try:
                found.rows.append((line, dict(_ours({ours: cells[at] for ours, at in header.items()}, kind, wanted))))
            except ValueError as wrong:
                found.problems.append(Problem(line, str(wrong)))
    if header is None:
        raise Unreadable(1, f"the file is empty; expected the columns {','.join(must)}")
    return found


def _header(line: int, cells: list[str], kind: str, wanted: Map) -> dict[str, int]:
    """Where each of our columns stands in the file."""
    there = [folded(cell) for cell in cells]
    must, may = KINDS[kind]
    unknown = {*wanted.columns, *wanted.always} - {*must, *may}
    if unknown:
        raise Unreadable(line, f"the map names {', '.join(sorted(unknown))}, which {kind} do not have")
    found = {ours: there.index(folded(theirs)) for ours, theirs in wanted.columns.items() if folded(theirs) in there}
    missing = [wanted.columns.get(name, name) for name in must if name not in found and name not in wanted.always]
    if missing:
        raise Unreadable(line, f"expected the columns {', '.join(must)}; there is no {', '.join(missing)}")
    return found


def _ours(cells: Cells, kind: str, wanted: Map) -> Iterator[tuple[str, str]]:
    must, may = KINDS[kind]
    for name in (*must, *may):
        text = cells.get(name, "").strip()
        if name in wanted.values and text:
            signs = wanted.values[name]
            if text not in signs:
                raise ValueError(f"{name}: {text!r} is none of {', '.join(signs)}")
            text = signs[text]
        if text and name in wanted.before:
            text = wanted.before[name] + text
        text = text or wanted.always.get(name, "")
        if text and name in _DAYS:
            text = _day(name, text, wanted.dates)
        if text and name in _MONEY:
            text = _number(name, text, wanted.decimal)
        if not text and name in must:
            raise ValueError(f"{name}: expected something")
        yield name, text


def _day(name: str, text: str, dates: str) -> str:
    try:
        return datetime.strptime(text, dates).date().isoformat()  # noqa: DTZ007 - a day of the venue's calendar
    except ValueError:
        raise ValueError(f"{name}: {text!r} is no day like {date(2026, 7, 31).strftime(dates)}") from None


def _number(name: str, text: str, decimal: str) -> str:
    plain = text.replace(".", "").replace(",", ".") if decimal == "," else text
    try:
        if not Decimal(plain).is_finite():
            raise InvalidOperation
    except InvalidOperation:
        raise ValueError(f"{name}: {text!r} is no number") from None
    return plain
