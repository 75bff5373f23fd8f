"""The data folder, opened: one writer thread, readers that cannot write, and a lock against a second gateway.

store = Store.open(Path("/var/lib/moments"), source="/venues/flagship")
await store.write(lambda tx: journal.record(tx, [event]))   # returns when the disk has it, and the tables
customers.get_customer(store.reader, "c-1")
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import TypeVar
from weakref import WeakSet

from gateway.records import anchor, belonging, consents, expected, going_back, idempotency, lent, schema, swap, upgrade
from gateway.records.anchor import Anchor
from gateway.records.belonging import RECORDS_FILE
from gateway.records.connection import SealedDatabase
from gateway.records.errors import (
    Damaged,
    DataFolderInUse,
    DiskFull,
    Erased,
    NewerSchema,
    StoreFull,
    WrongMasterKey,
    by_name,
)
from gateway.records.seal import KEYS_FILE, Keyring
from gateway.records.sqlite_file import (
    connect_to_read,
    connect_to_write,
    private_file,
    private_folder,
    sqlite3,
    warn_of_old_sqlite,
)
from gateway.records.writer import Change, Tx, Writer

__all__ = [
    "RECORDS_FILE",
    "Change",
    "Damaged",
    "DataFolderInUse",
    "DiskFull",
    "Erased",
    "NewerSchema",
    "SealedDatabase",
    "Store",
    "StoreFull",
    "Tx",
    "WrongMasterKey",
    "reading",
]

log = logging.getLogger(__name__)

T = TypeVar("T")

LOCK_FILE = "lock"
BEFORE_MIGRATION = "before-migration.db"
CHECKED_AT_START = 64 * 1024 * 1024  # bytes: a larger file is looked through while we run, and no door waits for it


class Store:
    """What is remembered in one data folder, held by one gateway."""

    def __init__(self, folder: Path, source: str, lock: int, keyring: Keyring, db: SealedDatabase) -> None:
        self.folder = folder
        self.source = source
        self.keyring = keyring
        self._lock = lock
        self._db = db
        self._readers: WeakSet[SealedDatabase] = WeakSet()  # one that a search has closed is nobody's burden
        self._closing: list[Callable[[Tx], object]] = []
        self._dropped = 0
        self.refusing: str | None = None
        """What the disk does for which this folder only stands in; then whatever people record is refused."""
        self.with_it: list[Callable[[], None]] = []
        """What is let go of when the store is closed."""
        self.anchor = Anchor(folder, keyring)
        self._writer = Writer(db)
        self._reader = self.open_reader()

    @classmethod
    def open(cls, folder: Path, *, source: str) -> Store:
        """Opens ``folder``, made if need be (0700), its tables brought up to date after a copy was set aside.

        Raises DataFolderInUse, NewerSchema (untouched), Damaged, WrongMasterKey or DiskFull.
        """
        warn_of_old_sqlite()
        private_folder(folder)
        lock = take_lock(folder)
        keyring: Keyring | None = None
        db: SealedDatabase | None = None
        try:
            swap.finish(folder)
            belonging.check(folder)
            _refuse_newer(folder)
            keyring = Keyring(folder)
            db = SealedDatabase(connect_to_write(folder / RECORDS_FILE), keyring)
            _bring_up_to_date(db, folder)
            if upgrade.is_due(db):
                upgrade.carry(db, folder, source)
            expected.carry(Tx(db, keyring))
            consents.carry(Tx(db, keyring))
            idempotency.carry(Tx(db, keyring))
            anchor.bring_up_to_date(folder / anchor.ANCHOR_FILE, keyring)
            _finish_erasures(db)
            lent.finish(db)
            going_back.go_on(db, folder)
            belonging.mark(folder)
        except BaseException as error:
            for opened in (db, keyring):
                if opened is not None:
                    opened.close()
            os.close(lock)
            named = by_name(error)
            raise named from (None if named is error else error)
        return cls(folder, source, lock, keyring, db)

    async def write(self, change: Change[T]) -> T:
        """What ``change`` returns, once it is on the disk.

        Raises what the change raised (then it alone is rolled back), StoreFull, DiskFull or Damaged.
        """
        if self.refusing is not None:
            raise DiskFull("", self.refusing)
        return await asyncio.wrap_future(self._writer.submit(change))

    def call(self, change: Change[T]) -> T:
        """The same as ``write`` for programs without a loop: waits in this thread."""
        return self._writer.submit(change).result()

    def post(self, change: Change[object], then: Callable[[], None] = lambda: None) -> None:
        """The same without waiting: what the disk does not take is kept and tried again until it does.

        A failure of another kind is logged and counted, and so is a change that finds the queue full. ``then`` is
        called once it is written, or never will be, in whatever thread.
        """
        try:
            outcome = self._writer.submit(change, kept=True)
            outcome.add_done_callback(_log_failure)
            outcome.add_done_callback(lambda _: then())
        except StoreFull:
            then()
            self._dropped += 1
            if self._dropped % 1000 == 1:
                log.error("the store is behind: %d changes dropped", self._dropped)

    @property
    def moved(self) -> list[Callable[[], None]]:
        """What is called, in the writer's thread, after each commit; it does nothing that takes time."""
        return self._writer.moved

    def beat(self) -> None:
        """Has something small written without waiting for it: what comes of it is seen in ``health``."""
        with suppress(StoreFull):
            self._writer.submit(_beat)

    @property
    def reader(self) -> SealedDatabase:
        """A connection that cannot write, for small keyed look-ups on the loop's thread."""
        return self._reader

    def open_reader(self) -> SealedDatabase:
        """Another one, for one thread, with the data keys as ``sealing.keys``; closed with the store if not before."""
        reader = _open_reader(self.folder, self.keyring)
        self._readers.add(reader)
        return reader

    @property
    def health(self) -> dict[str, object]:
        """How the writer does: ``queue``, ``commits``, ``changes``, ``failures``, ``dropped``, ``last_commit_s`` …"""
        writer = self._writer
        return {
            "queue": writer.waiting,
            "commits": writer.commits,
            "changes": writer.changes,
            "failures": writer.failures,
            "dropped": self._dropped + writer.dropped,
            "kept": writer.kept,
            "oldest_s": writer.oldest_s,
            "stuck_s": writer.stuck_s,
            "last_commit_s": writer.last_commit_s,
            "disk_fault": self.refusing or writer.disk_fault,
            "alive": writer.alive,
        }

    def at_close(self, change: Callable[[Tx], object]) -> None:
        """Has ``change`` written last of all when the store is closed."""
        self._closing.append(change)

    def close(self) -> None:
        """Writes what waits, folds the WAL into the database and lets go of the folder; a second call does nothing."""
        if self._lock < 0:
            return
        for change in self._closing:
            self.post(change)
        self._writer.close()
        for reader in list(self._readers):
            reader.close()
        try:
            self._db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            log.warning("the WAL stays until the next start: %s", error)
        for call in self.with_it:
            call()
        self.anchor.close()
        self._db.close()
        self.keyring.close()
        os.close(self._lock)
        self._lock = -1


def _beat(tx: Tx) -> None:
    sql = "INSERT INTO counters (name, value) VALUES ('beat', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1"
    tx.db.conn.execute(sql)


def reading(folder: Path) -> SealedDatabase:
    """The records of ``folder`` without the right to change them, beside a gateway that may be running.

    An older folder is brought up to date first. Raises FileNotFoundError, NewerSchema, WrongMasterKey, Damaged, or
    DataFolderInUse where an older gateway holds it; close its ``keyring`` too.
    """
    if not (folder / RECORDS_FILE).exists() and not swap.is_due(folder):
        raise FileNotFoundError(f"{folder}: no {RECORDS_FILE} here")
    if swap.is_due(folder) or _refuse_newer(folder):
        Store.open(folder, source="").close()
    belonging.check(folder)
    return _open_reader(folder, Keyring(folder, read_only=True))


def take_lock(folder: Path) -> int:
    """A descriptor that holds ``folder`` until it is closed or we die; raises DataFolderInUse."""
    path = folder / LOCK_FILE
    try:
        private_file(path)
        lock = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:  # a disk that takes nothing can be locked all the same
        lock = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(lock, 20, 0).decode("ascii", "replace").strip()
        os.close(lock)
        raise DataFolderInUse(f"{folder} is in use by another gateway (process {holder or 'unknown'})") from None
    with suppress(OSError):  # who holds it is said for people
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    return lock


def _open_reader(folder: Path, keyring: Keyring) -> SealedDatabase:
    connection = connect_to_read(folder / RECORDS_FILE)
    connection.execute("ATTACH DATABASE ? AS sealing", (f"file:{folder / KEYS_FILE}?mode=ro",))
    return SealedDatabase(connection, keyring)


def _refuse_newer(folder: Path) -> bool:
    """Whether something there is older than this program."""
    older = False
    for name, migrations in ((RECORDS_FILE, schema.RECORDS), (KEYS_FILE, schema.KEYS)):
        path = folder / name
        if not path.exists() or path.stat().st_size == 0:
            continue
        connection = connect_to_read(path)
        try:
            older |= bool(schema.pending(migrations, schema.bare(connection)))
        except sqlite3.DatabaseError as error:
            named = by_name(error)
            raise named if isinstance(named, DiskFull) else Damaged(f"{path}: {error}") from error
        finally:
            connection.close()
    return older


def _bring_up_to_date(db: SealedDatabase, folder: Path) -> None:
    if not schema.pending(schema.RECORDS, db):
        if (folder / RECORDS_FILE).stat().st_size <= CHECKED_AT_START:
            found = db.conn.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                raise Damaged(f"{folder / RECORDS_FILE}: {found}")
            db.conn.execute("PRAGMA shrink_memory")  # all that was looked over is in the page cache now
        return
    if schema.RECORDS.applied(db):
        copy = folder / BEFORE_MIGRATION
        copy.unlink(missing_ok=True)
        private_file(copy)
        db.conn.execute("VACUUM INTO ?", (str(copy),))
    schema.migrate(schema.RECORDS, db)


def _finish_erasures(db: SealedDatabase) -> None:
    """Destroys the keys of erasures that were committed when the gateway died, or that a restored copy brings.

    Those of before there was a list are put on it.
    """
    db.keyring.erasures.add(row[0] for row in db.conn.execute("SELECT key_id FROM erasures"))
    unsettled = [row[0] for row in db.conn.execute("SELECT key_id FROM erasures WHERE settled = 0")]
    if unsettled:
        db.keyring.destroy(unsettled)
        db.conn.execute("UPDATE erasures SET settled = 1 WHERE settled = 0")


def _log_failure(outcome: Future[object]) -> None:
    error = outcome.exception()
    if error is not None:
        log.error("a change was not recorded: %s", type(error).__name__)  # its text may hold personal data
