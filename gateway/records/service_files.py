"""Files of places, of who is expected, and of menus: a bad row is named by line and reason, and costs no other row."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.events import venue_time
from gateway.records.exchange import AS_TEXT, LONGEST_NAME, Problem
from gateway.records.sheets import Unreadable, lines_of, text_of
from reader_drivers.texts import Unfit, folded, one_line

PLACES = ("place", "zone", "kind", "seats")
EXPECTED = ("customer", "place", "from", "until", "note")
MENU = ("menu", "item", "zh-CN", "en", "allergens", "may_contain", "ingredients", "stock")
KINDS = ("seat", "chair", "table", "room")
NAME = re.compile(r"\w[\w ./-]{0,31}")
ID = re.compile(r"\w[\w.-]{0,63}", re.ASCII)
CODE = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}", re.ASCII)
BETWEEN = re.compile(r"[\s,;，；、|]+")
NONE = "-"  # in a cell of allergens: there are none, while an empty cell declares nothing
MOST = 2_000  # rows of one file
Cells = Mapping[str, str]


@dataclass(slots=True)
class Read:
    """The good rows of a file, each with its line, and what is wrong with the others."""

    rows: list[tuple[int, Any]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class _Wrong(Exception):
    """Why a row is kept back."""


def places(raw: bytes, zones: Collection[str], own: Collection[str]) -> Read:
    """Places as events hold them, a list for each row; ``own`` are those of the settings. Raises Unreadable."""
    seen = dict.fromkeys(own, "the settings")

    def row(line: int, cells: Cells) -> list[dict[str, Any]]:
        place, zone, kind = cells["place"], cells["zone"], cells["kind"] or "seat"
        if not NAME.fullmatch(place):
            raise _Wrong(f"place: {place[:80]!r}; expected a name of 32 characters at most, like 12A or T1")
        if zone not in zones:
            raise _Wrong(f"zone: there is no zone {zone[:80]!r}; expected one of {', '.join(zones)}")
        if kind not in KINDS:
            raise _Wrong(f"kind: {kind[:80]!r}; expected one of {', '.join(KINDS)}")
        seats = _number(cells, "seats", 1, 50)
        names = [place] if seats is None else [f"{place}/{number}" for number in range(1, seats + 1)]
        for name in names:
            if name in seen:
                raise _Wrong(f"place: {name} is there already, in {seen[name]}")
        seen.update(dict.fromkeys(names, f"line {line}"))
        return [
            {"place": name, "zone": zone, "kind": kind, "group": None if seats is None else place} for name in names
        ]

    return _read(raw, PLACES, row)


def expected(raw: bytes, whose: Callable[[str], str | None], there: Collection[str]) -> Read:
    """Who is expected, as ``POST /api/expected`` takes it; ``whose`` says who is named. Raises Unreadable."""

    def row(_: int, cells: Cells) -> dict[str, Any]:
        named, place = cells["customer"], cells["place"] or None
        customer = whose(named)
        if customer is None:
            raise _Wrong(f"customer: there is no customer {named[:80]!r}")
        if place is not None and place not in there:
            raise _Wrong(f"place: there is no place {place[:80]!r}")
        begins, ends = _time(cells, "from"), _time(cells, "until")
        if begins is not None and ends is not None and begins > ends:
            raise _Wrong(f"until: {named!r} goes before they come")
        note = cells["note"] or None
        return {"id": None, "customer": customer, "place": place, "begins": begins, "ends": ends, "note": note}

    return _read(raw, EXPECTED, row, needed=("customer",))


def menus(raw: bytes, wrong: Callable[[Mapping[str, Any]], str | None]) -> Read:
    """Items of menus as events hold them, with the name of their menu; ``wrong`` says why one cannot be right.

    Raises Unreadable.
    """
    seen: dict[tuple[str, str], int] = {}

    def row(line: int, cells: Cells) -> tuple[str, dict[str, Any]]:
        menu, item = cells["menu"], cells["item"]
        for name, text in (("menu", menu), ("item", item)):
            if not ID.fullmatch(text):
                raise _Wrong(f"{name}: {text[:80]!r}; expected letters, digits, '.', '_' and '-'")
        zh, en = cells["zh-CN"] or cells["en"], cells["en"] or cells["zh-CN"]
        if not zh:
            raise _Wrong("zh-CN, en: expected what it is called in one of the two")
        if (menu, item) in seen:
            raise _Wrong(f"item: {item} is there already, in line {seen[menu, item]}")
        declared = cells["allergens"]
        dish = {
            "id": item,
            "labels": {"zh-CN": zh, "en": en},
            "allergens": None if not declared else _codes(cells, "allergens"),
            "may_contain": _codes(cells, "may_contain"),
            "ingredients": _codes(cells, "ingredients"),
            "without": _codes(cells, "without"),
            "stock": _number(cells, "stock", 0, 100_000),
        }
        reason = wrong(dish)
        if reason is not None:
            raise _Wrong(reason)
        seen[menu, item] = line
        return menu, dish

    return _read(raw, MENU, row, needed=("menu", "item"), more=("without",))


# --- reading ---------------------------------------------------------------------------------------------------------


def _read(
    raw: bytes, columns: Sequence[str], row: Callable[[int, Cells], Any], needed: Sequence[str] | None = None,
    more: Sequence[str] = (),
) -> Read:  # fmt: skip
    done = Read()
    header: list[str] | None = None
    for line, cells in lines_of(text_of(raw), columns):
        if isinstance(cells, str):
            if header is None:
                raise Unreadable(line, cells)
            done.problems.append(Problem(line, cells))
        elif header is None:
            header = _header(line, cells, columns, needed or columns[:2], more)
        elif any(cell.strip() for cell in cells):
            try:
                done.rows.append((line, row(line, _cells(header, cells, (*columns, *more)))))
            except _Wrong as wrong:
                done.problems.append(Problem(line, str(wrong)))
            if len(done.rows) > MOST:
                raise Unreadable(line, f"more than {MOST} rows")
    if header is None:
        raise Unreadable(1, f"the file is empty; expected the columns {','.join(columns)}")
    return done


def _header(
    line: int, cells: Sequence[str], columns: Sequence[str], needed: Iterable[str], more: Sequence[str]
) -> list[str] | None:
    if not any(cell.strip() for cell in cells):
        return None
    right = {folded(name): name for name in (*columns, *more)}
    names = [right.get(folded(cell), cell.strip()) for cell in cells]
    missing = [name for name in needed if name not in names]
    unknown = [name for name in names if name and name not in right.values()]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    for what, found in (("missing", missing), ("unknown", unknown), ("twice", twice)):
        if found:
            raise Unreadable(line, f"wrong columns: {what} {', '.join(found)}; expected {','.join(columns)}")
    return names


def _cells(header: Sequence[str], cells: Sequence[str], columns: Iterable[str]) -> Cells:
    if any(cell.strip() for cell in cells[len(header) :]):
        raise _Wrong(f"{len(cells)} cells; expected {len(header)}")
    found = dict.fromkeys(columns, "")
    for name, cell in zip(header, cells, strict=False):
        try:
            found[name] = one_line(AS_TEXT.sub(r"\1", cell))
        except Unfit as unfit:
            raise _Wrong(f"{name}: {unfit}") from None
        if len(found[name]) > LONGEST_NAME and name not in ("note", "ingredients"):
            raise _Wrong(f"{name}: {len(found[name])} characters; expected at most {LONGEST_NAME}")
    return found


def _number(cells: Cells, name: str, least: int, most: int) -> int | None:
    text = cells[name]
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 6 or not least <= int(text) <= most:
        raise _Wrong(f"{name}: {text[:80]!r}; expected a whole number from {least} to {most}")
    return int(text)


def _time(cells: Cells, name: str) -> float | None:
    try:
        return venue_time.moment(cells[name]) if cells[name] else None
    except ValueError as error:
        raise _Wrong(f"{name}: {error}") from None


def _codes(cells: Cells, name: str) -> list[str]:
    """The codes of a cell, each once; none of ``-``."""
    return list(dict.fromkeys(_each(cells, name)))


def _each(cells: Cells, name: str) -> Iterator[str]:
    for code in BETWEEN.split(cells[name].lower()):
        if code and code != NONE:
            if not CODE.fullmatch(code):
                raise _Wrong(f"{name}: {code[:80]!r}; expected codes like peanuts, parted by blanks or commas")
            yield code
