"""What is let go, and when."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.events.times import DAY
from gateway.records import journal
from gateway.records.writer import Tx


@dataclass(frozen=True, slots=True)
class Retention:
    """How many days things are kept after they are over."""

    visits: float = 400  # a year and a season: visits with their alerts and asks, closed promises, ended preferences
    journal: float = 400
    receipts: float = 1_100  # three years: consents that were revoked, renewed or have expired
    sessions: float = 30
    answers: float = 7  # first answers to writes: no tablet keeps its outbox longer


def prune(tx: Tx, now: float, keep: Retention = Retention()) -> dict[str, int]:
    """Deletes what is over longer than ``keep`` says; how many rows of each."""
    visits, receipts = now - keep.visits * DAY, now - keep.receipts * DAY
    rules = (
        ("alerts", "is_open = 0 AND changed_at < ?", visits),
        ("asks", "changed_at < ? AND visit NOT IN (SELECT id FROM visits WHERE closed_at IS NULL)", visits),
        ("promises", "is_open = 0 AND changed_at < ?", visits),
        ("preferences", "ended_at < ?", visits),
        ("visits", "closed_at < ?", visits),
        ("consents", "ended_at < ?1 OR (ended_at IS NULL AND expires < ?1)", receipts),
        ("sessions", "ended_at < ?1 OR last_seen < ?1", now - keep.sessions * DAY),
        ("shifts", "until < ?", now - keep.sessions * DAY),
        ("idempotency", "at < ?", now - keep.answers * DAY),
    )
    gone = {
        table: int(tx.db.conn.execute(f"DELETE FROM {table} WHERE {where}", (before,)).rowcount)  # noqa: S608
        for table, where, before in rules
    }
    return {**gone, "journal": journal.prune(tx, now - keep.journal * DAY)}
