"""The records of another box of this venue, kept here as they are there: rows are put in as they come, sealed.

Nothing is opened, and no key is needed: what comes is exactly what the other box has. Only the chain is walked, so that
a fault on the way is noticed where it happens.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from gateway.records import chain, journal_rows
from gateway.records.belonging import RECORDS_FILE
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Damaged
from gateway.records.following import Batch, Changed, tables_of
from gateway.records.journal_rows import Link
from gateway.records.seal import DESTROYED, KEYS_FILE
from gateway.records.sqlite_file import connect_to_write, sqlite3, transaction
from gateway.records.writer import Tx

LIFE, NUMBER, WHOLE = "followed_life", "followed_number", "followed_whole"
"""Counters: which life of the other box is followed, up to which batch, and whether nothing is missing up to there."""


class Copied:
    """The two databases of a folder that follows; its lock is held by the caller."""

    def __init__(self, folder: Path) -> None:
        self._records = connect_to_write(folder / RECORDS_FILE)
        self._keys = connect_to_write(folder / KEYS_FILE)
        for connection in (self._records, self._keys):
            connection.execute("PRAGMA foreign_keys = OFF")  # a row may come before the one that it belongs to
        self._columns = {
            connection: {table.name: set(table.columns) for table in tables_of(connection)}
            for connection in (self._records, self._keys)
        }

    def standing(self) -> tuple[int, int, bool]:
        """Which life is followed, up to which batch (zeros where none is), and whether nothing is missing up to it."""
        found = dict(self._records.execute("SELECT name, value FROM counters WHERE name LIKE 'followed_%'").fetchall())
        return found.get(LIFE, 0), found.get(NUMBER, 0), bool(found.get(WHOLE))

    def last(self) -> Link:
        """The newest row of the journal."""
        return journal_rows.last(self._reader())

    def origin(self) -> str:
        """Whose journal it is."""
        return journal_rows.newest_epoch(self._reader())[1]

    def begin(self, life: int) -> None:
        """These records are a copy of that life, in which what changed while it was made may be half there."""
        with transaction(self._records):
            self._stand(life, 0, whole=False)

    def put(self, batch: Batch, life: int, number: int, *, whole: bool) -> None:
        """Puts in what changed there; raises Damaged where it does not follow, and nothing of it counts then.

        ``whole``: nothing had changed there that is not in it.
        """
        with transaction(self._keys):
            _put(self._keys, batch.secrets, self._columns[self._keys])
        if _destroys(batch.secrets):
            self._keys.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # what was overwritten is gone from the disk
        with transaction(self._records):
            before = self.last()
            _put(self._records, batch.records, self._columns[self._records])
            self._follows(before)
            self._stand(life, number, whole=whole)

    def _reader(self) -> SealedDatabase:
        return SealedDatabase(self._records, None)  # type: ignore[arg-type]  # heads are not sealed

    def _stand(self, life: int, number: int, *, whole: bool) -> None:
        rows = [(LIFE, life), (NUMBER, number), (WHOLE, whole)]
        self._records.executemany("INSERT OR REPLACE INTO counters (name, value) VALUES (?, ?)", rows)

    def _follows(self, before: Link) -> None:
        """Raises Damaged where a new row of the journal is not hashed to the one before it."""
        if before.number == 0:
            return
        sql = "SELECT number, epoch, position, head, sealed, hash FROM journal WHERE number > ? ORDER BY number"
        for number, epoch, position, text, sealed, hash_ in self._records.execute(sql, (before.number,)):
            above = before.hash
            if epoch != before.epoch:
                above = chain.beginning(chain.read_head(text).origin, epoch, before.hash)
            linked = chain.link(above, position, chain.head_digest(text), chain.body_digest(sealed))
            if number != before.number + 1 or linked != hash_:
                raise Damaged(f"row {number} of the journal does not follow the one before it")
            before = Link(number, epoch, position, hash_)

    def close(self) -> None:
        """Closes both, and folds what they hold into their files."""
        for connection in (self._records, self._keys):
            with suppress(sqlite3.Error):
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()


def forget(tx: Tx) -> None:
    """These records follow nobody any more."""
    tx.db.conn.execute("DELETE FROM counters WHERE name LIKE 'followed_%'")


def _put(connection: sqlite3.Connection, changed: Iterable[Changed], known: dict[str, set[str]]) -> None:
    """First what is gone or about to be replaced, then the rows: no two of them are in each other's way."""
    for each in changed:
        if not {*each.keys, *each.columns} <= known.get(each.table, set()):
            raise Damaged(f"the other box has a table that this one does not: {each.table}")
    for each in changed:
        where = " AND ".join(f"{key} IS ?" for key in each.keys)
        at = [each.columns.index(key) for key in each.keys]
        gone: list[tuple[Any, ...]] = [*each.gone, *(tuple(row[place] for place in at) for row in each.rows)]
        connection.executemany(f"DELETE FROM {each.table} WHERE {where}", gone)  # noqa: S608 - of our own tables
    for each in changed:
        marks = ", ".join("?" * len(each.columns))
        sql = f"INSERT OR REPLACE INTO {each.table} ({', '.join(each.columns)}) VALUES ({marks})"  # noqa: S608
        connection.executemany(sql, each.rows)


def _destroys(changed: Iterable[Changed]) -> bool:
    return any(
        DESTROYED in (row[each.columns.index("wrapped")] for row in each.rows)
        for each in changed
        if each.table == "keys"
    )
