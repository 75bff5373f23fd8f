"""Keeps the head of the journal beside the keys, a few seconds old at most: a tail that is cut off is missed."""

from __future__ import annotations

import time

from gateway.records import journal_rows
from gateway.records.connection import SealedDatabase
from gateway.records.journal_rows import Link

EVERY = 5.0  # seconds; more often would cost each commit a second sync


class HeadKeeper:
    """Belongs to the writer's thread."""

    def __init__(self, db: SealedDatabase) -> None:
        self._db = db
        self._next = 0.0
        self._behind = False
        self._cut = 0
        self._kept: tuple[int, int, bytes] | None = None

    @property
    def wait(self) -> float | None:
        """Seconds until something is to be kept; None while there is nothing."""
        return max(0.0, self._next - time.monotonic()) if self._behind else None

    def committed(self) -> None:
        """Something may have been appended, or cut: then it is kept at once."""
        self._behind = True
        if time.monotonic() >= self._next or self._was_cut():
            self.keep()

    def keep(self) -> None:
        """Keeps where the journal stands now."""
        last = journal_rows.last(self._db)
        self._behind = False
        if last.number and self._kept != _standing(last):
            self._next = time.monotonic() + EVERY
            self._db.keyring.keep_head(*_standing(last))
            self._kept = _standing(last)

    def _was_cut(self) -> bool:
        row = self._db.conn.execute("SELECT number FROM journal_anchor").fetchone()
        before, self._cut = self._cut, row[0] if row else 0
        return self._cut != before


def _standing(last: Link) -> tuple[int, int, bytes]:
    return last.epoch, last.position, last.hash
