"""Copies of a live data folder.

A backup folder holds dated copies: each has the records, the snapshot that belongs to them, and its own keys, so that
no later copy can spoil it. A copy counts once it was brought back on trial, with the master key in memory alone; then
its manifest is signed. The keys of who was erased are overwritten in every copy there at the next backup. The master
key lies there only sealed to the recovery key (recovery.py), and that of the house's certificate authority sealed
with the master key; without a recovery key nothing is copied. restoration.py is the way back.
"""

from __future__ import annotations

import shutil
from collections.abc import Set
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from gateway.events import venue_time
from gateway.records import (
    belonging,
    journal,
    manifest,
    outside,
    quarantine,
    recovery,
    restoration,
    schema,
    sealed_authority,
    swap,
)
from gateway.records.anchor import ANCHOR_FILE
from gateway.records.connection import SealedDatabase
from gateway.records.copying import alone_in, copied, wiped
from gateway.records.erasure_list import ERASURES_FILE, ErasureList, Listed, hash_of, read, unite, write
from gateway.records.errors import Damaged, WrongMasterKey
from gateway.records.manifest import STAMP, beside, wrong_with
from gateway.records.master_key import MASTER_FILE, in_mind, proof_of, read_key, read_master
from gateway.records.restoration import COPIES, Brought, NotEmpty, restore
from gateway.records.seal import DESTROYED, KEYS_FILE, Keyring
from gateway.records.sqlite_file import connect_to_read, connect_to_write, in_one, private_folder, sqlite3, sync_folder
from gateway.records.store import RECORDS_FILE

__all__ = ["COPIES", "Brought", "Copied", "NotEmpty", "backup", "reach", "restore"]

TRIAL = "trial"
WAITS = 600.0  # seconds, for another backup into the same folder


class Copied(NamedTuple):
    """A copy, what is wrong with its journal in words (None where it holds), whether a master key lay open there."""

    path: Path
    wrong: str | None = None
    was_open: bool = False


def backup(folder_of_data: Path, to: Path, keep: int = 7) -> Copied:
    """Copies the records of a folder, beside a running gateway too, brings the copy back on trial, and keeps ``keep``.

    The newest ``keep`` stay, and the newest whose journal holds. Raises FileNotFoundError, NoRecovery, Damaged,
    DiskFull or OSError, and then leaves what was there.
    """
    belonging.check(folder_of_data)
    if not (folder_of_data / RECORDS_FILE).exists():
        raise FileNotFoundError(f"{folder_of_data}: no {RECORDS_FILE} here")
    with closing(Keyring(folder_of_data, read_only=True)) as keyring:
        sealed_to = recovery.of(folder_of_data, keyring.hand)
    private_folder(to)
    with alone_in(to, WAITS):
        return _back_up(folder_of_data, to, sealed_to, keep)


def _back_up(folder_of_data: Path, to: Path, sealed_to: recovery.Recovery, keep: int) -> Copied:
    source, copy = folder_of_data / RECORDS_FILE, to / f"moments-{datetime.now(UTC).strftime(STAMP)}.db"
    try:
        # Keys after rows: every row of the copy finds its key, and a key destroyed meanwhile is destroyed here too.
        copied(source, copy)
        if (folder_of_data / ANCHOR_FILE).exists():  # after the rows: it holds whatever they have let go
            copied(folder_of_data / ANCHOR_FILE, beside(copy, "anchor"))
        copied(folder_of_data / KEYS_FILE, beside(copy, "keys"))
        sealed_authority.seal(folder_of_data, copy)
        _seal_master(folder_of_data, to, sealed_to)
        listed = _list(folder_of_data, to)  # before the copy counts, whose manifest says that it is complete
        wrong = _try(copy, folder_of_data, to)
        _write_manifest(copy, wrong, folder_of_data, listed)
    except BaseException:
        _drop(copy)
        raise
    was_open = _close_master(to, sealed_to)
    _darken(to, listed.keys | set(_destroyed(folder_of_data / KEYS_FILE)))
    sync_folder(to)
    _let_go(to, keep)
    return Copied(copy, wrong, was_open)


def reach(to: Path, keys: frozenset[bytes]) -> bool:
    """Overwrites these keys in every copy of a backup folder; whether it was there at all. Raises OSError."""
    if not to.is_dir() or not any(to.glob(COPIES)):
        return False
    with alone_in(to):
        _darken(to, keys)
        sync_folder(to)
    return True


# --- one after the other ---------------------------------------------------------------------------------------------


def _try(copy: Path, folder_of_data: Path, to: Path) -> str | None:
    """Brings the copy back into a folder that is gone afterwards; what is wrong with its journal. Raises Damaged."""
    trial = to / TRIAL
    if trial.is_symlink():
        trial.unlink()
    shutil.rmtree(trial, ignore_errors=True)
    private_folder(trial)
    try:
        with swap.stage(trial) as stage, in_mind(stage):
            restoration.fill(stage, copy, folder_of_data)
            return restoration.prove(stage, 0, broken=True)
    finally:
        shutil.rmtree(trial, ignore_errors=True)


def _seal_master(folder_of_data: Path, to: Path, sealed_to: recovery.Recovery) -> None:
    master = read_master(folder_of_data)
    if master is not None:
        recovery.seal(to, sealed_to, master, proof_of(master).hex())


def _close_master(to: Path, sealed_to: recovery.Recovery) -> bool:
    """Seals and overwrites the master key that an older program laid beside the copies; whether there was one."""
    path = to / MASTER_FILE
    if not outside.is_file(path):  # a link to the house's own would have that overwritten
        return False
    master = read_key(path)
    recovery.seal(to, sealed_to, master, proof_of(master).hex())
    wiped(path)
    return True


def _write_manifest(copy: Path, wrong: str | None, folder_of_data: Path, listed: Listed) -> None:
    with closing(Keyring(folder_of_data, read_only=True)) as keyring:
        known = listed.lines and quarantine.reason(folder_of_data) is None
        line = hash_of(listed.lines[-1]) if known else None  # else nobody can say that the list is complete
        demo = belonging.is_demo(folder_of_data) is True
        zone = venue_time.kept_in(folder_of_data)
        text = manifest.text_of(copy, wrong, keyring.hand, len(listed.lines), line, demo=demo, zone=zone)
        outside.replace(beside(copy, "manifest"), text.encode())


def _let_go(to: Path, keep: int) -> None:
    """Drops the oldest copies, but for the newest whose journal holds, and whatever never became a copy."""
    for half in to.glob(COPIES):
        before_manifests = not beside(half, "keys").exists() and (to / KEYS_FILE).exists()
        if not beside(half, "manifest").exists() and not before_manifests:
            _drop(half)
    copies = sorted(to.glob(COPIES))
    good = next((copy for copy in reversed(copies) if wrong_with(copy) is None), None)
    for old in copies[: -max(keep, 1)]:
        if old != good:
            _drop(old)
    for part in to.glob("*.part"):
        part.unlink()
    for kind in ("anchor", "keys", "authority", "manifest"):
        for path in to.glob(f"{kind}-*"):
            if not path.with_name(path.name.replace(kind, "moments", 1)).with_suffix(".db").exists():
                path.unlink()


def _drop(copy: Path) -> None:
    for path in (copy, *(beside(copy, what) for what in ("manifest", "anchor", "authority", "keys"))):
        path.unlink(missing_ok=True)


def _destroyed(keys: Path) -> list[bytes]:
    with closing(connect_to_read(keys)) as connection:
        return [row[0] for row in connection.execute("SELECT key_id FROM keys WHERE wrapped = ?", (DESTROYED,))]


def _list(folder_of_data: Path, to: Path) -> Listed:
    """Puts the house's list of erasures beside the copies, with whatever only that one there knows."""
    with closing(Keyring(folder_of_data, read_only=True)) as keyring:
        listed = unite([folder_of_data / ERASURES_FILE, to / ERASURES_FILE], keyring.hand)
    if not listed.lines:  # nobody was ever erased, and that is said too
        ErasureList(to, keyring.hand).renew()
        return read(to / ERASURES_FILE, keyring.hand)
    write(to / ERASURES_FILE, listed.lines)
    return listed


def _darken(to: Path, gone: Set[bytes]) -> None:
    """Overwrites the keys with these ids in every copy."""
    for keys in (*to.glob("keys-*.db"), to / KEYS_FILE):
        if not outside.is_file(keys):
            continue
        with suppress(sqlite3.DatabaseError), closing(connect_to_write(keys)) as connection:  # a damaged one is dark
            sql = "UPDATE keys SET wrapped = ? WHERE key_id = ? AND wrapped <> ?"
            in_one(connection, sql, [(DESTROYED, key_id, DESTROYED) for key_id in sorted(gone)])
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute("PRAGMA journal_mode = DELETE")
        swap.sync(keys)


# --- afterwards ------------------------------------------------------------------------------------------------------


def copies_in(to: Path) -> list[Path]:
    """The copies in a folder, oldest first; none where there is no such folder."""
    return sorted(to.glob(COPIES))


def newest_good(to: Path) -> float | None:
    """When the newest copy was made whose journal held, in seconds since 1970 UTC; None where there is none."""
    for copy in reversed(copies_in(to)):
        with suppress(Damaged, OSError, ValueError, KeyError):
            if beside(copy, "manifest").exists() and wrong_with(copy) is None:
                return manifest.made_at(copy)
    return None


def verify(copy: Path, folder_of_data: Path) -> str | None:
    """Brings one copy back on trial; what is wrong with it, in words, None where it is good."""
    try:
        with closing(Keyring(folder_of_data, read_only=True)) as keyring:
            manifest.check(copy, keyring.hand)
        with alone_in(copy.parent, WAITS):
            return _try(copy, folder_of_data, copy.parent)
    except (Damaged, FileNotFoundError, WrongMasterKey) as error:
        return str(error)


def facts_of(copy: Path, folder_of_data: Path) -> dict[str, Any]:
    """What the journal tells of a copy: its name and folder, where its journal ends, and how far its list reaches.

    Raises RuntimeError for one that an older program wrote.
    """
    with closing(connect_to_read(copy)) as connection, closing(Keyring(folder_of_data, read_only=True)) as keyring:
        copied_records = SealedDatabase(connection, keyring)
        if schema.pending(schema.RECORDS, copied_records):
            raise RuntimeError("an older program wrote these records, and a copy of them changes nothing")
        end = journal.head(copied_records)
    facts: dict[str, Any] = {"name": copy.name, "epoch": end.epoch, "position": end.position, "head": end.hash}
    return facts | {"to": str(copy.parent.absolute()), "erasures": manifest.listed_by(copy)}
