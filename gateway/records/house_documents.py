"""Documents of the house, such as its plan: one each, and nothing personal in them."""

from __future__ import annotations

import json
from typing import Any

from gateway.events.event import Data, Event
from gateway.records.connection import SealedDatabase
from gateway.records.writer import Tx

PLAN = "plan"
CATALOGUE = "catalogue"
WALK_TEST = "walk-test"
AREAS = "areas in earshot"
ROOMS = "rooms by ear"
PLACES = "places"
BUDGET = "budget/"
"""Before the name of a budget."""
LIST = "list/"
"""Before the name of a choice of the customer ledger."""


def put(tx: Tx, name: str, document: Any, at: float) -> None:
    """Records the document in place of the one before; ``at`` in seconds since 1970 UTC."""
    tx.db.conn.execute(
        "INSERT INTO documents (name, changed_at, json) VALUES (?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET changed_at = excluded.changed_at, json = excluded.json",
        (name, at, json.dumps(document, ensure_ascii=False)),
    )


def get(reader: SealedDatabase, name: str) -> Any:
    """The document, or None; one that is damaged is set aside."""
    row = reader.conn.execute("SELECT json FROM documents WHERE name = ?", (name,)).fetchone()
    return opened(reader, f"documents/{name}", row[0]) if row else None


def set_budget(tx: Tx, event: Event, data: Data) -> None:
    """Records what may be spent under one name from now on."""
    put(tx, BUDGET + data["budget"], data, event.time)


def keep_list(tx: Tx, event: Event, data: Data) -> None:
    """Records what is chosen under one name from now on."""
    put(tx, LIST + data["list"], data, event.time)


def drop_list(tx: Tx, event: Event, data: Data) -> None:
    """Nothing is chosen under this name any more."""
    tx.db.conn.execute("DELETE FROM documents WHERE name = ?", (LIST + data["list"],))


APPLIED = {"budget.set": set_budget, "list.kept": keep_list, "list.dropped": drop_list}


def budgets(reader: SealedDatabase) -> list[Any]:
    """Every budget that was set, by its name."""
    return _all(reader, BUDGET)


def lists(reader: SealedDatabase) -> list[Any]:
    """Every choice that is kept, by its name."""
    return _all(reader, LIST)


def _all(reader: SealedDatabase, before: str) -> list[Any]:
    names = reader.conn.execute("SELECT name FROM documents WHERE name LIKE ? ORDER BY name", (f"{before}%",))
    return [found for (name,) in names.fetchall() if (found := get(reader, name)) is not None]


def opened(reader: SealedDatabase, place: str, text: str) -> Any:
    """The JSON that stands at ``place`` ("menus/lunch"); None where it is damaged, and set aside."""
    try:
        return json.loads(text)
    except ValueError:
        reader.keyring.damage.note(place, "")
        return None
