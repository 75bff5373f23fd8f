"""Two records that are of one person: each keeps its own rows and keys, and all of them count for the one that is kept.

A merge moves nothing, so that an un-merge has nothing to put back, and each of the two can be erased. What is so of the
one person is read from the records of both:

- a fact (form of address, language, tier, associate, deputy, birthday) is the kept one's, and where that is empty the
  other's; the name is the kept one's;
- wishes and whom they agreed to meet are those of both;
- a fact that was said of the one person since the merge is what was said, and the other's counts no more.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from gateway.records import aliases, customers
from gateway.records.connection import SealedDatabase
from gateway.records.customers import Customer
from gateway.records.errors import Conflict
from gateway.records.house_documents import opened
from gateway.records.writer import Tx

FILLED = ("address_as", "language", "tier", "associate", "deputy", "birthday")
JOINED = ("wishes", "meets")
INTRODUCTIONS, NO_INTRODUCTIONS = "introductions", "no_introductions"  # of two records the careful word holds


@dataclass(slots=True, frozen=True)
class Merge:
    """All of ``other`` counts for ``kept`` since ``at``, in seconds since 1970 UTC; ``id`` is that of its event.

    ``said`` are the facts that were said of the one who is kept since.
    """

    id: str
    kept: str
    other: str
    at: float
    said: frozenset[str] = frozenset()


# --- what changes ----------------------------------------------------------------------------------------------------


def merge(tx: Tx, id: str, kept: str, other: str, at: float) -> None:  # noqa: A002
    """Records a merge; nothing where one of the two is not known any more, or this one is recorded already.

    Raises Conflict where ``other`` is part of somebody, or the two are one already.
    """
    known = tx.db.conn.execute("SELECT count(*) FROM customers WHERE id IN (?, ?)", (kept, other)).fetchone()[0]
    if known < 2 or tx.db.conn.execute("SELECT 1 FROM merges WHERE id = ?", (id,)).fetchone():
        return
    if root(tx.db, other) != other or root(tx.db, kept) == other:
        raise Conflict({"customer": other, "part_of": root(tx.db, other)})
    row = (id, kept, other, at, "[]")
    tx.db.conn.execute("INSERT INTO merges (id, kept, other, at, said) VALUES (?, ?, ?, ?, ?)", row)


def undo(tx: Tx, id: str, at: float) -> None:  # noqa: A002
    """Records that a merge was none; nothing where it is not known, or undone already."""
    tx.db.conn.execute("UPDATE merges SET undone_at = ? WHERE id = ? AND undone_at IS NULL", (at, id))


def said(tx: Tx, customer: str, names: Iterable[str]) -> None:
    """Records that these facts were said of the one person: what the others' records say of them counts no more."""
    for one in of(tx.db, customer):
        every = json.dumps(sorted(one.said.union(names)))
        tx.db.conn.execute("UPDATE merges SET said = ? WHERE id = ?", (every, one.id))


def tell_apart(tx: Tx, one: str, other: str, at: float) -> None:
    """Records that two who look like one are not; nothing where one of them is not known any more."""
    first, second = sorted((one, other))
    tx.db.conn.execute(
        "INSERT INTO told_apart (one, other, at)"
        " SELECT ?1, ?2, ?3 WHERE (SELECT count(*) FROM customers WHERE id IN (?1, ?2)) = 2"
        " ON CONFLICT DO NOTHING",
        (first, second, at),
    )


# --- what is so ------------------------------------------------------------------------------------------------------


def live(reader: SealedDatabase) -> list[Merge]:
    """Every merge that holds, oldest first."""
    return _select(reader, "undone_at IS NULL")


def of(reader: SealedDatabase, kept: str) -> list[Merge]:
    """The merges into this customer that hold, oldest first."""
    return _select(reader, "undone_at IS NULL AND kept = ?", kept)


def get(reader: SealedDatabase, id: str) -> Merge | None:  # noqa: A002
    """The merge with this id, if it holds."""
    return next(iter(_select(reader, "undone_at IS NULL AND id = ?", id)), None)


def own(reader: SealedDatabase, customer: str) -> Customer | None:
    """What this one record says, whoever it is part of."""
    return customers.get_customer(reader, customer)


def into(reader: SealedDatabase, id: str) -> str | None:  # noqa: A002
    """Into whom a merge was, undone or not."""
    row = reader.conn.execute("SELECT kept FROM merges WHERE id = ?", (id,)).fetchone()
    return row[0] if row else None


def ever(reader: SealedDatabase, customer: str) -> list[str]:
    """The ids of the merges of this customer into others, undone or not."""
    rows = reader.conn.execute("SELECT id FROM merges WHERE other = ? ORDER BY at, id", (customer,))
    return [row[0] for row in rows]


def root(reader: SealedDatabase, customer: str) -> str:
    """Who this customer is part of, by whatever number of merges; themselves where they are nobody's."""
    sql = "SELECT kept FROM merges WHERE other = ? AND undone_at IS NULL"
    while (row := reader.conn.execute(sql, (customer,)).fetchone()) is not None:
        customer = row[0]
    return customer


def person(reader: SealedDatabase, customer: str) -> Customer | None:
    """The facts of a customer as all records of them say; None where there is none of this id."""
    own = customers.get_customer(reader, customer)
    for each in of(reader, customer) if own is not None else ():
        other = person(reader, each.other)
        own = folded(own, other, each.said) if own is not None and other is not None else own
    if own is None or not own.meets:
        return own
    met = dict.fromkeys(root(reader, aliases.ours(reader, each)) for each in own.meets)
    return replace(own, meets=[each for each in met if each != root(reader, customer)])


def folded(kept: Customer, other: Customer, said: frozenset[str] = frozenset()) -> Customer:
    """The facts of one person of whom there are two records; ``said`` are those that ``kept`` alone decides."""
    facts: dict[str, Any] = {name: getattr(kept, name) or getattr(other, name) for name in FILLED if name not in said}
    for name in JOINED:
        if name not in said:
            facts[name] = list(dict.fromkeys([*getattr(kept, name), *getattr(other, name)]))
    if NO_INTRODUCTIONS in facts.get("wishes", ()):
        facts["wishes"] = [each for each in facts["wishes"] if each != INTRODUCTIONS]
    return replace(kept, **facts, changed_at=max(kept.changed_at, other.changed_at))


def apart(reader: SealedDatabase) -> set[frozenset[str]]:
    """Those who look like one and are not."""
    return {frozenset(row) for row in reader.conn.execute("SELECT one, other FROM told_apart")}


def _select(reader: SealedDatabase, where: str, *values: object) -> list[Merge]:
    sql = f"SELECT id, kept, other, at, said FROM merges WHERE {where} ORDER BY at, id"  # noqa: S608 - ours
    rows = reader.conn.execute(sql, values).fetchall()
    return [
        Merge(id_, kept, other, at, frozenset(opened(reader, f"merges/{id_}", names) or ()))
        for id_, kept, other, at, names in rows
    ]
