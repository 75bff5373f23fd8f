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
    key: bytes | None = None
    """The public half of the device's own key (P-256, uncompressed); None of a tablet from before there were keys."""
    revoked_at: float | None = None
    wiped_at: float | None = None
    """When it said, after it was let go, that it keeps nothing any more."""


def new(name: str, by: str, at: float, key: bytes | None = None) -> Tablet:
    """A tablet that is paired now; nothing is recorded yet."""
    return Tablet(new_id(at), name, at, by, at, key)


def put(tx: Tx, tablet: Tablet, hash_: bytes) -> None:
    """Records a tablet by the SHA-256 of its secret; raises Conflict where its id is another's."""
    row = {name: value for name, value in asdict(tablet).items() if name not in ("revoked_at", "wiped_at")}
    bound_at = None if tablet.key is None else tablet.paired_at
    once.insert(tx, "tablets", {**row, "bound_at": bound_at, "hash": hash_}, same=("name", "paired_by", "hash"))


def bind(tx: Tx, tablet: str, key: bytes, at: float) -> None:
    """Gives a tablet its key; one that has a key keeps it."""
    tx.db.conn.execute("UPDATE tablets SET key = ?, bound_at = ? WHERE id = ? AND key IS NULL", (key, at, tablet))


def find(reader: SealedDatabase, secret: str) -> Tablet | None:
    """The tablet with this secret, unless it is unknown or revoked."""
    return next(iter(_select(reader, "revoked_at IS NULL AND hash = ?", hash_of(secret))), None)


def find_revoked(reader: SealedDatabase, secret: str) -> Tablet | None:
    """The tablet with this secret that was let go; None for any other."""
    return next(iter(_select(reader, "revoked_at IS NOT NULL AND hash = ?", hash_of(secret))), None)


def every(reader: SealedDatabase) -> list[Tablet]:
    """The tablets that are paired, oldest first."""
    return _select(reader, "revoked_at IS NULL ORDER BY paired_at")


def let_go(reader: SealedDatabase) -> list[Tablet]:
    """The tablets that were let go, the last first."""
    return _select(reader, "revoked_at IS NOT NULL ORDER BY revoked_at DESC")


def seen(tx: Tx, tablet: str, at: float) -> None:
    """Records that somebody signed in on it."""
    tx.db.conn.execute("UPDATE tablets SET last_seen = max(last_seen, ?) WHERE id = ?", (at, tablet))


def revoke(tx: Tx, tablet: str, at: float) -> None:
    """Un-pairs a tablet and ends every session on it."""
    tx.db.conn.execute("UPDATE tablets SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", (at, tablet))
    tx.db.conn.execute("UPDATE sessions SET ended_at = ? WHERE tablet = ? AND ended_at IS NULL", (at, tablet))


def wiped(tx: Tx, tablet: str, at: float) -> None:
    """Records that a tablet which was let go has wiped what it kept; the first time stands."""
    sql = "UPDATE tablets SET wiped_at = ? WHERE id = ? AND revoked_at IS NOT NULL AND wiped_at IS NULL"
    tx.db.conn.execute(sql, (at, tablet))


def _select(reader: SealedDatabase, where: str, *values: object) -> list[Tablet]:
    columns = "id, name, paired_at, paired_by, last_seen, key, revoked_at, wiped_at"
    sql = f"SELECT {columns} FROM tablets WHERE {where}"  # noqa: S608 - ours
    return [Tablet(*row) for row in reader.conn.execute(sql, values).fetchall()]


def hash_of(secret: str) -> bytes:
    """What is kept of a tablet's secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()
