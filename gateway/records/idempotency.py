"""First answers to writes, so that an outbox may be sent twice.

What a client calls a write may hold what it calls a customer. So a keyed hash stands for it, and with the answer it is
gone once the customer is.
"""

from __future__ import annotations

from typing import Any

from gateway.events.times import now
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Unreadable
from gateway.records.seal import HOUSE
from gateway.records.writer import Tx

MARKS = "?, ?, ?, ?, ?, 1"


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
    hashed = tx.keyring.fingerprint(_named(key)).hex()
    sealed = tx.keyring.seal(holder, [fingerprint, status, body], place=_place(hashed, actor))
    tx.db.conn.execute(
        f"INSERT INTO idempotency (actor, key, at, holder, sealed, hashed) VALUES ({MARKS}) ON CONFLICT DO NOTHING",  # noqa: S608
        (actor, hashed, now() if at is None else at, holder, sealed),
    )


def recall(reader: SealedDatabase, key: str, actor: str) -> tuple[str, int, Any] | None:
    """``(fingerprint, status, body)`` of the first answer to this actor's key, or None."""
    for hashed in (each.hex() for each in reader.keyring.fingerprints(_named(key))):  # also by keys from before
        row = reader.conn.execute(
            "SELECT holder, sealed FROM idempotency WHERE actor = ? AND key = ?", (actor, hashed)
        ).fetchone()
        if row is None:
            continue
        try:
            fingerprint, status, body = reader.keyring.open(row[0], row[1], place=_place(hashed, actor))
        except Unreadable:
            return None
        return fingerprint, status, body
    return None


def carry(tx: Tx) -> None:
    """Puts a hash in the place of each key that an older program wrote down as it came."""
    sql = "SELECT actor, key, at, holder, sealed FROM idempotency WHERE hashed = 0"
    rows = tx.db.conn.execute(sql).fetchall()
    if not rows:
        return
    with tx.db.transaction():
        tx.db.conn.execute("DELETE FROM idempotency WHERE hashed = 0")
        for actor, key, at, holder, sealed in rows:
            try:
                answer = tx.keyring.open(holder, sealed, place=_place(key, actor))
            except Unreadable:  # whose it was is erased, or a disk has changed it: the write may be sent again
                continue
            hashed = tx.keyring.fingerprint(_named(key)).hex()
            again = tx.keyring.seal(holder, answer, place=_place(hashed, actor))
            sql = f"INSERT INTO idempotency (actor, key, at, holder, sealed, hashed) VALUES ({MARKS})"  # noqa: S608
            tx.db.conn.execute(sql, (actor, hashed, at, holder, again))


def _named(key: str) -> str:
    return f"repeat:{key}"  # beside the identifiers, whose schemes are others


def _place(hashed: str, actor: str) -> str:
    return f"idempotency/{actor}/{hashed}"
