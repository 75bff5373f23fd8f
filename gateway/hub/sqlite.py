"""The embedded store: one SQLite file, one process that serves, one thread that writes and one that reads."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from gateway.hub import schema
from gateway.hub.database import Change, StoreLost, Values
from gateway.hub.own_keys import FILE as KEYS_FILE
from gateway.records.sqlite_file import connect_to_read, connect_to_write, private_file, private_folder, sqlite3

FILE = "hub.db"
T = TypeVar("T")


class _Tx:
    """A transaction on a connection that belongs to this thread: nothing in it ever waits for a loop."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def all(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql, values).fetchall()

    async def run(self, sql: str, *values: Any) -> int:
        return self._connection.execute(sql, values).rowcount

    async def many(self, sql: str, rows: Iterable[Values]) -> None:
        self._connection.executemany(sql, rows)

    async def copy(self, table: str, columns: Sequence[str], rows: Sequence[Values]) -> None:
        marks = ", ".join("?" * len(columns))
        names = ", ".join(f'"{column}"' for column in columns)
        sql = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - names of ours
        self._connection.executemany(sql, rows)


def _now(waiting: Awaitable[T]) -> T:
    """What a coroutine returns that never waits; it is run in this thread, without a loop."""
    coroutine = waiting.__await__()
    try:
        next(coroutine)
    except StopIteration as done:
        value: T = done.value
        return value
    raise RuntimeError("a transaction waited for something else than the database")


class SqliteFile:
    """One file that one process writes: one thread that writes and one that reads."""

    def __init__(self, file: Path) -> None:
        private_folder(file.parent)
        self._write = connect_to_write(file)
        self._file = file
        self._prepare()
        self._read = connect_to_read(file)
        self._writer = ThreadPoolExecutor(1, f"{file.stem}-writer")
        self._reader = ThreadPoolExecutor(1, f"{file.stem}-reader")

    def _prepare(self) -> None:
        """Makes the tables that are missing."""
        raise NotImplementedError

    async def transact(self, change: Change[T]) -> T:
        """What ``change`` returns, once the disk has it; raises StoreLost where the disk does not take it."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, self._transact, change)

    def _transact(self, change: Change[T]) -> T:
        try:
            self._write.execute("BEGIN IMMEDIATE")
            try:
                found: T = _now(change(_Tx(self._write)))
                self._write.execute("COMMIT")
            except BaseException:
                if self._write.in_transaction:
                    self._write.execute("ROLLBACK")
                raise
        except sqlite3.OperationalError as error:
            raise StoreLost(str(error)) from error
        return found

    async def read(self, query: Change[T]) -> T:
        """What ``query`` returns, of one state of the file."""
        return await asyncio.get_running_loop().run_in_executor(self._reader, self._query, query)

    def _query(self, query: Change[T]) -> T:
        try:
            self._read.execute("BEGIN")
            try:
                found: T = _now(query(_Tx(self._read)))
                return found
            finally:
                self._read.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            raise StoreLost(str(error)) from error

    parts: tuple[str, ...] = ("main",)
    """The files that a transaction writes, by the names under which they are attached."""

    async def settle(self) -> bool:
        """Folds what was overwritten out of the logs; False where the disk or a reader is in the way."""

        def fold() -> bool:
            try:
                busy = [
                    self._write.execute(f"PRAGMA {name}.wal_checkpoint(TRUNCATE)").fetchone()[0] for name in self.parts
                ]
            except sqlite3.OperationalError:
                return False
            return not any(busy)

        return await asyncio.get_running_loop().run_in_executor(self._writer, fold)

    async def close(self) -> None:
        """Writes what waits and closes the file."""
        self._writer.shutdown()
        self._reader.shutdown()
        self._read.close()
        self._write.close()


class SqliteDatabase(SqliteFile):
    """``DATA/hub.db``, with the keys attached from ``DATA/hub-keys.db``."""

    dark_at_once = True
    parts = ("keys", "main")

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / FILE)
        self._read.execute("ATTACH ? AS keys", (f"file:{quote(str(folder / KEYS_FILE))}?mode=ro",))

    def _prepare(self) -> None:
        file = self._file.with_name(KEYS_FILE)
        private_file(file)
        self._write.execute("ATTACH ? AS keys", (f"file:{quote(str(file))}?mode=rwc",))
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
            self._write.execute(f"PRAGMA keys.{pragma}")
        for each in schema.statements("BLOB", where_keys="keys."):
            self._write.execute(each)

    async def make_room(self, months: Sequence[tuple[str, int, int]]) -> None:
        """Nothing: a SQLite table is not divided."""

    async def make_less(self, before_ms: int) -> None:
        """Nothing: what was let go of makes room for what comes."""
