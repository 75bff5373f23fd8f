"""Customers from and to CSV: a bad row is named by line and reason, and costs no other row."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TextIO

from gateway.events import venue_time
from gateway.recognition.identifiers import BadIdentifier, parse
from gateway.records import customers
from gateway.records.connection import SealedDatabase
from gateway.records.consents import PURPOSES, consents_of

COLUMNS = (
    "customer",
    "name",
    "address_as",
    "language",
    "tier",
    "associate",
    "deputy",
    "identifiers",
    "consents",
)
CELL_LIMIT = 2_000  # characters
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
NOT_UTF8 = re.compile("[\udc80-\udcff]")  # what "surrogateescape" makes of other bytes

# A cell that begins with one of these is a formula to a spreadsheet; in front of it, export puts an apostrophe.
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r")
APOSTROPHE = "'"


@dataclass(slots=True, frozen=True)
class Problem:
    """Why a row was kept back: its line in the file, counted from 1, and the reason."""

    line: int
    reason: str


@dataclass(slots=True)
class Row:
    """One good row; ``consents`` are purposes with their expiry in seconds since 1970 UTC, or None.

    ``tids`` are the chips' own numbers of those identifiers that came with one.
    """

    line: int
    customer: str
    name: str
    address_as: str
    language: str
    tier: str
    associate: str | None
    deputy: str | None
    identifiers: list[str] = field(default_factory=list, repr=False)
    consents: list[tuple[str, float | None]] = field(default_factory=list)
    tids: dict[str, str] = field(default_factory=dict, repr=False)


# --- reading ---------------------------------------------------------------------------------------------------------


def read_csv(raw: bytes) -> tuple[list[Row], list[Problem]]:
    """The good rows of a customer CSV, and a problem for everything that is wrong with the others."""
    rows: list[Row] = []
    problems: list[Problem] = []
    seen = _Seen()
    header: list[str] | None = None
    for line, cells in _lines(raw):
        if isinstance(cells, str):
            problems.append(Problem(line, cells))
        elif header is None:
            header = [cell.strip().lower() for cell in cells]
            if reason := _wrong_columns(header):
                return [], [Problem(line, reason)]
        elif any(cell.strip() for cell in cells):
            row, reasons = _row(line, header, cells, seen)
            problems += [Problem(line, reason) for reason in reasons]
            if not reasons:
                rows.append(row)
                seen.add(row)
    if header is None and not problems:
        problems.append(Problem(1, f"the file is empty; expected the columns {','.join(COLUMNS)}"))
    return rows, problems


class _Seen:
    """What the rows before held, to name what comes twice."""

    def __init__(self) -> None:
        self.customers: dict[str, int] = {}
        self.identifiers: dict[str, int] = {}

    def add(self, row: Row) -> None:
        self.customers[row.customer] = row.line
        self.identifiers.update(dict.fromkeys(row.identifiers, row.line))


def document_of(raw: bytes) -> str:
    """What names a file in a receipt: its SHA-256."""
    return f"sha256:{sha256(raw).hexdigest()}"


def _lines(raw: bytes) -> Iterator[tuple[int, list[str] | str]]:
    """Line number and cells of every row, or what makes it unreadable."""
    text = raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, f"not CSV: {error}"
            continue
        if NOT_UTF8.search("".join(cells)):
            yield line, "not UTF-8: save the file as CSV UTF-8"
        else:
            yield line, cells


def _wrong_columns(header: list[str]) -> str | None:
    missing = [name for name in COLUMNS if name not in header]
    unknown = [name for name in header if name not in COLUMNS]
    twice = sorted({name for name in header if header.count(name) > 1} & set(COLUMNS))
    found = [
        f"{what} {', '.join(repr(name) for name in names)}"
        for what, names in (("missing", missing), ("unknown", unknown), ("twice", twice))
        if names
    ]
    return f"wrong columns: {'; '.join(found)}; expected {','.join(COLUMNS)}" if found else None


def _row(line: int, header: list[str], cells: list[str], seen: _Seen) -> tuple[Row, list[str]]:
    """The row, and everything that is wrong with it."""
    if len(cells) != len(header):
        return _EMPTY, [f"{len(cells)} cells; expected {len(header)}"]
    facts = {name: _from_cell(cell) for name, cell in zip(header, cells, strict=True)}
    reasons = [f"{name}: {wrong}" for name, cell in facts.items() if (wrong := _unfit(cell))]
    reasons += _wrong_person(facts, seen)
    identifiers, tids, unknown = _identifiers(facts["identifiers"], seen)
    consents, refused = _consents(facts["consents"])
    reasons += unknown + refused
    row = Row(
        line,
        facts["customer"],
        facts["name"],
        facts["address_as"],
        facts["language"],
        facts["tier"],
        facts["associate"] or None,
        facts["deputy"] or None,
        identifiers,
        consents,
        tids,
    )
    return row, reasons


_EMPTY = Row(0, "", "", "", "", "", None, None)


def _unfit(cell: str) -> str | None:
    if len(cell) > CELL_LIMIT:
        return f"{len(cell)} characters; expected at most {CELL_LIMIT}"
    odd = CONTROL.search(cell)
    return None if odd is None else f"holds the control character U+{ord(odd[0]):04X}"


def _wrong_person(facts: dict[str, str], seen: _Seen) -> Iterator[str]:
    customer = facts["customer"]
    if not customers.CUSTOMER_ID.fullmatch(customer):
        yield f"customer: {customer[:80]!r} is no id; expected 1 to 64 letters, digits and . _ ~ @ : + -"
    elif customer in seen.customers:
        yield f"customer: {customer!r} stands in line {seen.customers[customer]} already"
    if not facts["name"]:
        yield "name: missing"
    if facts["language"] and not LANGUAGE.fullmatch(facts["language"]):
        yield f"language: {facts['language'][:20]!r} is none; expected a tag such as zh-CN or en"


def _identifiers(cell: str, seen: _Seen) -> tuple[list[str], dict[str, str], list[str]]:
    """Identifiers, and after an ``@`` behind an EPC its chip's own number."""
    good: list[str] = []
    tids: dict[str, str] = {}
    reasons = []
    for number, text in enumerate(_parts(cell), 1):
        code, chip, tid = text.partition("@") if text.lower().startswith("epc") else (text, "", "")
        try:
            identifier = parse(code)
            if chip:
                tids[identifier] = parse(f"tid:{tid}").partition(":")[2]
        except BadIdentifier as error:
            reasons.append(f"identifiers: number {number}: {error}")
            continue
        if identifier in seen.identifiers:
            reasons.append(f"identifiers: number {number} stands in line {seen.identifiers[identifier]} already")
        elif identifier not in good:
            good.append(identifier)
    return good, tids, reasons


def _consents(cell: str) -> tuple[list[tuple[str, float | None]], list[str]]:
    good: dict[str, float | None] = {}
    reasons = []
    for text in _parts(cell):
        purpose, at, date = (part.strip() for part in text.partition("@"))
        if purpose not in PURPOSES:
            reasons.append(f"consents: unknown purpose {purpose[:40]!r}; expected one of {', '.join(PURPOSES)}")
        elif purpose in good:
            reasons.append(f"consents: {purpose} stands there twice")
        else:
            try:
                good[purpose] = venue_time.ending(date) if at else None
            except ValueError:
                reasons.append(f"consents: {purpose}: {date[:40]!r} is no date; expected one such as 2027-12-31")
    return list(good.items()), reasons


def _parts(cell: str) -> list[str]:
    return [part for part in (part.strip() for part in cell.replace("；", ";").split(";")) if part]


# --- exporting -------------------------------------------------------------------------------------------------------


def count(reader: SealedDatabase) -> int:
    """How many customers ``export`` writes."""
    return int(reader.conn.execute("SELECT count(*) FROM customers").fetchone()[0])


def export(reader: SealedDatabase, out: TextIO) -> int:
    """Writes every customer to ``out`` (opened with ``newline=""``) as a file that can be imported; how many rows.

    The file holds personal data and identifiers in clear. Wishes and preferences are not part of the format.
    """
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    count = 0
    for customer in customers.customers(reader):
        identifiers = [_with_chip(one) for one in customers.credentials_of(reader, customer.id)]
        consents = [
            one.purpose if one.expires is None else f"{one.purpose}@{venue_time.ending_text(one.expires)}"
            for one in consents_of(reader, customer.id)
        ]
        cells = (
            customer.id,
            customer.name,
            customer.address_as,
            customer.language,
            customer.tier,
            customer.associate or "",
            customer.deputy or "",
            ";".join(identifiers),
            ";".join(consents),
        )
        writer.writerow([_to_cell(cell) for cell in cells])
        count += 1
    return count


def _with_chip(one: customers.Credential) -> str:
    return f"{one.identifier}@{one.tid}" if one.tid and one.scheme == "epc" else one.identifier


def _to_cell(text: str) -> str:
    return APOSTROPHE + text if _escaped(text) else text


def _from_cell(cell: str) -> str:
    text = cell.strip()
    return text[1:] if text.startswith(APOSTROPHE) and _escaped(text[1:]) else text


def _escaped(text: str) -> bool:
    """Whether export puts an apostrophe in front: before a formula, and before what already looks so treated."""
    return text.startswith(FORMULA) or (text.startswith(APOSTROPHE) and _escaped(text[1:]))
