"""What others called somebody who was erased, while a webhook is still to be told of it; sealed, and then gone.

Each is sealed with a key of its own, which is destroyed with it and is on the list of erasures from then on: a copy
that was made meanwhile tells nobody's name either.
"""

from __future__ import annotations

from collections.abc import Collection

from gateway.events.times import DAY
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Unreadable
from gateway.records.writer import Tx

KEPT_FOR = 30 * DAY
"""How long a receiver that does not answer may still be told by name, in seconds."""
HOLDER = "left:"


def keep(tx: Tx, customer: str, erasure: str, called: str, at: float) -> None:
    """Keeps what a customer was called who is being erased, in the same change."""
    sealed = tx.keyring.seal(HOLDER + customer, called, place=_place(customer))
    sql = "INSERT OR REPLACE INTO left_names (id, erasure, at, sealed) VALUES (?, ?, ?, ?)"
    tx.db.conn.execute(sql, (customer, erasure, at, sealed))


def of(reader: SealedDatabase, customer: str) -> str | None:
    """What the customer was called; None where nobody is to be told any more, and for anybody else."""
    row = reader.conn.execute("SELECT sealed FROM left_names WHERE id = ?", (customer,)).fetchone()
    try:
        return str(reader.keyring.open(HOLDER + customer, row[0], place=_place(customer))) if row else None
    except Unreadable:
        return None


def over(reader: SealedDatabase, waiting: Collection[str], now: float) -> list[str]:
    """The customers of whom nobody is to be told by name any more; ``waiting`` are the receipts that are not done."""
    rows = reader.conn.execute("SELECT id, erasure, at FROM left_names").fetchall()
    return [id_ for id_, erasure, at in rows if erasure not in waiting or now >= at + KEPT_FOR]


def drop(tx: Tx, customers: Collection[str]) -> None:
    """Forgets what these were called; the keys are destroyed once that is committed."""
    tx.db.conn.executemany("DELETE FROM left_names WHERE id = ?", [(each,) for each in customers])
    finish(tx)


def finish(tx: Tx) -> None:
    """Destroys the keys of those who are forgotten, also where a machine died in between."""
    there = {row[0] for row in tx.db.conn.execute("SELECT id FROM left_names")}
    for holder in tx.keyring.holders(HOLDER):
        if holder.removeprefix(HOLDER) not in there:
            tx.keyring.retire(map(bytes.fromhex, tx.keyring.ids_of(holder)))


def _place(customer: str) -> str:
    return f"left_names/{customer}"
