"""What can go wrong with the records, by name."""

from __future__ import annotations

from typing import Any

from gateway.records.sqlite_file import sqlite3

READ_ONLY, FAILS, FULL, HELD = "is read-only", "fails", "is full", "is kept busy by another program"
# Primary result codes of SQLite (https://sqlite.org/rescode.html): BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN.
NO_ROOM = {5: HELD, 6: HELD, 8: READ_ONLY, 10: FAILS, 13: FULL, 14: FAILS}
BROKEN = {11, 26}  # CORRUPT, NOTADB


class StoreFull(Exception):
    """Too many changes wait to be written; try again later."""


class DiskFull(Exception):
    """The disk takes nothing at the moment; nothing was written, and the store goes on when it does again.

    ``why`` says what the disk does, for a person: it is full, read-only, it fails, or
    another program holds it.
    """

    def __init__(self, text: str = "", why: str = FULL) -> None:
        super().__init__(text)
        self.why = why


class DataFolderInUse(Exception):
    """Another gateway holds this data folder."""


class NewerSchema(Exception):
    """The database was written by a newer program than this one; it has not been touched."""


class Damaged(Exception):
    """A file of the data folder is not what it should be; restore a backup."""


class Unreadable(Exception):
    """What is sealed in one record cannot be read; every other record can."""


class Erased(Unreadable):
    """The customer was erased: the key is destroyed and nothing of theirs can be read or recorded."""


class Altered(Damaged, Unreadable):
    """What is sealed in one record was changed or moved, or its key was never ours: that record is set aside."""


class Conflict(Exception):
    """The id is that of something else, or of the same thing said otherwise; ``existing`` is what is there."""

    def __init__(self, existing: dict[str, Any]) -> None:
        super().__init__("the id is taken")
        self.existing = existing


class WrongMasterKey(Exception):
    """The master key is missing, malformed, or not the one these records were sealed with."""


def by_name(error: BaseException) -> BaseException:
    """The error itself, or DiskFull or Damaged where SQLite means that."""
    if not isinstance(error, sqlite3.Error):
        return error
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code in NO_ROOM:
        return DiskFull(str(error), NO_ROOM[code])
    return Damaged(str(error)) if code in BROKEN else error
