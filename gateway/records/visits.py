"""Visits, from arrival to departure; where and why stand sealed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from gateway.records import preferences
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Altered, Conflict, Erased, Unreadable
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
    zones: int | None = None
    """In how many zones it was, once where it was is let go."""


SEALED = ("zone", "since", "confidence", "reason", "evidence")
NOT_KNOWN: Mapping[str, Any] = {"zone": "", "since": 0.0, "confidence": 0.0, "reason": "", "evidence": {}}


def open(tx: Tx, visit: Visit) -> bool:  # noqa: A001
    """Records an arrival; the same id again (back within the merge time) goes on with that visit: then False.

    Raises Erased, and Conflict where the id is that of another customer's visit.
    """
    there = tx.db.conn.execute("SELECT customer FROM visits WHERE id = ?", (visit.id,)).fetchone()
    if there is None:
        tx.db.conn.execute(
            "INSERT INTO visits (id, customer, opened_at, closed_at, sealed) VALUES (?, ?, ?, NULL, ?)",
            (visit.id, visit.customer, visit.opened_at, _sealed(tx, visit)),
        )
    elif there[0] != visit.customer:
        raise Conflict({"visit": visit.id, "customer": there[0]})
    else:
        sql = "UPDATE visits SET closed_at = NULL, zones = NULL, sealed = ? WHERE id = ?"
        tx.db.conn.execute(sql, (_sealed(tx, visit), visit.id))
        preferences.resume_visit(tx, visit.id)
    return there is None


def any_between(reader: SealedDatabase, customers: Sequence[str], begins: float, ends: float) -> bool:
    """Whether one of these customers was here at any time between the two."""
    sql = "SELECT 1 FROM visits WHERE customer = ? AND opened_at <= ? AND (closed_at IS NULL OR closed_at >= ?)"
    return any(reader.conn.execute(sql, (each, ends, begins)).fetchone() is not None for each in customers)


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
    row = tx.db.conn.execute("SELECT customer, sealed FROM visits WHERE id = ?", (visit,)).fetchone()
    if row is not None:
        place = f"visits/{visit}"
        moved = {"zone": zone, "since": at, "confidence": confidence, "reason": reason}
        moved["evidence"] = evidence or _detail(tx, row[0], row[1], place)["evidence"]
        sealed = tx.keyring.seal(row[0], moved, place=place)
        tx.db.conn.execute("UPDATE visits SET sealed = ? WHERE id = ?", (sealed, visit))


def close(tx: Tx, visit: str, at: float, *, reason: str = "", evidence: dict[str, Any] | None = None) -> None:
    """Records a departure, which ends the visit's one-off preferences; nothing when there is no such visit."""
    row = tx.db.conn.execute("SELECT customer, sealed FROM visits WHERE id = ?", (visit,)).fetchone()
    if row is not None:
        place = f"visits/{visit}"
        before = _detail(tx, row[0], row[1], place)
        left = {**before, "reason": reason or before["reason"], "evidence": evidence or before["evidence"]}
        sealed = tx.keyring.seal(row[0], left, place=place)
        tx.db.conn.execute("UPDATE visits SET closed_at = ?, sealed = ? WHERE id = ?", (at, sealed, visit))
        preferences.end_visit(tx, visit, at)


def _detail(tx: Tx, customer: str, sealed: bytes, place: str) -> dict[str, Any]:
    """What is sealed in a visit; nothing is known of where it was and why when that cannot be read any more."""
    try:
        found: dict[str, Any] = tx.keyring.open(customer, sealed, place=place)
    except Altered:
        return {**NOT_KNOWN}
    return {**NOT_KNOWN, **found}


def forget_where(tx: Tx, zones: Mapping[str, int]) -> int:
    """Lets go of where these visits were: from when, until when and in how many zones stays; of how many."""
    count = 0
    for visit, number in zones.items():
        row = tx.db.conn.execute("SELECT customer FROM visits WHERE id = ?", (visit,)).fetchone()
        with suppress(Erased):
            if row is not None:
                sealed = tx.keyring.seal(row[0], {}, place=f"visits/{visit}")
                tx.db.conn.execute("UPDATE visits SET zones = ?, sealed = ? WHERE id = ?", (number, sealed, visit))
                count += 1
    return count


def shift(tx: Tx, by: float, lately: float) -> None:
    """Moves the times of the visits that go on, or ended at ``lately`` or later, by so many seconds."""
    sql = "SELECT id, customer, sealed FROM visits WHERE closed_at IS NULL OR closed_at >= ?"
    rows = tx.db.conn.execute(sql, (lately,)).fetchall()
    for visit, customer, sealed in rows:
        place = f"visits/{visit}"
        with suppress(Unreadable):
            facts = tx.keyring.open(customer, sealed, place=place)
            moved = tx.keyring.seal(customer, {**facts, "since": facts.get("since", 0.0) + by}, place=place)
            sql = "UPDATE visits SET opened_at = opened_at + ?1, closed_at = closed_at + ?1, sealed = ?2 WHERE id = ?3"
            tx.db.conn.execute(sql, (by, moved, visit))


def get(reader: SealedDatabase, visit: str) -> Visit | None:
    """The visit, open or closed."""
    return next(iter(_select(reader, "id = ?", visit)), None)


def open_visits(reader: SealedDatabase) -> list[Visit]:
    """Visits that go on, oldest first."""
    return _select(reader, "closed_at IS NULL ORDER BY opened_at")


def closed_since(reader: SealedDatabase, since: float) -> list[Visit]:
    """Visits that ended at ``since`` (seconds since 1970 UTC) or later, in the order of their end."""
    return _select(reader, "closed_at >= ? ORDER BY closed_at", since)


def of_customer(reader: SealedDatabase, customer: str) -> list[Visit]:
    """Every visit of this one record, oldest first."""
    return _select(reader, "customer = ? ORDER BY opened_at, id", customer)


def last_visit(reader: SealedDatabase, *records: str, besides: str = "", before: float = float("inf")) -> Visit | None:
    """The newest visit of these customers that was over by ``before`` (seconds since 1970 UTC), without ``besides``."""
    where = f"customer IN ({_marks(records)}) AND id <> ? AND closed_at <= ? ORDER BY opened_at DESC LIMIT 1"
    return next(iter(_select(reader, where, *records, besides, before)), None)


def at(reader: SealedDatabase, *records: str, time: float) -> Visit | None:
    """The visit of these customers, who are one, that is over and went on at ``time`` (seconds since 1970 UTC)."""
    where = f"customer IN ({_marks(records)}) AND opened_at <= ? AND closed_at >= ? ORDER BY opened_at DESC LIMIT 1"
    return next(iter(_select(reader, where, *records, time, time)), None)


def count(reader: SealedDatabase, *records: str, besides: str = "") -> int:
    """How often these customers, who are one, have been here, today included, without the visit ``besides``."""
    sql = f"SELECT count(*) FROM visits WHERE customer IN ({_marks(records)}) AND id <> ?"  # noqa: S608 - marks alone
    return int(reader.conn.execute(sql, (*records, besides)).fetchone()[0])


def _marks(records: Sequence[str]) -> str:
    return ", ".join("?" * len(records))


def _sealed(tx: Tx, visit: Visit) -> bytes:
    return tx.keyring.seal(visit.customer, {key: getattr(visit, key) for key in SEALED}, place=f"visits/{visit.id}")


def _select(reader: SealedDatabase, where: str, *values: object) -> list[Visit]:
    rows = reader.conn.execute(
        f"SELECT id, customer, opened_at, closed_at, zones, sealed FROM visits WHERE {where}",  # noqa: S608
        values,
    ).fetchall()
    found = []
    for id_, customer, opened_at, closed_at, zones, sealed in rows:
        try:
            detail = reader.keyring.open(customer, sealed, place=f"visits/{id_}")
        except Unreadable:
            continue
        times = {"opened_at": opened_at, "closed_at": closed_at}
        found.append(Visit(id=id_, customer=customer, zones=zones, **times, **{**NOT_KNOWN, **detail}))
    return found
