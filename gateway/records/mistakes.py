"""Wrong person! What staff said of a card, and whose things are in doubt until somebody settles it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.events.times import seconds
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Altered, Erased
from gateway.records.writer import Tx

SEALED = ("alert", "visit", "zone", "credentials", "note", "by", "by_name")


@dataclass(slots=True, frozen=True)
class Mistake:
    """Whoever carried these ``credentials`` was not the customer; times in seconds since 1970 UTC."""

    id: str
    customer: str
    at: float
    closed_at: float | None
    alert: str
    visit: str
    zone: str | None
    credentials: list[str]
    note: str | None
    by: str
    by_name: str


def say(tx: Tx, data: Mapping[str, Any], at: float) -> None:
    """Records what staff said; the same again changes nothing."""
    id_, customer = data["mistake"], data["customer"]
    sealed = tx.keyring.seal(customer, {name: data[name] for name in SEALED}, place=f"mistakes/{id_}")
    tx.db.conn.execute(
        "INSERT INTO mistakes (id, customer, at, sealed) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
        (id_, customer, seconds(data["at"]) or at, sealed),
    )


def settle(tx: Tx, id: str, at: float) -> None:  # noqa: A002
    """Records that it is settled; nothing where it is not known, or settled already."""
    tx.db.conn.execute("UPDATE mistakes SET closed_at = ? WHERE id = ? AND closed_at IS NULL", (at, id))


def get(reader: SealedDatabase, id: str) -> Mistake | None:  # noqa: A002
    """What was said under this id, settled or not."""
    return next(iter(_select(reader, "id = ?", id)), None)


def unsettled(reader: SealedDatabase) -> list[Mistake]:
    """What nobody has settled, the newest first."""
    return _select(reader, "closed_at IS NULL")


def unsettled_of(reader: SealedDatabase, records: Sequence[str]) -> list[Mistake]:
    """The same of these customers alone."""
    return _select(reader, f"closed_at IS NULL AND customer IN ({', '.join('?' * len(records))})", *records)


def _select(reader: SealedDatabase, where: str, *values: object) -> list[Mistake]:
    sql = f"SELECT id, customer, at, closed_at, sealed FROM mistakes WHERE {where} ORDER BY at DESC, id"  # noqa: S608
    found = []
    for id_, customer, at, closed_at, sealed in reader.conn.execute(sql, values).fetchall():
        try:
            facts = reader.keyring.open(customer, sealed, place=f"mistakes/{id_}")
        except (Erased, Altered):
            continue
        found.append(Mistake(id_, customer, at, closed_at, **facts))
    return found
