"""Copies of a hub's data folder, made while it serves, and how one is brought back: as a new life of the same hub."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway.club.ledger_sqlite import FILE as BOOKS
from gateway.events import times
from gateway.hub import sqlite
from gateway.hub.database import Database, Tx
from gateway.hub.own_keys import FILE as KEYS
from gateway.records.copying import copied, part_of
from gateway.records.sqlite_file import connect_to_read, private_folder, sync_folder

PREFIX, FACTS = "hub-", "copy.json"


class NoCopy(Exception):
    """There is no such copy, or it is not whole; the text says which."""


def back_up(data: Path, into: Path, now_ms: int, *, keys_only: bool) -> Path:
    """A new folder in ``into`` with what a hub needs to live again; raises NoCopy, Damaged or DiskFull.

    The keys are copied last: a copy may lack the key of somebody who was erased meanwhile, and never the other way.
    """
    there = [name for name in ([] if keys_only else [sqlite.FILE, BOOKS]) + [KEYS] if (data / name).is_file()]
    if KEYS not in there:
        raise NoCopy(f"{data}: here is no hub; expected {KEYS}")
    private_folder(into)
    to = into / f"{PREFIX}{datetime.fromtimestamp(now_ms / 1000, UTC):%Y%m%dT%H%M%S.%fZ}"
    private_folder(to)
    for name in there:
        copied(data / name, to / name)
    facts = {"made": times.iso(now_ms / 1000), "files": there}
    with part_of(to / FACTS) as part:
        part.write_text(json.dumps(facts) + "\n", "utf-8")
    sync_folder(to)
    sync_folder(into)
    return to


def newest(folder: Path) -> Path:
    """The copy that a folder is, or the newest whole one in it; raises NoCopy."""
    found = [folder] if (folder / FACTS).is_file() else sorted(folder.glob(f"{PREFIX}*/{FACTS}"))
    if not found:
        raise NoCopy(f"{folder}: here is no copy of a hub that is whole; expected {FACTS}")
    return found[-1] if found[-1] == folder else found[-1].parent


def put_back(copy: Path, data: Path) -> dict[str, Any]:
    """Puts the files of a copy into a data folder that holds none of them; raises NoCopy, or Damaged. Its facts."""
    facts: dict[str, Any] = json.loads((copy / FACTS).read_text("utf-8"))
    private_folder(data)
    for name in facts["files"]:
        if (data / name).exists():
            raise NoCopy(f"{data / name} is there already; a copy comes back into a folder without it")
    for name in facts["files"]:
        if name not in (KEYS, sqlite.FILE, BOOKS) or not (copy / name).is_file():
            raise NoCopy(f"{copy}: {name} is missing")
        copied(copy / name, data / name)
    sync_folder(data)
    return facts


async def begin_anew(database: Database) -> str:
    """Gives a store that was put back a new life: venues take snapshots and send again what it lost. The life.

    Sessions of boxes and of head office, and invitations of before count no more.
    """
    life = times.new_id()

    async def change(tx: Tx) -> None:
        await tx.run("UPDATE house SET value = ? WHERE name = 'life'", life)
        for table in ("sessions", "office_sessions", "invitations"):
            await tx.run(f"DELETE FROM {table}")  # noqa: S608 - names of ours
        await tx.run("UPDATE boxes SET heard = 0")

    await database.transact(change)
    return life


def holds_a_store(copy: Path) -> bool:
    """Whether a copy is of an embedded store, and not of keys alone."""
    if not (copy / sqlite.FILE).is_file():
        return False
    with closing(connect_to_read(copy / sqlite.FILE)) as file:
        return bool(file.execute("SELECT count(*) FROM house").fetchone()[0])
