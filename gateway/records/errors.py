"""What can go wrong with the records, by name."""

from __future__ import annotations

from typing import Any

from gateway.records.sqlite_file import sqlite3

# Primary result codes of SQLite (https://sqlite.org/rescode.html).
NO_ROOM = {8, 10, 13, 14}  # READONLY, IOERR, FULL, CANTOPEN
BROKEN = {11, 26}  # CORRUPT, NOTADB


class StoreFull(Exception):
    """Too many changes wait to be written; try again later."""


class DiskFull(Exception):
    """The disk takes no more at the moment; nothing was written, and the store goes on when there is room again."""


class DataFolderInUse(Exception):
    """Another gateway holds this data folder."""


class NewerSchema(Exception):
    """The database was written by a newer program than this one; it has not been touched."""


class Damaged(Exception):
    """A file of the data folder is not what it should be; restore a backup."""


class Erased(Exception):
    """The customer was erased: the key is destroyed and nothing of theirs can be read or recorded."""


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
        return DiskFull(str(error))
    return Damaged(str(error)) if code in BROKEN else error
