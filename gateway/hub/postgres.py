"""The store for a large house: PostgreSQL 15 or newer over asyncpg, shared by as many processes as there are."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from gateway.hub import schema
from gateway.hub.database import TRIES, Change, StoreLost, Unsafe, Values

if TYPE_CHECKING:
    from asyncpg import Connection, Pool

T = TypeVar("T")
PASSWORD, CREDENTIAL = "MOMENTS_HUB_STORE_PASSWORD", "hub-store-password"
OLDEST = 150_000  # server_version_num
MUST_BE_ON = ("fsync", "full_page_writes", "synchronous_commit")
AGAIN = frozenset({"40001", "40P01"})
MADE_BESIDE = AGAIN | {"23505", "42P07"}  # another process made the same table in the same instant
_WAITS = 0.02  # seconds before a transaction is tried again


@lru_cache(512)
def _numbered(sql: str) -> str:
    """``?`` as PostgreSQL counts them: ``$1``, ``$2`` …"""
    parts = sql.split("?")
    return "".join(f"{part}${number}" for number, part in enumerate(parts[:-1], 1)) + parts[-1]


def password() -> str | None:
    """The password of the store: of the environment or systemd's credential; None where there is neither."""
    if found := os.environ.get(PASSWORD):
        return found
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    file = Path(folder, CREDENTIAL) if folder else None
    return file.read_text("utf-8").rstrip("\r\n") if file is not None and file.exists() else None


class _Tx:
    """A transaction on one connection of the pool."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def all(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self._connection.fetch(_numbered(sql), *values)]

    async def run(self, sql: str, *values: Any) -> int:
        said = await self._connection.execute(_numbered(sql), *values)
        last = said.rpartition(" ")[2]
        return int(last) if last.isdigit() else 0

    async def many(self, sql: str, rows: Iterable[Values]) -> None:
        await self._connection.executemany(_numbered(sql), list(rows))

    async def copy(self, table: str, columns: Sequence[str], rows: Sequence[Values]) -> None:
        await self._connection.copy_records_to_table(table, records=rows, columns=list(columns))


class PostgresDatabase:
    """One database of a server; opened with ``await PostgresDatabase.open(url)``."""

    dark_at_once = False

    def __init__(self, pool: Pool, timeout_s: float) -> None:
        self._pool = pool
        self._timeout = timeout_s
        self._months: set[str] = set()

    @classmethod
    async def open(cls, url: str, *, pool: int = 8, timeout_s: float = 10.0, path: str = "") -> Self:
        """Connects, refuses a server that is too old or that forgets, and makes what tables are missing.

        Raises StoreLost or Unsafe, or ImportError where the extra ``postgres`` is not installed.
        """
        import asyncpg

        made = asyncpg.create_pool(
            url, password=password(), min_size=0, max_size=pool, timeout=timeout_s, command_timeout=timeout_s,
            server_settings={"application_name": "moments-hub"} | ({"search_path": path} if path else {}),
        )  # fmt: skip
        try:
            await made
            async with made.acquire() as connection:
                await _refuse_what_forgets(connection)
                await cls._made_once(partial(cls._make_tables, connection))
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            made.terminate()
            raise StoreLost(f"the store cannot be reached: {error or type(error).__name__}") from error
        except BaseException:
            made.terminate()
            raise
        return cls(made, timeout_s)

    @staticmethod
    async def _make_tables(connection: Connection) -> None:
        async with connection.transaction():
            for each in schema.statements("BYTEA", " PARTITION BY RANGE (received)"):
                await connection.execute(each)

    async def transact(self, change: Change[T]) -> T:
        """What ``change`` returns, once the server has synced it; run again where two stood in each other's way."""
        for attempt in range(1, TRIES + 1):
            try:
                return await self._once(change, readonly=False)
            except _Again as again:
                if attempt == TRIES:
                    raise StoreLost(f"two transactions stood in each other's way {TRIES} times") from again
                await asyncio.sleep(_WAITS * attempt)
        raise AssertionError

    async def read(self, query: Change[T]) -> T:
        """What ``query`` returns, of one state of the database."""
        return await self._once(query, readonly=True)

    async def _once(self, change: Change[T], *, readonly: bool) -> T:
        import asyncpg

        lost = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)
        try:
            connection = await self._pool.acquire(timeout=self._timeout)
        except lost as error:
            raise StoreLost(f"the store does not answer: {error or type(error).__name__}") from error
        try:
            async with asyncio.timeout(self._timeout):
                isolation = "repeatable_read" if readonly else "read_committed"
                async with connection.transaction(isolation=isolation, readonly=readonly):
                    return await change(_Tx(connection))
        except lost as error:
            if getattr(error, "sqlstate", None) in AGAIN:
                raise _Again from error
            # Whatever else went wrong: what this connection still does, nobody knows.
            _end(connection)
            raise StoreLost(f"the store did not take it: {error or type(error).__name__}") from error
        except BaseException as error:
            if isinstance(error, asyncio.CancelledError):
                _end(connection)
            raise
        finally:
            with suppress(*lost):
                await self._pool.release(connection, timeout=1)

    async def make_room(self, months: Sequence[tuple[str, int, int]]) -> None:
        """Makes the partitions of these months where they are missing."""
        for name, begins, ends in months:
            if name in self._months or not re.fullmatch(r"\d{6}", name):
                continue

            async def make(tx: Any, name: str = name, begins: int = begins, ends: int = ends) -> None:
                part = f"CREATE TABLE IF NOT EXISTS events_{name} PARTITION OF events"
                await tx.run(f"{part} FOR VALUES FROM ({begins:d}) TO ({ends:d})")

            await self._made_once(partial(self.transact, make))
            self._months.add(name)

    async def make_less(self, before_ms: int) -> None:
        """Drops the partitions of months that ended before that time and are empty."""

        async def names(tx: Any) -> list[str]:
            sql = "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            found = await tx.all(f"{sql} WHERE i.inhparent = 'events'::regclass ORDER BY 1")
            return [name for (name,) in found]

        for part in await self.read(names):
            month = part.removeprefix("events_")
            if not re.fullmatch(r"\d{6}", month) or _after(month) > before_ms:
                continue

            async def drop(tx: Any, part: str = part) -> None:
                if not await tx.all(f"SELECT 1 FROM {part} LIMIT 1"):  # noqa: S608 - digits alone, as above
                    await tx.run(f"LOCK TABLE {part} IN ACCESS EXCLUSIVE MODE")
                    if not await tx.all(f"SELECT 1 FROM {part} LIMIT 1"):  # noqa: S608
                        await tx.run(f"DROP TABLE {part}")

            await self.transact(drop)
            self._months.discard(month)

    @staticmethod
    async def _made_once(make: Callable[[], Awaitable[object]]) -> None:
        """Makes a table, also where another process makes it in the same instant."""
        for attempt in range(1, TRIES + 1):
            try:
                await make()
                return
            except Exception as error:
                cause = error.__cause__ or error
                if getattr(cause, "sqlstate", None) not in MADE_BESIDE or attempt == TRIES:
                    raise
            await asyncio.sleep(_WAITS * attempt)

    async def settle(self) -> bool:
        """True: what is overwritten here stays in the server's log until the generation key is destroyed."""
        return True

    async def close(self) -> None:
        """Ends every connection."""
        try:
            async with asyncio.timeout(2):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()


def _after(month: str) -> int:
    """The first moment after a month ``YYYYMM``, in ms since 1970 UTC."""
    year, number = int(month[:4]), int(month[4:])
    return int(datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC).timestamp() * 1000)


def _end(connection: Connection) -> None:
    """Ends a connection at once; one that is gone already has gone back to the pool by itself."""
    from asyncpg import InterfaceError

    with suppress(InterfaceError):
        connection.terminate()


class _Again(Exception):
    """Two transactions stood in each other's way: nothing happened, and it may be tried again."""


async def _refuse_what_forgets(connection: Connection) -> None:
    if int(await connection.fetchval("SHOW server_version_num")) < OLDEST:
        raise Unsafe("the store is older than PostgreSQL 15")
    for name in MUST_BE_ON:
        if await connection.fetchval(f"SHOW {name}") == "off":
            raise Unsafe(f"the store acknowledges before it has synced: {name} is off")
