"""The customer ledger: who our customers are, for whom they come, what they bought when, and what is owed either way.

It holds those who agree to ``insight`` and are in the run that is asked; everybody else is one number. A company is
what the people say who come for it: it has no record of its own, since the name of a firm is often its owner's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.core.insight_book import Book
from gateway.records import agreeing, entries, house_documents, promises, statements
from gateway.records.connection import SealedDatabase

Row = dict[str, Any]
Root = Callable[[str], str]
BY = ("sector", "region", "relation", "company")
"""By what one may choose."""
UNKNOWN: Row = {"sector": "", "region": "", "relation": "person", "company": "", "owes": ""}
BOUGHT = 5
"""So many purchases stand in a row, the newest first; how many there are stands beside them."""


@dataclass(slots=True, frozen=True)
class Ledger:
    """The rows that were chosen, of all there are; ``others`` are customers of whom nothing is said."""

    every: list[Row]
    rows: list[Row]
    others: int

    def head(self, reader: SealedDatabase) -> Row:
        """How many of which kind, what may be chosen, each company with its people, and the lists that are kept."""
        kept = [{name: each[name] for name in ("list", *BY[:3])} for each in house_documents.lists(reader)]
        return {
            "count": len(self.rows),
            "of": len(self.every),
            "others": self.others,
            "by": {name: counted(row[name] for row in self.rows) for name in BY[:3]},
            "choices": {name: sorted({row[name] for row in self.every} - {""}) for name in BY},
            "companies": self._companies(),
            "lists": kept,
        }

    def _companies(self) -> list[Row]:
        people: dict[str, list[str]] = {}
        for row in self.rows:
            if row["company"]:
                people.setdefault(row["company"], []).append(row["customer"])
        return [{"company": name, "people": people[name]} for name in sorted(people, key=str.casefold)]


def counted(values: Iterable[str]) -> Row:
    """How often each is there, the most first; "" is what is not known."""
    return dict(sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0])))


def ledger(reader: SealedDatabase, book: Book, root: Root, name_of: Callable[[str], str], chosen: Row) -> Ledger:
    """Who is in the ledger, by name, and of them those whom ``chosen`` (a value of each of ``BY``, or None) takes."""
    noted: dict[str, Row] = {}
    for each in statements.select(reader, "kind = 'standing'"):
        noted[root(each["customer"])] = {name: each[name] for name in UNKNOWN}
    people = sorted(book.rows, key=lambda each: (name_of(each).casefold(), each))
    every = [{"customer": each, **UNKNOWN, **noted.get(each, {})} for each in people]
    rows = [row for row in every if all(chosen.get(name) in (None, row[name]) for name in BY)]
    parts = agreeing.persons(reader)
    known = sum(row[0] not in parts for row in reader.conn.execute("SELECT id FROM customers"))
    return Ledger(every, rows, max(0, known - len(every)))


def filled(
    reader: SealedDatabase, rows: Sequence[Mapping[str, Any]], all_of: Callable[[str], Sequence[str]]
) -> list[Row]:
    """These rows with what each bought, and what we owe them: promises and complaints that are open."""
    return [
        {**row, **_bought(reader, all_of(row["customer"])), **_owed(reader, all_of(row["customer"]))} for row in rows
    ]


def _bought(reader: SealedDatabase, records: Sequence[str]) -> Row:
    lines = [
        each
        for record in records
        for each in entries.select(reader, "customer = ?", record)
        if each["side"] == "value" and each["reversed"] is None and (each["amount"] or 0) > 0
    ]
    lines.sort(key=lambda each: (each["on"], each["id"]), reverse=True)
    newest = [
        {"on": each["on"], "amount": each["amount"] / 10 ** each["digits"], "line": each["line"]}
        for each in lines[:BOUGHT]
    ]
    return {"purchases": len(lines), "bought": newest}


def _owed(reader: SealedDatabase, records: Sequence[str]) -> Row:
    every = [each for record in records for each in promises.of_customer(reader, record) if each["state"] == "open"]
    every.sort(key=lambda each: each["at"])
    return {"owed": [{name: each[name] for name in ("id", "kind", "text", "due")} for each in every]}
