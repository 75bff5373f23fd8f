"""A database as migrations see it, and numbered migrations, which sqlite-utils applies in order, once each.

What was applied stands in its table ``_sqlite_migrations``: the name of the set, the name and when. Whether anything
is to do is asked without it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from gateway.records.sqlite_file import sqlite3, transaction


class Database:
    """A database by its connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.conn = connection

    def table_names(self) -> list[str]:
        """The names of its tables."""
        rows = self.conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return [row[0] for row in rows]

    def close(self) -> None:
        """Closes the connection."""
        self.conn.close()

    def transaction(self) -> AbstractContextManager[None]:
        """One transaction: on the disk when the block ends, undone where it raises."""
        return transaction(self.conn)


Step = Callable[[Database], None]
_Step = TypeVar("_Step", bound=Step)


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: its name, and what it does to a database."""

    name: str
    fn: Step


@dataclass(frozen=True, slots=True)
class Applied:
    """A step that was done: when, as an ISO time with its zone."""

    name: str
    applied_at: str


class Migrations:
    """The steps of one database, in order; a step is a decorated function."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._migrations: list[Migration] = []

    def __call__(self, *, name: str) -> Callable[[_Step], _Step]:
        """Decorates the next step; raises ValueError where there is one of this name."""

        def add(step: _Step) -> _Step:
            if any(one.name == name for one in self._migrations):
                raise ValueError(f"there is a migration {name!r} already")
            self._migrations.append(Migration(name, step))
            return step

        return add

    @property
    def names(self) -> list[str]:
        """The names of all steps."""
        return [one.name for one in self._migrations]

    def pending(self, db: Database) -> list[Migration]:
        """The steps that this database still needs."""
        done = {one.name for one in self.applied(db)}
        return [one for one in self._migrations if one.name not in done]

    def applied(self, db: Database) -> list[Applied]:
        """What was done to this database, in order, by this program or a newer one."""
        if not db.conn.execute("SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'").fetchone():
            return []
        sql = "SELECT name, applied_at FROM _sqlite_migrations WHERE migration_set = ? ORDER BY rowid"
        return [Applied(*row) for row in db.conn.execute(sql, (self.name,)).fetchall()]

    def apply(self, db: Database) -> None:
        """Does what is still to do: each step in a transaction together with the note that it was done."""
        import sqlite_utils  # an ordinary start has nothing to do, and need not hold it in memory for years
        from sqlite_utils import migrations

        steps = migrations.Migrations(self.name)
        for one in self._migrations:
            steps(name=one.name)(cast(Any, one.fn))  # it wants steps for a Database of its own
        steps.apply(sqlite_utils.Database(db.conn, execute_plugins=False))
