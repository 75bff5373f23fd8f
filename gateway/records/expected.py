"""Who is expected: when in clear, where and why sealed; forgotten once it is over for a day."""

from __future__ import annotations

import json
from contextlib import suppress

from gateway.records.connection import SealedDatabase
from gateway.records.errors import Conflict, Erased, Unreadable
from gateway.records.writer import Tx

Row = tuple[str, str, float, float, str | None, str | None]
"""Id, customer, from when until when (seconds since 1970 UTC), place, note."""

KEPT_FOR = 86_400.0  # seconds: so long after its end an expected visit is forgotten
BEFORE = "expected"  # the document in which all of them stood once


def put(tx: Tx, row: Row, at: float, *, missed: bool = False) -> None:
    """Records an expected visit in place of what its id said before; forgets at ``at`` what is over for a day.

    ``missed``: they did not come.

    Raises Erased, and Conflict where the id is another customer's.
    """
    id_, customer, begins, ends, place, note = row
    facts = {"place": place, "note": note, **({"missed": True} if missed else {})}
    sealed = tx.keyring.seal(customer, facts, place=f"expected/{id_}")
    saved = tx.db.conn.execute(
        "INSERT INTO expected (id, customer, begins, ends, sealed) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET begins = excluded.begins, ends = excluded.ends,"
        " sealed = excluded.sealed WHERE customer = excluded.customer",
        (id_, customer, begins, ends, sealed),
    )
    if not saved.rowcount:
        raise Conflict({"id": id_})
    sweep(tx, at)


def remove(tx: Tx, id: str, customer: str, at: float) -> None:  # noqa: A002
    """Records that a visit is expected no more; forgets at ``at`` what is over for a day."""
    tx.db.conn.execute("DELETE FROM expected WHERE id = ? AND customer = ?", (id, customer))
    sweep(tx, at)


def sweep(tx: Tx, at: float) -> None:
    """Forgets what is over for a day at ``at``."""
    tx.db.conn.execute("DELETE FROM expected WHERE ends < ?", (at - KEPT_FOR,))


def all_of(reader: SealedDatabase) -> list[Row]:
    """Every expected visit."""
    return [row for row, _ in with_missed(reader)]


def with_missed(reader: SealedDatabase) -> list[tuple[Row, bool]]:
    """Every expected visit, and whether they did not come."""
    rows = reader.conn.execute("SELECT id, customer, begins, ends, sealed FROM expected").fetchall()
    found: list[tuple[Row, bool]] = []
    for id_, customer, begins, ends, sealed in rows:
        with suppress(Unreadable):
            facts = reader.keyring.open(customer, sealed, place=f"expected/{id_}")
            row = (id_, customer, begins, ends, facts["place"], facts["note"])
            found.append((row, facts.get("missed", False)))
    return found


def carry(tx: Tx) -> None:
    """Brings over who was expected from the one document in which all of them stood once, in one transaction."""
    found = tx.db.conn.execute("SELECT json, changed_at FROM documents WHERE name = ?", (BEFORE,)).fetchone()
    if found is None:
        return
    with tx.db.transaction():
        for customer, (begins, ends) in json.loads(found[0]).items():
            known = tx.db.conn.execute("SELECT 1 FROM customers WHERE id = ?", (customer,)).fetchone()
            if known is not None:
                with suppress(Erased):
                    put(tx, (customer, customer, begins, ends, None, None), found[1])
        tx.db.conn.execute("DELETE FROM documents WHERE name = ?", (BEFORE,))
