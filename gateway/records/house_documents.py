"""Documents of the house, such as its plan: one each, and but for who is expected nothing personal in them."""

from __future__ import annotations

import json
from typing import Any

from gateway.records.connection import SealedDatabase
from gateway.records.writer import Tx

PLAN = "plan"
WALK_TEST = "walk-test"
AREAS = "areas in earshot"
ROOMS = "rooms by ear"
EXPECTED = "expected"
EXPECTED_FOR = 86_400.0  # seconds: so long after its end an expected visit is forgotten


def put(tx: Tx, name: str, document: Any, at: float) -> None:
    """Records the document in place of the one before; ``at`` in seconds since 1970 UTC."""
    tx.db.conn.execute(
        "INSERT INTO documents (name, changed_at, json) VALUES (?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET changed_at = excluded.changed_at, json = excluded.json",
        (name, at, json.dumps(document, ensure_ascii=False)),
    )


def expect(tx: Tx, customer: str, times: tuple[float, float] | None, at: float) -> None:
    """Records when a customer is expected, None: no more; forgets at ``at`` what is over for a day."""
    kept = {c: t for c, t in (get(tx.db, EXPECTED) or {}).items() if c != customer and t[1] + EXPECTED_FOR >= at}
    put(tx, EXPECTED, kept if times is None else {**kept, customer: times}, at)


def get(reader: SealedDatabase, name: str) -> Any:
    """The document, or None."""
    row = reader.conn.execute("SELECT json FROM documents WHERE name = ?", (name,)).fetchone()
    return json.loads(row[0]) if row else None
