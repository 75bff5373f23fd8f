"""Copies of a live data folder, and the way back.

A backup folder holds dated copies of the database, the one current ``keys.db``, and, where the master key lives in the
data folder and not in the system's credentials, that key too. As ``keys.db`` is replaced at every backup, a customer
who was erased is unreadable in the older copies as well.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from gateway.events.event import GATEWAY, News
from gateway.events.times import now
from gateway.records import numbers
from gateway.records.anchor import ANCHOR_FILE
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Damaged, WrongMasterKey, by_name
from gateway.records.journal import Journal
from gateway.records.seal import DESTROYED, KEYS_FILE, MASTER_FILE, read_master
from gateway.records.sqlite_file import (
    connect_to_read,
    connect_to_write,
    in_one,
    private_file,
    private_folder,
    sqlite3,
    sync_folder,
)
from gateway.records.store import RECORDS_FILE, Store, take_lock
from gateway.records.verify import verify

STAMP = "%Y%m%dT%H%M%S.%fZ"
COPIES = "moments-*.db"
STAGE = "restoring"
SET_ASIDE = "moments.before-restore.db"
ANCHOR_ASIDE = "anchor.before-restore.db"


class NotEmpty(Exception):
    """The data folder holds records already."""


def backup(folder_of_data: Path, to: Path, keep: int = 7) -> Path:
    """Copies the records of a folder, beside a running gateway too, checks the copy, and keeps the newest ``keep``.

    Answers the copy. Raises FileNotFoundError, Damaged, DiskFull or OSError.
    """
    source = folder_of_data / RECORDS_FILE
    if not source.exists():
        raise FileNotFoundError(f"{folder_of_data}: no {RECORDS_FILE} here")
    private_folder(to)
    copy = to / f"moments-{datetime.now(UTC).strftime(STAMP)}.db"
    # Keys after rows: every row of the copy finds its key, and a key destroyed meanwhile is destroyed here too.
    _copy(source, copy)
    if (folder_of_data / ANCHOR_FILE).exists():  # after the rows: it holds whatever they have let go
        _copy(folder_of_data / ANCHOR_FILE, _anchor_of(copy))
    _replace_keys(folder_of_data / KEYS_FILE, to / KEYS_FILE)
    if (folder_of_data / MASTER_FILE).exists():
        _copy_master(folder_of_data / MASTER_FILE, to / MASTER_FILE)
    sync_folder(to)
    for old in sorted(to.glob(COPIES))[: -max(keep, 1)]:
        old.unlink()
        _anchor_of(old).unlink(missing_ok=True)
    return copy


def restore(source: Path, data_folder: Path, *, force: bool = False) -> Path:
    """Brings a copy (a file, or the newest of a folder) into ``data_folder``, which holds no records unless ``force``.

    The copy is checked and its journal walked before anything is replaced; erasures since it was made are made again.
    Answers the copy used. Raises FileNotFoundError, NotEmpty, DataFolderInUse, Damaged, WrongMasterKey or NewerSchema.
    """
    copy = _choose(source)
    private_folder(data_folder)
    lock = take_lock(data_folder)
    try:
        if (data_folder / RECORDS_FILE).exists() and not force:
            raise NotEmpty(f"{data_folder} holds records already")
        with _stage(data_folder) as stage:
            _fill(stage, copy, data_folder)
            _prove(stage, _newest_epoch(data_folder / KEYS_FILE))
            _swap(stage, data_folder)
    finally:
        os.close(lock)
    return copy


def _anchor_of(copy: Path) -> Path:
    """The snapshot that belongs to a copy."""
    return copy.with_name(copy.name.replace("moments", "anchor", 1))


# --- copies ----------------------------------------------------------------------------------------------------------


def _copy(source: Path, target: Path) -> None:
    """A checked copy of a live database."""
    with _part(target) as part:
        try:
            with closing(connect_to_read(source)) as live, closing(connect_to_write(part)) as copy:
                live.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a WAL beside it
                found = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
        except sqlite3.DatabaseError as error:
            raise by_name(error) from error
        if found != "ok":
            raise Damaged(f"{source}: {found}")


@contextmanager
def _part(target: Path) -> Iterator[Path]:
    """A file that gets the name ``target`` when it is whole and on the disk, and is gone otherwise."""
    part = target.with_suffix(".part")
    part.unlink(missing_ok=True)
    private_file(part)
    try:
        yield part
        _sync(part)
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)


def _replace_keys(source: Path, target: Path) -> None:
    """Puts the current keys in place of the older ones, and overwrites what those were."""
    old = target.open("r+b") if target.exists() else None
    _copy(source, target)
    if old is not None:
        with old:
            old.write(bytes(os.fstat(old.fileno()).st_size))
            old.flush()
            os.fsync(old.fileno())


def _copy_master(source: Path, target: Path) -> None:
    with _part(target) as part:
        part.write_bytes(source.read_bytes())


def _sync(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())


# --- the way back ----------------------------------------------------------------------------------------------------


def _choose(source: Path) -> Path:
    if source.is_file():
        return source
    copies = sorted(source.glob(COPIES))
    if not copies:
        raise FileNotFoundError(f"{source}: no copy ({COPIES}) here")
    return copies[-1]


@contextmanager
def _stage(data_folder: Path) -> Iterator[Path]:
    """A folder inside the data folder, so that what is ready there is one rename away."""
    stage = data_folder / STAGE
    shutil.rmtree(stage, ignore_errors=True)
    private_folder(stage)
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _fill(stage: Path, copy: Path, data_folder: Path) -> None:
    keys = copy.parent / KEYS_FILE
    if not keys.exists():
        raise FileNotFoundError(f"{copy.parent}: no {KEYS_FILE} here, without which nothing can be read")
    _copy(copy, stage / RECORDS_FILE)
    _copy(keys, stage / KEYS_FILE)
    if _anchor_of(copy).exists() and _anchor_of(copy) != copy:
        _copy(_anchor_of(copy), stage / ANCHOR_FILE)
    masters = [folder / MASTER_FILE for folder in (copy.parent, data_folder) if (folder / MASTER_FILE).exists()]
    if masters:
        _copy_master(masters[0], stage / MASTER_FILE)
    elif read_master(stage) is None:
        raise WrongMasterKey(f"no master key: put the venue's into {data_folder / MASTER_FILE}")
    _add_keys(data_folder / KEYS_FILE, stage / KEYS_FILE)


def _add_keys(present: Path, staged: Path) -> None:
    """What the data folder knows beyond the backup: keys made since, and above all keys destroyed since."""
    if not present.exists():
        return
    try:
        with closing(connect_to_read(present)) as old, closing(connect_to_write(staged)) as new:
            if old.execute("SELECT proof FROM master").fetchone() != new.execute("SELECT proof FROM master").fetchone():
                return  # keys of another venue, or of a folder that never held anything
            rows = old.execute("SELECT key_id, holder, wrapped FROM keys ORDER BY position").fetchall()
            in_one(new, "INSERT OR IGNORE INTO keys (key_id, holder, wrapped) VALUES (?, ?, ?)", rows)
            gone = [(DESTROYED, key_id) for key_id, _, wrapped in rows if wrapped == DESTROYED]
            in_one(new, "UPDATE keys SET wrapped = ? WHERE key_id = ?", gone)
    except sqlite3.DatabaseError:
        return  # a damaged keys.db is one reason to restore


def _newest_epoch(keys: Path) -> int:
    """The number of the newest epoch that a folder knows; a restored copy begins one beyond it."""
    if keys.exists():
        with suppress(sqlite3.DatabaseError), closing(connect_to_read(keys)) as connection:
            row = connection.execute("SELECT epoch FROM head").fetchone()
            return int(row[0]) if row else 0
    return 0


def _prove(stage: Path, newest_epoch: int) -> None:
    """Opens what was staged, walks its journal, begins a new epoch, and erases again whoever was erased since."""
    store = Store.open(stage, source="")
    try:
        with closing(store.open_reader()) as reader:
            verdict = verify(reader, kept=False)
        if not verdict.ok:
            raise Damaged(f"the journal of the copy is broken at sequence {verdict.broken_at}")
        beyond = max(newest_epoch, _newest_epoch(stage / KEYS_FILE))
        store.call(numbers.skip)
        store.call(store.anchor.mend)
        journal = Journal(store, origin="")
        journal.begin_epoch(journal.origin, "restored", {}, now(), beyond=beyond)
        gone = [journal.event(news, GATEWAY, now()) for news in _erased_since(store.reader)]
        store.call(lambda tx: journal.record(tx, gone))
    finally:
        store.close()


def _erased_since(reader: SealedDatabase) -> Iterator[News]:
    """Of everyone whose key is destroyed and whose rows the copy still has: that they were forgotten."""
    for table, kind in (("customers", "customer"), ("staff", "staff")):
        rows = reader.conn.execute(f"SELECT id, substr(sealed, 2, 8) FROM {table} ORDER BY rowid").fetchall()  # noqa: S608
        for id_, key_id in rows:
            if reader.keyring.has(key_id):
                continue
            if kind == "customer":
                yield News("customer.erased", id_, {"customer": id_, "keys": [key_id.hex()]})
            else:
                yield News("staff.removed", id_, {"staff": id_, "keys": [key_id.hex()], "tokens": []})


def _swap(stage: Path, data_folder: Path) -> None:
    """Keys first: with more keys than rows everything can be read, the other way round not."""
    for name in (MASTER_FILE, KEYS_FILE):
        if (stage / name).exists():
            _fold_wal(data_folder / name)
            (stage / name).rename(data_folder / name)
    for name, aside in ((ANCHOR_FILE, ANCHOR_ASIDE), (RECORDS_FILE, SET_ASIDE)):
        if (data_folder / name).exists():
            _fold_wal(data_folder / name)
            (data_folder / name).rename(data_folder / aside)
        if (stage / name).exists():
            (stage / name).rename(data_folder / name)
    sync_folder(data_folder)


def _fold_wal(path: Path) -> None:
    """Leaves all that a database holds in its one file."""
    if path.suffix == ".db" and path.exists():
        with suppress(sqlite3.DatabaseError), closing(connect_to_write(path)) as connection:  # too damaged: as it is
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
