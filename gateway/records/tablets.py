"""Paired tablets: what proves that a device is one, as SHA-256 only."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass

from gateway.events.times import new_id
from gateway.records import once
from gateway.records.connection import SealedDatabase
from gateway.records.writer import Tx


@dataclass(slots=True, frozen=True)
class Tablet:
    """A device that was paired once; times in seconds since 1970 UTC."""

    id: str
    name: str
    paired_at: float
    paired_by: str
    last_seen: float


def new(name: str, by: str, at: float) -> Tablet:
    """A tablet that is paired now; nothing is recorded yet."""
    return Tablet(new_id(at), name, at, by, at)


def put(tx: Tx, tablet: Tablet, hash_: bytes) -> None:
    """Records a tablet by the SHA-256 of its secret; raises Conflict where its id is another's."""
    once.insert(tx, "tablets", {**asdict(tablet), "hash": hash_}, same=("name", "paired_by", "hash"))


def find(reader: SealedDatabase, secret: str) -> Tablet | None:
    """The tablet with this secret, unless it is unknown or revoked."""
    return next(iter(_select(reader, "hash = ?", hash_of(secret))), None)


def every(reader: SealedDatabase) -> list[Tablet]:
    """The tablets that are paired, oldest first."""
    return _select(reader, "1 ORDER BY paired_at")


def seen(tx: Tx, tablet: str, at: float) -> None:
    """Records that somebody signed in on it."""
    tx.db.conn.execute("UPDATE tablets SET last_seen = max(last_seen, ?) WHERE id = ?", (at, tablet))


def revoke(tx: Tx, tablet: str, at: float) -> None:
    """Un-pairs a tablet and ends every session on it."""
    tx.db.conn.execute("UPDATE tablets SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", (at, tablet))
    tx.db.conn.execute("UPDATE sessions SET ended_at = ? WHERE tablet = ? AND ended_at IS NULL", (at, tablet))


def _select(reader: SealedDatabase, where: str, *values: object) -> list[Tablet]:
    sql = f"SELECT id, name, paired_at, paired_by, last_seen FROM tablets WHERE revoked_at IS NULL AND {where}"  # noqa: S608
    return [Tablet(*row) for row in reader.conn.execute(sql, values).fetchall()]


def hash_of(secret: str) -> bytes:
    """What is kept of a tablet's secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()
