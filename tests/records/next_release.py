"""The release after this one, as it may be: it adds a table, a column to every table, an index and a type of event."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from gateway.events import catalogue
from gateway.events.event import Data, Event, News
from gateway.records import anchor, projector, rebuild, schema
from gateway.records.migrations import Database, Migrations
from gateway.records.writer import Tx

ADDS, CHANGES = "0998_welcomes+", "0998_welcomes"


@contextmanager
def at_work(name: str = ADDS) -> Iterator[None]:
    """The next release is the one that runs; its migrations are called ``name``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema, "RECORDS", _and_one(schema.RECORDS, name, _records))
        patch.setattr(schema, "KEYS", _and_one(schema.KEYS, name, _keys))
        patch.setitem(catalogue.CATALOGUE, "guest.cheered", catalogue.CATALOGUE["visit.forgotten"])
        for type_ in ("customer.enrolled", "guest.cheered"):
            patch.setitem(projector.APPLIED, type_, _also(projector.APPLIED.get(type_)))
        for module in (anchor, rebuild):
            patch.setattr(module, "TABLES", (*anchor.TABLES[:-1], anchor.TABLES[-1], "welcomes"))
        yield


def cheered(customer: str) -> News:
    """What can only happen in the next release."""
    return News("guest.cheered", customer, {"visit": customer, "keys": []})


def welcomes(db: Database) -> Mapping[str, Any]:
    """By customer, whether they were cheered, as the next release keeps it of everybody."""
    return dict(db.conn.execute("SELECT customer, cheered FROM welcomes ORDER BY customer").fetchall())


def _and_one(before: Migrations, name: str, make: Any) -> Migrations:
    after = copy.copy(before)
    after._migrations = list(before._migrations)
    after(name=name)(make)
    return after


def _records(db: Database) -> None:
    for table in db.table_names():
        if not table.startswith(("_", "sqlite_")):
            db.conn.execute(f"ALTER TABLE {table} ADD COLUMN next_release TEXT")
    whose = "customer TEXT PRIMARY KEY REFERENCES customers (id) ON DELETE CASCADE"
    db.conn.execute(f"CREATE TABLE welcomes ({whose}, cheered INTEGER NOT NULL) STRICT")
    db.conn.execute("CREATE INDEX welcomes_by_state ON welcomes (cheered)")
    db.conn.execute("INSERT INTO welcomes SELECT id, 0 FROM customers")


def _keys(db: Database) -> None:
    for table in db.table_names():
        if not table.startswith(("_", "sqlite_")):
            db.conn.execute(f"ALTER TABLE {table} ADD COLUMN next_release TEXT")


def _also(before: projector.Applier | None) -> projector.Applier:
    def apply(tx: Tx, event: Event, data: Data) -> None:
        if before is not None:
            before(tx, event, data)
        tx.db.conn.execute(
            "INSERT INTO welcomes (customer, cheered) SELECT id, ?1 FROM customers WHERE id = ?2"
            " ON CONFLICT (customer) DO UPDATE SET cheered = max(cheered, excluded.cheered)",
            (event.type == "guest.cheered", event.subject),
        )

    return apply
