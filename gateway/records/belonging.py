"""What belongs together in a data folder: of a file that is gone nobody may think that it never was."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

from gateway.events.times import iso, now
from gateway.records.compact import compact
from gateway.records.errors import Damaged
from gateway.records.seal import KEYS_FILE
from gateway.records.sqlite_file import connect_to_read, private_file, sqlite3, sync_folder

RECORDS_FILE = "moments.db"
MARK = "folder.json"  # there since both files are
GONE = "{path} is gone or empty, though {beside}: bring a backup back (moments restore), or move the folder away"


def check(folder: Path) -> None:
    """Raises Damaged where the keys or the records of a folder are gone or empty that held both."""
    there = {name: _holds(folder / name, table) for name, table in ((KEYS_FILE, "master"), (RECORDS_FILE, "epochs"))}
    if all(there.values()) or (not any(there.values()) and not (folder / MARK).exists()):
        return
    if not there[KEYS_FILE] and (there[RECORDS_FILE] or (folder / MARK).exists()):
        beside = "records are here that only its keys can open" if there[RECORDS_FILE] else "records were kept here"
        raise Damaged(GONE.format(path=folder / KEYS_FILE, beside=beside))
    if (folder / MARK).exists() or _has_keys(folder / KEYS_FILE):
        raise Damaged(GONE.format(path=folder / RECORDS_FILE, beside="the keys to its records are here"))


def mark(folder: Path) -> None:
    """Keeps in mind that this folder holds records and their keys; returns when the disk knows."""
    path = folder / MARK
    if path.exists():
        return
    private_file(path)
    path.write_text(compact({"holds": [KEYS_FILE, RECORDS_FILE], "since": iso(now())}) + "\n", encoding="utf-8")
    sync_folder(folder)


def mark_as_demo(folder: Path) -> None:
    """Keeps in mind, for good, that the people in this folder are invented."""
    mark(folder)
    path = folder / MARK
    facts = json.loads(path.read_text("utf-8"))
    if not facts.get("demo"):
        path.write_text(compact({**facts, "demo": True}) + "\n", encoding="utf-8")
        sync_folder(folder)


def is_demo(folder: Path) -> bool | None:
    """Whether the people in a folder are invented; None where it holds none yet."""
    try:
        facts = json.loads((folder / MARK).read_text("utf-8"))
    except (OSError, ValueError):
        return None if not (folder / RECORDS_FILE).exists() else False
    return isinstance(facts, dict) and facts.get("demo") is True


def _holds(path: Path, table: str) -> bool:
    """Whether this is a database with that table; True, too, where it cannot be told: that is said elsewhere."""
    if not path.exists() or path.stat().st_size == 0:
        return False
    try:
        with closing(connect_to_read(path)) as connection:
            names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    except sqlite3.DatabaseError:
        return True
    return (table,) in names or ("journal",) in names


def _has_keys(path: Path) -> bool:
    with closing(connect_to_read(path)) as connection:
        return connection.execute("SELECT 1 FROM keys LIMIT 1").fetchone() is not None
