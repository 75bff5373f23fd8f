"""What is let go, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from gateway.events.times import DAY, iso, seconds
from gateway.records.connection import SealedDatabase
from gateway.records.writer import Tx

# Table, what is over, and the limit that holds for it.
RULES = (
    ("alerts", "is_open = 0 AND changed_at < ?", "visits"),
    ("asks", "changed_at < ? AND visit NOT IN (SELECT id FROM visits WHERE closed_at IS NULL)", "visits"),
    ("promises", "is_open = 0 AND changed_at < ?", "visits"),
    ("preferences", "ended_at < ?", "visits"),
    ("visits", "closed_at < ?", "visits"),
    ("consents", "ended_at < ?1 OR (ended_at IS NULL AND expires < ?1)", "receipts"),
    # Never before the consents that it stops.
    (
        "revocations",
        "at < ? AND (customer, purpose) NOT IN (SELECT customer, purpose FROM consents)",
        "receipts",
    ),
    ("sessions", "ended_at < ?1 OR last_seen < ?1", "sessions"),
    ("shifts", "until < ?", "sessions"),
    ("idempotency", "at < ?", "answers"),
)
OLDEST = "number = (SELECT min(number) FROM journal) AND time < ?"


@dataclass(frozen=True, slots=True)
class Retention:
    """How many days things are kept after they are over."""

    visits: float = 400  # a year and a season: visits with their alerts and asks, closed promises, ended preferences
    journal: float = 400
    receipts: float = 1_100  # three years: consents that were revoked, renewed or have expired
    sessions: float = 30
    answers: float = 7  # first answers to writes: no tablet keeps its outbox longer


def applied(now: float, keep: Retention = Retention()) -> dict[str, Any]:
    """The data of ``retention.applied``: before when each is let go; how many went is counted as it is recorded."""
    times = {name: iso(max(0.0, now - days * DAY)) for name, days in asdict(keep).items()}
    return {**times, "gone": {}}


def is_due(reader: SealedDatabase, now: float, keep: Retention = Retention()) -> bool:
    """Whether anything is over for long enough."""
    before = _before(applied(now, keep))
    return any(
        reader.conn.execute(f"SELECT 1 FROM {table} WHERE {where} LIMIT 1", (before[kind],)).fetchone()  # noqa: S608
        for table, where, kind in (*RULES, ("journal", OLDEST, "journal"))
    )


def let_go(tx: Tx, data: Mapping[str, Any]) -> dict[str, int]:
    """Deletes what is over for longer than ``applied`` said; how many rows of each."""
    before = _before(data)
    return {
        table: int(tx.db.conn.execute(f"DELETE FROM {table} WHERE {where}", (before[kind],)).rowcount)  # noqa: S608
        for table, where, kind in RULES
    }


def _before(data: Mapping[str, Any]) -> dict[str, float]:
    return {name: seconds(value) or 0.0 for name, value in data.items() if name != "gone"}
