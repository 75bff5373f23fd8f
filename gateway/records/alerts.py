"""Alerts as the desk holds them: whole facts, without the card that tablets see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.events.times import shifted
from gateway.records.connection import SealedDatabase
from gateway.records.document_table import Document, DocumentTable
from gateway.records.writer import Tx

TIMES = ("opened_at", "claimed_at", "closed_at", "accept_by", "met_at")

_TABLE = DocumentTable("alerts", key="alert", closed=("closed",))


def save(tx: Tx, alert: Mapping[str, Any], *, at: float | None = None) -> None:
    """Records the alert as it is now; ``at`` is when it changed, seconds since 1970 UTC. Raises Erased."""
    _TABLE.save(tx, alert, at=at)


def move(tx: Tx, visit: str, zone: str) -> None:
    """The customer of this visit went elsewhere: its alerts that are not closed say so."""
    for alert in _TABLE.select(tx.db, "visit = ? AND is_open = 1", visit):
        if alert["wanted"]["zone"] != zone:
            _TABLE.change(tx, {**alert, "wanted": {**alert["wanted"], "zone": zone}})


def shift(tx: Tx, by: float, lately: float) -> None:
    """Moves the times of alerts that are open, or were closed at ``lately`` or later, by so many seconds."""
    for alert in _TABLE.select(tx.db, "is_open = 1 OR changed_at >= ?", lately):
        _TABLE.change(tx, {**alert, **shifted(alert, TIMES, by)})
    sql = "UPDATE alerts SET changed_at = changed_at + ? WHERE is_open = 1 OR changed_at >= ?"
    tx.db.conn.execute(sql, (by, lately))


def get(reader: SealedDatabase, alert: str) -> Document | None:
    """The alert, open or closed."""
    return _TABLE.get(reader, alert)


def open_alerts(reader: SealedDatabase) -> list[Document]:
    """Open and claimed alerts, oldest first."""
    return _TABLE.select(reader, "is_open = 1")


def closed_since(reader: SealedDatabase, since: float, limit: int = 500) -> list[Document]:
    """Alerts closed at or after ``since`` (seconds since 1970 UTC), the newest ``limit``, oldest first."""
    return _TABLE.select(reader, "is_open = 0 AND changed_at >= ?", since)[-limit:]
