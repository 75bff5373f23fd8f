"""Customers from and to CSV: a bad row is named by line and reason, and costs no other row."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from itertools import zip_longest
from typing import Any, TextIO

from gateway.events import venue_time
from gateway.recognition.identifiers import BadIdentifier, parse
from gateway.records import aliases, customers
from gateway.records.cells import as_cell, from_cell
from gateway.records.connection import SealedDatabase
from gateway.records.consents import PURPOSES, consents_of
from gateway.records.ids import customer_id, damaged, staff_id
from gateway.records.sheets import Unreadable, by_luck, lines_of, text_of
from reader_drivers.texts import Unfit, folded, one_line

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
OPTIONAL = ("birthday", "wishes", "meets")
"""Columns that a file may leave out: then nothing of theirs changes. An export has those of which anything is known."""
LONGEST_NAME, LONGEST_WORD = 200, 64  # characters, as every door has them
LONGEST = {"name": LONGEST_NAME, "address_as": LONGEST_NAME, "language": LONGEST_WORD, "tier": LONGEST_WORD}
LIST_ENDS = re.compile(r"[;；\r\n]")
LISTS = ("identifiers", "consents", "wishes", "meets")
FULL_DATE = re.compile(r"\A\d{4}-(\d\d-\d\d)\Z")  # of a birthday the year is not kept
BLANKS = re.compile(r"[\s-]+")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.ASCII)

AS_TEXT = re.compile(r'\A\s*="([^"]*)"\s*\Z')  # so programs write what a spreadsheet is to take for text
MARK = "\ufeff"  # says that a file is UTF-8


@dataclass(slots=True, frozen=True)
class Problem:
    """Why a row was kept back: its line in the file, counted from 1, and the reason."""

    line: int
    reason: str


@dataclass(slots=True)
class Row:
    """One good row; ``consents`` are purposes with their expiry in seconds since 1970 UTC, or None.

    ``tids`` are the chips' own numbers of those identifiers that came with one, ``more`` what the optional columns that
    the file has say: ``birthday``, ``wishes`` and ``meets``.
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
    more: dict[str, Any] = field(default_factory=dict)


# --- reading ---------------------------------------------------------------------------------------------------------


def read_csv(raw: bytes) -> tuple[list[Row], list[Problem]]:
    """The good rows of a customer CSV, and a problem for everything that is wrong with the others.

    Raises Unreadable for a file that is no such CSV at all: then not one of its rows is to be trusted.
    """
    rows: list[Row] = []
    problems: list[Problem] = []
    seen = _Seen()
    header: list[str] | None = None
    for line, cells in lines_of(text_of(raw), COLUMNS):
        if isinstance(cells, str):
            if header is None:
                raise Unreadable(line, cells)
            problems.append(Problem(line, cells))
        elif header is None:
            header = [folded(cell) for cell in cells] if any(cell.strip() for cell in cells) else None
            if header and (reason := _wrong_columns(header)):
                raise Unreadable(line, reason)
        elif any(cell.strip() for cell in cells):
            row, reasons = _row(line, header, cells, seen)
            problems += [Problem(line, reason) for reason in reasons]
            if not reasons:
                rows.append(row)
                seen.add(row)
    if header is None:
        raise Unreadable(1, f"the file is empty; expected the columns {','.join(COLUMNS)}")
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


MOST_NAMED = 20
"""Columns of one kind that a refusal names: a file may have a hundred thousand."""


def _wrong_columns(header: list[str]) -> str | None:
    count = Counter(header)
    missing = [name for name in COLUMNS if name not in count]
    unknown = [name for name in count if name and name not in (*COLUMNS, *OPTIONAL)]
    twice = [name for name in (*COLUMNS, *OPTIONAL) if count[name] > 1]
    found = [
        f"{what} {', '.join(repr(name[:40]) for name in names[:MOST_NAMED])}{', …' if names[MOST_NAMED:] else ''}"
        for what, names in (("missing", missing), ("unknown", unknown), ("twice", twice))
        if names
    ]
    hint = "; a file for --map names those of another program" if len(missing) > 2 else ""
    return f"wrong columns: {'; '.join(found)}; expected {','.join(COLUMNS)}{hint}" if found else None


def _row(line: int, header: list[str], cells: list[str], seen: _Seen) -> tuple[Row, list[str]]:
    """The row, and everything that is wrong with it."""
    named = [name for name in header if name]
    beyond = [cell for name, cell in zip_longest(header, cells, fillvalue="") if not name]
    if any(cell.strip() for cell in beyond):
        return _EMPTY, [f"{len(cells)} cells; expected {len(named)}, and nothing in columns without a name"]
    if any(name and cell is None for name, cell in zip_longest(header, cells)):
        return _EMPTY, [f"{len(cells)} cells; expected {len(named)}"]
    facts: dict[str, str] = {}
    reasons: list[str] = []
    for name, cell in zip(header, cells, strict=False):
        if not name:
            continue
        try:
            text = AS_TEXT.sub(r"\1", cell)
            facts[name] = text if name in LISTS else from_cell(one_line(text))
        except Unfit as unfit:
            return _EMPTY, [f"{name}: {unfit}"]
    reasons += _wrong_person(facts, seen)
    identifiers, tids, unknown = _identifiers(facts["identifiers"], seen)
    consents, refused = _consents(facts["consents"])
    more, wrong = _more(facts)
    reasons += unknown + refused + wrong
    row = Row(
        line,
        facts["customer"],
        facts["name"],
        facts["address_as"],
        facts["language"].replace("_", "-"),
        facts["tier"],
        facts["associate"] or None,
        facts["deputy"] or None,
        identifiers,
        consents,
        tids,
        more,
    )
    return row, reasons


_EMPTY = Row(0, "", "", "", "", "", None, None)


def _wrong_person(facts: dict[str, str], seen: _Seen) -> Iterator[str]:
    customer = facts["customer"]
    if (why := damaged(customer)) or (why := _refused(customer_id, customer)):
        yield f"customer: {customer[:80]!r} {why}"
    elif customer in seen.customers:
        yield f"customer: {customer!r} stands in line {seen.customers[customer]} already"
    if not facts["name"]:
        yield "name: missing"
    for name, most in LONGEST.items():
        if len(facts[name]) > most:
            yield f"{name}: {len(facts[name])} characters; expected at most {most}"
    if facts["language"] and (why := _refused(language_tag, facts["language"])):
        yield f"language: {facts['language'][:20]!r} {why}"
    for name in ("associate", "deputy"):
        if facts[name] and (why := _refused(staff_id, facts[name])):
            yield f"{name}: {facts[name][:80]!r} {why}"


def _refused(rule: Callable[[str], str], text: str) -> str | None:
    try:
        rule(text)
    except ValueError as wrong:
        return str(wrong)
    return None


def language_tag(text: str) -> str:
    """The tag of a language as it is kept; raises ValueError with what was expected."""
    tag = text.replace("_", "-")
    if not LANGUAGE.fullmatch(tag):
        raise ValueError("is no language; expected a tag such as zh-CN or en")
    return tag


def _identifiers(cell: str, seen: _Seen) -> tuple[list[str], dict[str, str], list[str]]:
    """Identifiers, and after an ``@`` behind an EPC its chip's own number."""
    good: dict[str, None] = {}
    tids: dict[str, str] = {}
    reasons = []
    for number, text in enumerate(_parts(cell), 1):
        code, chip, tid = text.partition("@") if text.lower().startswith("epc") else (text, "", "")
        try:
            identifier = parse(code)
            if chip:
                tids[identifier] = parse(f"tid:{tid}").partition(":")[2]
        except BadIdentifier as error:
            why = damaged(code.partition(":")[2].strip() or code)
            reasons.append(f"identifiers: number {number} {why}" if why else f"identifiers: number {number}: {error}")
            continue
        if identifier in seen.identifiers:
            reasons.append(f"identifiers: number {number} stands in line {seen.identifiers[identifier]} already")
        else:
            good[identifier] = None
    return [*good], tids, reasons


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
            except ValueError as wrong:
                reasons.append(f"consents: {purpose}: {date[:40]!r} is no date that holds: {wrong}")
    return list(good.items()), reasons


def _more(facts: dict[str, str]) -> tuple[dict[str, Any], list[str]]:
    """What the optional columns say, where the file has them."""
    more: dict[str, Any] = {}
    reasons = []
    if "birthday" in facts:
        born = FULL_DATE.sub(r"\1", facts["birthday"])
        try:
            more["birthday"] = (born and date.fromisoformat(f"2024-{born}").strftime("%m-%d")) or None  # a leap year
        except ValueError:
            said = damaged(born) or "is no birthday; expected a month and a day like 04-30"
            reasons.append(f"birthday: {born[:20]!r} {said}")
    if "wishes" in facts:
        more["wishes"] = list(dict.fromkeys(BLANKS.sub("_", part.lower()) for part in _parts(facts["wishes"])))
        reasons += [
            f"wishes: unknown wish {wish[:40]!r}; expected one of {', '.join(customers.WISHES)}"
            for wish in more["wishes"]
            if wish not in customers.WISHES
        ]
    if "meets" in facts:
        more["meets"] = list(dict.fromkeys(_parts(facts["meets"])))
        for id_ in more["meets"]:
            if (why := damaged(id_)) or (why := _refused(customer_id, id_)):
                reasons.append(f"meets: {id_[:80]!r} {why}")
    return more, reasons


def _parts(cell: str) -> list[str]:
    return [part for part in map(_as_kept, LIST_ENDS.split(from_cell(cell))) if part]


def _as_kept(text: str) -> str:
    try:
        return one_line(text)
    except Unfit:
        return text  # whoever reads it says what is wrong


# --- exporting -------------------------------------------------------------------------------------------------------


def count(reader: SealedDatabase) -> int:
    """How many customers ``export`` writes."""
    return int(reader.conn.execute("SELECT count(*) FROM customers").fetchone()[0])


def export(reader: SealedDatabase, out: TextIO) -> int:
    """Writes every customer to ``out`` (opened with ``newline=""``) as a file that can be imported; how many rows.

    The file holds personal data and identifiers in clear. Preferences are not part of the format.
    """
    writer = csv.writer(out)
    more = [name for name in OPTIONAL if any(getattr(each, name) for each in customers.customers(reader))]
    if by_luck(",".join(cells) for cells in _rows(reader, more)):
        out.write(MARK)  # without it these few names could as well be in GBK
    writer.writerow((*COLUMNS, *more))
    count = 0
    for cells in _rows(reader, more):
        writer.writerow(cells)
        count += 1
    return count


def _rows(reader: SealedDatabase, more: Sequence[str] = ()) -> Iterator[list[str]]:
    for customer in customers.customers(reader):
        identifiers = [_with_chip(one) for one in customers.credentials_of(reader, customer.id)]
        consents = [
            one.purpose if one.expires is None else f"{one.purpose}@{venue_time.ending_text(one.expires)}"
            for one in consents_of(reader, customer.id)
        ]
        cells = (
            customer.outside,
            customer.name,
            customer.address_as or "",
            customer.language or "",
            customer.tier or "",
            customer.associate or "",
            customer.deputy or "",
            ";".join(identifiers),
            ";".join(consents),
            *(_said(getattr(customer, name)) for name in more if name != "meets"),
            *([_said(_met(reader, customer.meets))] if "meets" in more else []),
        )
        yield [as_cell(cell) for cell in cells]


def _met(reader: SealedDatabase, meets: Sequence[str]) -> list[str]:
    """Whom somebody meets, as they are called outside."""
    return [aliases.of(reader, each) or each for each in meets]


def _said(value: str | list[str] | None) -> str:
    return ";".join(value) if isinstance(value, list) else value or ""


def _with_chip(one: customers.Credential) -> str:
    return f"{one.identifier}@{one.tid}" if one.tid and one.scheme == "epc" else one.identifier
