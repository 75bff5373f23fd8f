"""Restored files put in place of those that are there: after a cut or a kill it is all of the old or all of the new.

What is to come stands in a folder inside the data folder. Once that is whole it is marked as ready, and whoever opens
the data folder next brings it in, as often as it is interrupted. What is not marked never counted.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from gateway.events.venue_time import ZONE_FILE
from gateway.records.sqlite_file import connect_to_write, private_file, private_folder, sqlite3, sync_folder

STAGE = "restoring"
READY = "ready"
ANCHOR, RECORDS, QUARANTINE = "anchor.db", "moments.db", "quarantine.json"
AUTHORITY, TLS = "authority.pem", "tls"  # of the house's certificates, in a folder of their own
# Keys first: with more keys than rows everything can be read, the other way round not.
FILES = (
    QUARANTINE, "erasures.jsonl", "master.key", "recovery.json", "keys.db", ANCHOR, RECORDS, "folder.json", ZONE_FILE,
    AUTHORITY,
)  # fmt: skip
ASIDE = {ANCHOR: "anchor.before-restore.db", RECORDS: "moments.before-restore.db"}


@contextmanager
def stage(data_folder: Path) -> Iterator[Path]:
    """A folder to make ready in; it is gone afterwards unless it was made ``ready`` and could not be brought in."""
    path = data_folder / STAGE
    shutil.rmtree(path, ignore_errors=True)
    private_folder(path)
    try:
        yield path
    finally:
        if not (path / READY).exists():
            shutil.rmtree(path, ignore_errors=True)


def ready(staged: Path) -> None:
    """From here on the staged files are those of the folder; returns when the disk knows."""
    coming = [name for name in FILES if (staged / name).exists()]
    for name in coming:
        sync(staged / name)
    sync_folder(staged)
    part = staged / f"{READY}.part"
    private_file(part)
    part.write_text(json.dumps(coming), encoding="utf-8")
    sync(part)
    part.rename(staged / READY)
    sync_folder(staged)


def is_due(data_folder: Path) -> bool:
    """Whether something was staged here, ready or not, when we were interrupted."""
    return (data_folder / STAGE).exists()


def finish(data_folder: Path) -> bool:
    """Brings in what is ready, and drops what is not; whether something was brought in. The folder's lock is held."""
    staged = data_folder / STAGE
    if not (staged / READY).exists():
        shutil.rmtree(staged, ignore_errors=True)
        return False
    coming = json.loads((staged / READY).read_text(encoding="utf-8"))
    for name in FILES:
        if name == AUTHORITY and (staged / name).exists():
            private_folder(data_folder / TLS)
            (staged / name).rename(data_folder / TLS / name)
            sync_folder(data_folder / TLS)
        elif (staged / name).exists():
            _make_room(data_folder, name)
            (staged / name).rename(data_folder / name)
        elif name == QUARANTINE and name not in coming and (staged / RECORDS).exists():
            (data_folder / name).unlink(missing_ok=True)  # what was wrong with the records before is none of theirs
        elif name == ANCHOR and name not in coming and (staged / RECORDS).exists():
            _make_room(data_folder, name)  # a copy without a snapshot: that of the old records is none of its
    sync_folder(data_folder)
    (staged / READY).unlink()
    sync_folder(staged)
    shutil.rmtree(staged, ignore_errors=True)
    return True


def _make_room(data_folder: Path, name: str) -> None:
    there = data_folder / name
    if there.suffix == ".db":
        _fold_wal(there)
    if name in ASIDE and there.exists():
        there.rename(data_folder / ASIDE[name])


def sync(path: Path) -> None:
    """Returns when the disk has what is in the file."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def _fold_wal(path: Path) -> None:
    """Leaves all that a database holds in its one file."""
    if path.exists():
        with suppress(sqlite3.DatabaseError), closing(connect_to_write(path)) as connection:  # too damaged: as it is
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
