"""What a visit has beside where and when: its party, and companions who are counted and never named."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.records.connection import SealedDatabase
from gateway.records.writer import Tx


@dataclass(slots=True, frozen=True)
class VisitFacts:
    """The facts of one visit; ``party`` is the id of those who came together."""

    visit: str
    party: str
    companions: int


def save(tx: Tx, facts: VisitFacts) -> None:
    """Records the facts as they are now; nothing where there is no such visit (its customer was erased)."""
    tx.db.conn.execute(
        "INSERT INTO visit_facts (visit, party, companions) SELECT id, ?, ? FROM visits WHERE id = ?"
        " ON CONFLICT (visit) DO UPDATE SET party = excluded.party, companions = excluded.companions",
        (facts.party, facts.companions, facts.visit),
    )


def count(tx: Tx, visit: str, companions: int) -> None:
    """Records how many were brought along; nothing where nothing is known of the visit."""
    tx.db.conn.execute("UPDATE visit_facts SET companions = ? WHERE visit = ?", (companions, visit))


def get(reader: SealedDatabase, visit: str) -> VisitFacts | None:
    """The facts of this visit, or None."""
    row = reader.conn.execute("SELECT visit, party, companions FROM visit_facts WHERE visit = ?", (visit,)).fetchone()
    return VisitFacts(*row) if row else None
