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
# When a row was over, by which it is let go.
WHEN = {
    "alerts": "changed_at", "asks": "changed_at", "promises": "changed_at", "preferences": "ended_at",
    "visits": "closed_at", "consents": "ifnull(ended_at, expires)", "revocations": "at",
    "sessions": "min(last_seen, ifnull(ended_at, last_seen))", "shifts": "until",
    "idempotency": "at", "journal": "time",
}  # fmt: skip
AT_ONCE = 1_000  # rows of a table in one run: the writer has others waiting
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


def due(
    reader: SealedDatabase, now: float, keep: Retention = Retention(), *, at_once: int = AT_ONCE
) -> dict[str, Any] | None:
    """The same for one run: of each table the oldest, about ``at_once`` rows of it; None where nothing is over.

    What is bounded is before when, so that applying it again lets go of the same.
    """
    data = applied(now, keep)
    before, bounded, found = _before(data), dict(data), False
    for table, where, kind in (*RULES, ("journal", OLDEST, "journal")):
        ended = f"SELECT {WHEN[table]} FROM {table} WHERE {where} ORDER BY 1 LIMIT ?2"  # noqa: S608 - ours
        times = [row[0] for row in reader.conn.execute(ended, (before[kind], at_once + 1))]
        found = found or bool(times)
        if len(times) > at_once:
            until = times[-1] if times[-1] > times[0] else _next(reader, table, where, before[kind], times[0])
            bounded[kind] = min(bounded[kind], iso(until) if until is not None else data[kind])
    return bounded if found else None


def _next(reader: SealedDatabase, table: str, where: str, before: float, first: float) -> float | None:
    """When the next ended of which more than one run takes ended at once: those go together."""
    sql = f"SELECT min({WHEN[table]}) FROM {table} WHERE ({where}) AND {WHEN[table]} > ?2"  # noqa: S608 - ours
    row = reader.conn.execute(sql, (before, first)).fetchone()
    return row[0] if row else None


def in_words(gone: Mapping[str, int]) -> str:
    """How many rows of each table went, for a log."""
    return ", ".join(f"{table} {count}" for table, count in gone.items() if count) or "nothing"


def let_go(tx: Tx, data: Mapping[str, Any]) -> dict[str, int]:
    """Deletes what is over for longer than ``applied`` said; how many rows of each."""
    before = _before(data)
    return {
        table: int(tx.db.conn.execute(f"DELETE FROM {table} WHERE {where}", (before[kind],)).rowcount)  # noqa: S608
        for table, where, kind in RULES
    }


def _before(data: Mapping[str, Any]) -> dict[str, float]:
    return {name: seconds(value) or 0.0 for name, value in data.items() if name != "gone"}
