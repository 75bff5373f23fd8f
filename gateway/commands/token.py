"""``moments token``."""

from __future__ import annotations

import time
from pathlib import Path

import click

from gateway.commands.ending import fail
from gateway.console.sessions import new_token
from gateway.records import staff as records
from gateway.records.errors import Damaged, DataFolderInUse, DiskFull, NewerSchema, WrongMasterKey
from gateway.records.store import Tx, write_beside


def run(role: str, staff: str | None, data: Path) -> None:
    """Makes a token, keeps its hash, prints it once."""
    token = new_token()

    def change(tx: Tx) -> None:
        if staff is not None and records.get_staff(tx.db, staff) is None:
            raise LookupError(f"there is no member of staff {staff!r}")
        records.add_token(tx, token, role, staff, time.time())

    try:
        write_beside(data, change)
    except (LookupError, Damaged, DataFolderInUse, DiskFull, NewerSchema, WrongMasterKey, PermissionError) as error:
        fail(str(error))
    click.echo(token)
