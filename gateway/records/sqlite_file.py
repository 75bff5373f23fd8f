"""How a SQLite file of the data folder is opened, here and nowhere else."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    import sqlite3  # noqa: TID251 - here, and nowhere else
else:
    try:
        import pysqlite3 as sqlite3  # brings a SQLite of its own; there is none for every processor
    except ImportError:
        import sqlite3  # noqa: TID251

__all__ = [
    "connect_to_read",
    "connect_to_write",
    "in_one",
    "private_file",
    "private_folder",
    "sqlite3",
    "sync_folder",
    "transaction",
    "warn_of_old_sqlite",
]

log = logging.getLogger(__name__)

# SQLite 3.7.0 to 3.51.2 may corrupt a WAL database when two connections write and checkpoint at the same instant.
SAFE_SQLITE = (3, 51, 3)
FULL = 2  # PRAGMA synchronous
WAL_LIMIT = 8 * 1024 * 1024  # bytes the WAL file may keep after a checkpoint


def private_folder(folder: Path) -> None:
    """Makes ``folder`` if need be, and ours alone (0700)."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)


def private_file(path: Path) -> None:
    """Makes ``path`` if need be, and ours alone (0600); SQLite gives its WAL the same mode. Follows no link."""
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Returns when the disk knows the names in ``folder``, not only the files' contents."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def connect_to_write(path: Path) -> sqlite3.Connection:
    """The one writing connection to ``path``: WAL, and a commit that returns when the disk has it."""
    if not path.exists():
        private_file(path)
    connection = _connect(path, "rw")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute(f"PRAGMA journal_size_limit = {WAL_LIMIT}")
    if connection.execute("PRAGMA synchronous").fetchone()[0] != FULL:
        raise RuntimeError("SQLite does not keep synchronous=FULL: nothing could be acknowledged")
    return connection


def connect_to_read(path: Path) -> sqlite3.Connection:
    """A connection to ``path`` that cannot write, usable in any one thread at a time."""
    return _connect(path, "ro")


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"file:{quote(str(path))}?mode={mode}"
    # isolation_level None: no transaction begins behind our back.
    connection: sqlite3.Connection = sqlite3.connect(
        uri, uri=True, timeout=10.0, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    return connection


def in_one(connection: sqlite3.Connection, sql: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Runs ``sql`` for every row in one transaction; returns when the disk has it."""
    with transaction(connection):
        connection.executemany(sql, rows)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """One transaction: on the disk when the block ends, undone where it raises."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def warn_of_old_sqlite() -> None:
    """Says so in the log when the SQLite in use is one that may corrupt (ARM boxes without pysqlite3)."""
    if sqlite3.sqlite_version_info < SAFE_SQLITE:
        log.warning(
            "SQLite %s may corrupt a database with two writers; run one gateway and back up often (safe from %s)",
            sqlite3.sqlite_version,
            ".".join(map(str, SAFE_SQLITE)),
        )
