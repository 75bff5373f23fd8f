"""A hub that outgrew its file: everything of it into an empty PostgreSQL, with the same numbers, hashes and life."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gateway.hub import schema, sqlite
from gateway.hub.database import Tx, first, months_from
from gateway.hub.postgres import PostgresDatabase
from gateway.hub.serving import MOVED
from gateway.hub.sqlite import SqliteDatabase

PAGE = 2_000  # rows
KEY_TABLES = frozenset({"wraps", "escrow"})
MONTH_MS = 27 * 86_400_000  # less than any month has


class CannotMove(Exception):
    """The store does not move, and nothing has changed; the text says why."""


async def move(source: SqliteDatabase, target: PostgresDatabase) -> dict[str, int]:
    """Copies every table in one transaction of the target; rows by table. Raises CannotMove, or StoreLost.

    ``target`` has to be opened with time enough for all of it. The source is left as it is: see ``leave``.
    """

    async def span(tx: Tx) -> tuple[Any, ...]:
        return (await tx.all("SELECT min(received), max(received) FROM events"))[0]

    begins, ends = await source.read(span)
    if begins is not None:
        await target.make_room(months_from(begins, 2 + (ends - begins) // MONTH_MS))

    async def change(tx: Tx) -> dict[str, int]:
        counts: dict[str, int] = {}
        for table in schema.tables():
            if await first(tx, f"SELECT 1 FROM {table} LIMIT 1") is not None:  # noqa: S608 - names of ours
                raise CannotMove("the database holds a hub already; expected an empty one")
        for table in schema.tables():
            counts[table] = await _copy(source, tx, table)
            ((there,),) = await tx.all(f"SELECT count(*) FROM {table}")  # noqa: S608
            if there != counts[table]:
                raise CannotMove(f"{table}: {there} rows came of {counts[table]}")
        # What was overwritten in the file was dark at once.
        await tx.run("UPDATE erasures SET dark_at = at WHERE dark_at IS NULL")
        return counts

    return await target.transact(change)


async def _copy(source: SqliteDatabase, tx: Tx, table: str) -> int:
    where = "keys" if table in KEY_TABLES else "main"

    async def names(from_: Tx) -> list[str]:
        found = await from_.all("SELECT name FROM pragma_table_info(?, ?)", table, where)
        return [name for (name,) in found]

    columns = await source.read(names)
    listed, last, count = ", ".join(columns), 0, 0
    while True:

        async def page(from_: Tx, last: int = last) -> list[tuple[Any, ...]]:
            sql = f"SELECT rowid, {listed} FROM {where}.{table} WHERE rowid > ? ORDER BY rowid LIMIT {PAGE}"  # noqa: S608
            return await from_.all(sql, last)

        rows = await source.read(page)
        if not rows:
            return count
        await tx.copy(table, columns, [row[1:] for row in rows])
        last, count = rows[-1][0], count + len(rows)


async def leave(source: SqliteDatabase, data: Path) -> Path:
    """Destroys the keys in the old file and gives it another name, under which no hub serves it; the name."""

    async def change(tx: Tx) -> None:
        for table in sorted(KEY_TABLES):
            await tx.run(f"UPDATE keys.{table} SET wrapped = zeroblob(length(wrapped))")  # noqa: S608 - names of ours
            await tx.run(f"DELETE FROM keys.{table}")  # noqa: S608

    await source.transact(change)
    await source.settle()
    await source.close()
    for rest in ("-wal", "-shm"):
        (data / f"{sqlite.FILE}{rest}").unlink(missing_ok=True)
    return (data / sqlite.FILE).rename(data / MOVED)
