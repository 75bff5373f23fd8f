"""What changed in the records and the keys since it was taken last: a second box of the venue keeps the same.

Triggers that only the writing connections have note which rows changed, in tables that are in memory and go with the
connection; a row is read when it is taken, as it is then. So whatever changes is told, whoever changed it, and what is
told twice does no harm. Nothing is noted while nobody follows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Protocol, TypeVar

from gateway.records.sqlite_file import sqlite3
from gateway.records.writer import Change, Tx

T = TypeVar("T")

MOST_ROWS = 5_000  # of one batch
MOST_BYTES = 4 * 1024 * 1024  # of what is in one batch, about
# No "or ignore": what is to be done about a conflict the statement that was run says, also for what a trigger does.
_NOTED = """
CREATE TEMP TRIGGER follow_{table}_{what} AFTER {what} ON main.{table} BEGIN
    INSERT INTO follow_marks (name)
    SELECT '{table}' WHERE NOT EXISTS (SELECT 1 FROM follow_marks WHERE name = '{table}');
    {notes}
END
"""
_NOTE = "INSERT INTO follow_{table} SELECT {values} WHERE NOT EXISTS (SELECT 1 FROM follow_{table} WHERE {same});"

Values = tuple[Any, ...]


class Changed(NamedTuple):
    """What changed in one table: its rows as they are now, and the keys of those that are gone."""

    table: str
    keys: list[str]
    columns: list[str]
    rows: list[Values]
    gone: list[Values]


class Batch(NamedTuple):
    """What changed in the records and in the keys."""

    records: list[Changed]
    secrets: list[Changed]

    def __bool__(self) -> bool:
        return bool(self.records or self.secrets)


class Written(Protocol):
    """A store, as far as it is needed here."""

    @property
    def moved(self) -> list[Callable[[], None]]:
        """What is called, in the writer's thread, after each commit."""
        ...

    async def write(self, change: Change[T]) -> T:
        """What the change returns, once it is on the disk."""
        ...


class Following:
    """Notes what changes in one house while somebody follows; ``news`` is called in the writer's thread."""

    def __init__(self, store: Written, news: Callable[[], None]) -> None:
        self._store = store
        self._news = news
        self._records: _Watched | None = None
        self._secrets: _Watched | None = None
        self.more = False
        """Whether more had changed than the last batch holds."""

    async def begin(self) -> None:
        """From here on what changes is noted."""
        await self._store.write(self._begin)
        if self._look not in self._store.moved:
            self._store.moved.append(self._look)

    async def end(self) -> None:
        """Nobody follows any more."""
        if self._look in self._store.moved:
            self._store.moved.remove(self._look)
        await self._store.write(self._end)

    async def take(self) -> Batch:
        """What changed since it was taken last, a batch of it at most; no row without the key that seals it."""
        records = await self._store.write(lambda tx: list(self._records.take()) if self._records else [])
        return Batch(records, await self._store.write(self._take_secrets))  # once those of the rows are on the disk

    def _begin(self, tx: Tx) -> None:
        self._end(tx)
        self._records = _Watched(tx.db.conn)
        with tx.keyring.changing() as keys:
            self._secrets = _Watched(keys)

    def _end(self, tx: Tx) -> None:
        for watched in (self._records, self._secrets):
            if watched is not None:
                watched.end()
        self._records = self._secrets = None

    def _take_secrets(self, tx: Tx) -> list[Changed]:
        if self._records is None or self._secrets is None:
            return []
        self.more = self._records.any()
        with tx.keyring.changing():
            return list(self._secrets.take())

    def _look(self) -> None:
        if any(watched is not None and watched.any() for watched in (self._records, self._secrets)):
            self._news()


class _Table(NamedTuple):
    name: str
    keys: list[str]
    columns: list[str]


class _Watched:
    """The tables of one database, as one connection changes them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._tables = {table.name: table for table in tables_of(connection)}
        connection.execute("PRAGMA recursive_triggers = ON")  # a row that is replaced by another is gone too
        connection.execute("CREATE TEMP TABLE follow_marks (name TEXT PRIMARY KEY) WITHOUT ROWID")
        for table in self._tables.values():
            self._watch(table)

    def _watch(self, table: _Table) -> None:
        keys = [f"k{at}" for at in range(len(table.keys))]
        self._connection.execute(
            f"CREATE TEMP TABLE follow_{table.name} ({', '.join(keys)}, PRIMARY KEY ({', '.join(keys)})) WITHOUT ROWID"
        )
        for what, sides in (("INSERT", ("NEW",)), ("UPDATE", ("OLD", "NEW")), ("DELETE", ("OLD",))):
            notes = ""
            for side in sides:
                values = [f"{side}.{key}" for key in table.keys]
                same = " AND ".join(f"k{at} = {value}" for at, value in enumerate(values))
                notes += _NOTE.format(table=table.name, values=", ".join(values), same=same)
            self._connection.execute(_NOTED.format(table=table.name, what=what, notes=notes))

    def end(self) -> None:
        """Notes nothing more."""
        for table in self._tables:
            for what in ("INSERT", "UPDATE", "DELETE"):
                self._connection.execute(f"DROP TRIGGER IF EXISTS temp.follow_{table}_{what}")
            self._connection.execute(f"DROP TABLE IF EXISTS temp.follow_{table}")
        self._connection.execute("DROP TABLE IF EXISTS temp.follow_marks")

    def any(self) -> bool:
        """Whether something changed that was not taken."""
        return self._connection.execute("SELECT 1 FROM follow_marks LIMIT 1").fetchone() is not None

    def take(self) -> Iterator[Changed]:
        """What changed, inside a transaction of the caller."""
        left, size = MOST_ROWS, 0
        for (name,) in self._connection.execute("SELECT name FROM follow_marks ORDER BY name").fetchall():
            table = self._tables[name]
            noted = self._connection.execute(f"SELECT * FROM follow_{name} LIMIT {left}").fetchall()  # noqa: S608
            where = " AND ".join(f"{key} = ?" for key in table.keys)
            select = f"SELECT {', '.join(table.columns)} FROM main.{name} WHERE {where}"  # noqa: S608 - ours
            rows: list[Values] = []
            gone: list[Values] = []
            done = 0
            for key in noted:
                found = self._connection.execute(select, key).fetchone()
                rows.append(found) if found is not None else gone.append(key)
                size += sum(len(each) if isinstance(each, bytes | str) else 8 for each in found or key)
                done += 1
                if size > MOST_BYTES:
                    break
            same = " AND ".join(f"k{at} = ?" for at in range(len(table.keys)))
            self._connection.executemany(f"DELETE FROM follow_{name} WHERE {same}", noted[:done])  # noqa: S608
            if self._connection.execute(f"SELECT 1 FROM follow_{name} LIMIT 1").fetchone() is None:  # noqa: S608
                self._connection.execute("DELETE FROM follow_marks WHERE name = ?", (name,))
            left -= done
            yield Changed(name, table.keys, table.columns, rows, gone)
            if left <= 0 or size > MOST_BYTES:
                return


def tables_of(connection: sqlite3.Connection) -> Iterator[_Table]:
    """Every table of a database, by what its rows are known and by all that they hold."""
    listed = connection.execute(
        "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'"
    ).fetchall()
    for name, without_rowid in sorted(listed):
        shape = connection.execute(f"PRAGMA main.table_info({name})").fetchall()
        columns = [row[1] for row in shape]
        keys = [row[1] for row in sorted(shape, key=lambda row: row[5]) if row[5]]
        numbered = len(keys) == 1 and next(row[2] for row in shape if row[1] == keys[0]).upper() == "INTEGER"
        if without_rowid or numbered:
            yield _Table(name, keys, columns)
        else:
            yield _Table(name, ["rowid"], ["rowid", *columns])
