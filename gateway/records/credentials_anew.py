"""What stands on disk instead of an identifier, made anew with the newest key; both are found meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from gateway.records import aliases
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Unreadable
from gateway.records.store import Store
from gateway.records.writer import Tx

AT_ONCE = 500  # in one step


def everywhere(store: Store) -> None:
    """In the records and in the snapshot, some at a time, from what is sealed beside each; for a thread."""
    _all(store, lambda tx, after: some(tx.db, after))
    _all(store, lambda tx, after: store.anchor.change(lambda db: some(db, after)))
    _all(store, lambda tx, after: some_aliases(tx.db, after))
    _all(store, lambda tx, after: store.anchor.change(lambda db: some_aliases(db, after)))


def _all(store: Store, step: Callable[[Tx, int], int | None]) -> None:
    at: int | None = 0
    while at is not None:
        at = store.call(partial(_step, step, at))


def _step(step: Callable[[Tx, int], int | None], after: int, tx: Tx) -> int | None:
    return step(tx, after)


def some(db: SealedDatabase, after: int) -> int | None:
    """The next rows behind this one; the row reached, None once there are no more. Of a damaged one the old stays."""
    rows = db.conn.execute(
        "SELECT rowid, id, customer, sealed FROM credentials WHERE rowid > ? ORDER BY rowid LIMIT ?", (after, AT_ONCE)
    ).fetchall()
    for rowid, id_, customer, sealed in rows:
        try:
            identifier = db.keyring.open(customer, sealed, place=f"credentials/{id_}")[0]
        except Unreadable:
            continue
        fingerprint = db.keyring.fingerprint(identifier)
        db.conn.execute("UPDATE credentials SET fingerprint = ? WHERE rowid = ?", (fingerprint, rowid))
    return rows[-1][0] if rows else None


def some_aliases(db: SealedDatabase, after: int) -> int | None:
    """The same of what others call customers."""
    rows = db.conn.execute(
        "SELECT rowid, id, sealed FROM customers WHERE alias IS NOT NULL AND rowid > ? ORDER BY rowid LIMIT ?",
        (after, AT_ONCE),
    ).fetchall()
    for rowid, id_, sealed in rows:
        try:
            alias = db.keyring.open(id_, sealed, place="customers")["alias"]
        except Unreadable:
            continue
        hashed = aliases.fingerprint(db.keyring, alias)
        db.conn.execute("UPDATE customers SET alias = ? WHERE rowid = ?", (hashed, rowid))
    return rows[-1][0] if rows else None
