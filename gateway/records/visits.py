"""Visits, from arrival to departure; where and why stand sealed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from gateway.records import preferences
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Erased
from gateway.records.writer import Tx


@dataclass(slots=True, frozen=True)
class Visit:
    """One visit; ``since`` is when the zone was entered; times in seconds since 1970 UTC, ``confidence`` 0 to 1."""

    id: str
    customer: str
    zone: str
    opened_at: float
    since: float
    confidence: float = 1.0
    reason: str = ""
    evidence: dict[str, Any] = field(default_factory=dict)
    closed_at: float | None = None


SEALED = ("zone", "since", "confidence", "reason", "evidence")


def open(tx: Tx, visit: Visit) -> None:  # noqa: A001
    """Records an arrival; the same id again (back within the merge time) goes on with that visit. Raises Erased."""
    tx.db.conn.execute(
        "INSERT INTO visits (id, customer, opened_at, closed_at, sealed) VALUES (?, ?, ?, NULL, ?)"
        " ON CONFLICT (id) DO UPDATE SET closed_at = NULL, sealed = excluded.sealed WHERE customer = excluded.customer",
        (visit.id, visit.customer, visit.opened_at, _sealed(tx, visit)),
    )
    preferences.resume_visit(tx, visit.id)


def move(
    tx: Tx,
    visit: str,
    zone: str,
    at: float,
    *,
    confidence: float = 1.0,
    reason: str = "",
    evidence: dict[str, Any] | None = None,
) -> None:
    """Records a change of zone at ``at``; nothing when there is no such visit."""
    found = get(tx.db, visit)
    if found is not None:
        moved = replace(
            found, zone=zone, since=at, confidence=confidence, reason=reason, evidence=evidence or found.evidence
        )
        tx.db.conn.execute("UPDATE visits SET sealed = ? WHERE id = ?", (_sealed(tx, moved), visit))


def close(tx: Tx, visit: str, at: float, *, reason: str = "", evidence: dict[str, Any] | None = None) -> None:
    """Records a departure, which ends the visit's one-off preferences; nothing when there is no such visit."""
    found = get(tx.db, visit)
    if found is not None:
        left = replace(found, reason=reason or found.reason, evidence=evidence or found.evidence)
        tx.db.conn.execute("UPDATE visits SET closed_at = ?, sealed = ? WHERE id = ?", (at, _sealed(tx, left), visit))
        preferences.end_visit(tx, visit, at)


def get(reader: SealedDatabase, visit: str) -> Visit | None:
    """The visit, open or closed."""
    return next(iter(_select(reader, "id = ?", visit)), None)


def open_visits(reader: SealedDatabase) -> list[Visit]:
    """Visits that go on, oldest first."""
    return _select(reader, "closed_at IS NULL ORDER BY opened_at")


def closed_since(reader: SealedDatabase, since: float) -> list[Visit]:
    """Visits that ended at ``since`` (seconds since 1970 UTC) or later, in the order of their end."""
    return _select(reader, "closed_at >= ? ORDER BY closed_at", since)


def last_visit(reader: SealedDatabase, customer: str) -> Visit | None:
    """The customer's newest visit that is over."""
    return next(
        iter(_select(reader, "customer = ? AND closed_at IS NOT NULL ORDER BY opened_at DESC LIMIT 1", customer)), None
    )


def of_customer(reader: SealedDatabase, customer: str, limit: int = 100) -> list[Visit]:
    """The customer's newest visits, newest first."""
    return _select(reader, "customer = ? ORDER BY opened_at DESC LIMIT ?", customer, limit)


def count(reader: SealedDatabase, customer: str, *, besides: str = "") -> int:
    """How often the customer has been here, today included, without the visit ``besides``."""
    sql = "SELECT count(*) FROM visits WHERE customer = ? AND id <> ?"
    return int(reader.conn.execute(sql, (customer, besides)).fetchone()[0])


def _sealed(tx: Tx, visit: Visit) -> bytes:
    return tx.keyring.seal(visit.customer, {key: getattr(visit, key) for key in SEALED}, place=f"visits/{visit.id}")


def _select(reader: SealedDatabase, where: str, *values: object) -> list[Visit]:
    rows = reader.conn.execute(
        f"SELECT id, customer, opened_at, closed_at, sealed FROM visits WHERE {where}",  # noqa: S608
        values,
    ).fetchall()
    found = []
    for id_, customer, opened_at, closed_at, sealed in rows:
        try:
            detail = reader.keyring.open(customer, sealed, place=f"visits/{id_}")
        except Erased:
            continue
        found.append(Visit(id=id_, customer=customer, opened_at=opened_at, closed_at=closed_at, **detail))
    return found
