"""First answers to writes, so that an outbox may be sent twice."""

from __future__ import annotations

from typing import Any

from gateway.events.times import now
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Unreadable
from gateway.records.seal import HOUSE
from gateway.records.writer import Tx


def remember(
    tx: Tx,
    key: str,
    actor: str,
    fingerprint: str,
    status: int,
    body: object,
    *,
    customer: str | None = None,
    at: float | None = None,
) -> None:
    """Keeps the answer (``body`` is JSON) to the request with this key and fingerprint, in the change that it answers.

    Sealed with the key of the ``customer`` it tells of, and gone with them.
    """
    holder = HOUSE if customer is None or tx.keyring.erased(customer) else customer
    sealed = tx.keyring.seal(holder, [fingerprint, status, body], place=_place(key, actor))
    tx.db.conn.execute(
        "INSERT INTO idempotency (actor, key, at, holder, sealed) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (actor, key, now() if at is None else at, holder, sealed),
    )


def recall(reader: SealedDatabase, key: str, actor: str) -> tuple[str, int, Any] | None:
    """``(fingerprint, status, body)`` of the first answer to this actor's key, or None."""
    row = reader.conn.execute(
        "SELECT holder, sealed FROM idempotency WHERE actor = ? AND key = ?", (actor, key)
    ).fetchone()
    if row is None:
        return None
    try:
        fingerprint, status, body = reader.keyring.open(row[0], row[1], place=_place(key, actor))
    except Unreadable:
        return None
    return fingerprint, status, body


def _place(key: str, actor: str) -> str:
    return f"idempotency/{actor}/{key}"
