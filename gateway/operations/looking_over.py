"""Looks for damaged records and has them made anew: at once where one was met, and all of them once a day."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import closing

from gateway.records import mend
from gateway.records.anchor import TABLES
from gateway.records.connection import SealedDatabase
from gateway.records.damage import Found
from gateway.records.mend import Mended
from gateway.records.rebuild import DAMAGED, Incomplete, rows_of
from gateway.records.sqlite_file import sqlite3
from gateway.records.store import DiskFull, Store, StoreFull

log = logging.getLogger(__name__)

LOOK_EVERY = 5.0  # seconds between looks whether anything damaged was met
AGAIN_AFTER = 600.0  # seconds until it is tried again where something could not be mended
WHOLE_AFTER = 60.0  # seconds after a start until everything is opened once
WHOLE_EVERY = 86_400.0
PACE = 200  # rows, then others have their turn: some 2 ms
REST = 0.002  # seconds


class LookingOver:
    """What is damaged and cannot be mended, for health; ``tell`` is told of each mending what came of it."""

    def __init__(self, store: Store, now: Callable[[], float], tell: Callable[[Mended], None]) -> None:
        self._store = store
        self._now = now
        self._tell = tell
        self._tried: set[Found] = set()
        self._again_at = float("-inf")
        self._file: str | None = None

    def why(self) -> list[str]:
        """What a person must know, which names nobody."""
        counts = mend.waiting(self._store.reader)
        return [*([self._file] if self._file else []), *([mend.in_words(counts)] if counts else [])]

    async def run(self) -> None:
        """Until cancelled."""
        whole_at = time.monotonic() + WHOLE_AFTER
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if time.monotonic() >= whole_at:
                whole_at = time.monotonic() + WHOLE_EVERY
                await asyncio.to_thread(self.look_at_everything)
            await self.mend()

    async def mend(self) -> None:
        """Makes anew what was met damaged since the last time."""
        new = set(self._store.keyring.damage.all()) - self._tried
        if not new or time.monotonic() < self._again_at:
            return
        self._again_at = time.monotonic() + AGAIN_AFTER
        try:
            outcome = await asyncio.to_thread(mend.mend, self._store, self._now())
        except (StoreFull, DiskFull, Incomplete, sqlite3.Error) as error:
            log.error("damaged records are set aside, and cannot be made anew now: %s", error)
            return
        self._tried = set(outcome.left)
        if not outcome.left:
            self._again_at = float("-inf")
        self._tell(outcome)

    def look_at_everything(self) -> None:
        """Opens every record, and looks whether the file itself holds together; for a thread, and in no hurry."""
        with closing(self._store.open_reader()) as reader:
            found = _wrong_with(reader)
        if found is not None:
            log.error("the database is damaged: %s", found)
        self._file = None if found is None else "the database file is damaged: restore a backup"


def _wrong_with(reader: SealedDatabase) -> str | None:
    """What is wrong with the file; every record of a table that can be walked is opened all the same."""
    wrong: str | None = None
    try:
        found: str = reader.conn.execute("PRAGMA quick_check(1)").fetchone()[0]
        wrong = None if found == "ok" else found
    except sqlite3.DatabaseError as error:
        wrong = str(error)
    for table in TABLES:
        try:
            _open_all(reader, table)
        except sqlite3.DatabaseError as error:
            wrong = wrong or str(error)
    return wrong


def _open_all(reader: SealedDatabase, table: str) -> None:
    for number, _ in enumerate(rows_of(reader, table, set(), broken=DAMAGED)):
        if number % PACE == PACE - 1:
            time.sleep(REST)
