"""Numbered migrations: each once, whole or not at all, and what an older version noted counts."""

from __future__ import annotations

from datetime import datetime

import pytest

from gateway.records.migrations import Database, Migrations
from gateway.records.sqlite_file import sqlite3

NOTED_BEFORE = """
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES
    ('keys', '0002_b', '2026-07-04 12:00:00.000000+00:00'), ('birds', '0001_a', '2026-07-04 12:00:00.000000+00:00');
"""


@pytest.fixture
def db() -> Database:
    return Database(sqlite3.connect(":memory:", isolation_level=None))


def birds(failing: list[str]) -> Migrations:
    steps = Migrations("birds")

    @steps(name="0001_a")
    def _a(db: Database) -> None:
        db.conn.execute("CREATE TABLE a (id INTEGER PRIMARY KEY)")

    @steps(name="0002_b")
    def _b(db: Database) -> None:
        db.conn.execute("CREATE TABLE b (id INTEGER PRIMARY KEY)")
        if failing:
            raise RuntimeError(failing[0])

    return steps


def test_each_is_applied_once_and_in_order(db: Database) -> None:
    steps = birds([])
    assert [one.name for one in steps.pending(db)] == steps.names == ["0001_a", "0002_b"]
    steps.apply(db)
    steps.apply(db)
    assert [one.name for one in steps.applied(db)] == steps.names
    assert steps.pending(db) == []
    assert {"a", "b"} < set(db.table_names())
    assert datetime.fromisoformat(steps.applied(db)[0].applied_at).tzinfo is not None


def test_one_that_fails_leaves_nothing_and_stays_due(db: Database) -> None:
    with pytest.raises(RuntimeError, match="half"):
        birds(["half way"]).apply(db)
    steps = birds([])
    assert [one.name for one in steps.pending(db)] == ["0002_b"]
    assert "b" not in db.table_names()
    steps.apply(db)
    assert "b" in db.table_names()


def test_what_an_older_version_noted_counts_for_its_own_set(db: Database) -> None:
    db.conn.executescript(NOTED_BEFORE)
    steps = birds([])
    assert [one.name for one in steps.pending(db)] == ["0002_b"]
    steps.apply(db)
    assert "a" not in db.table_names()
    assert [one.name for one in steps.applied(db)] == ["0001_a", "0002_b"]


def test_two_of_one_name_are_refused() -> None:
    steps = birds([])
    with pytest.raises(ValueError, match="0001_a"):
        steps(name="0001_a")(lambda db: None)
