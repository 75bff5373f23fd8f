"""``moments backup`` and ``restore``."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import click

from gateway.commands.alone import REFUSED as NOT_RECORDED
from gateway.commands.alone import opened
from gateway.commands.ending import fail
from gateway.events.event import News
from gateway.operations.control import NotRunning, ask
from gateway.records import backup, journal, schema
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Damaged, DataFolderInUse, DiskFull, NewerSchema, WrongMasterKey
from gateway.records.seal import MASTER_FILE, Keyring
from gateway.records.sqlite_file import connect_to_read

REFUSED = (Damaged, DataFolderInUse, DiskFull, NewerSchema, WrongMasterKey, backup.NotEmpty, OSError)


def back_up(folder: Path, data: Path, keep: int) -> None:
    """Copies the records, beside a gateway that runs too, and has the journal tell of it."""
    try:
        copy = backup.backup(data, folder, keep)
    except REFUSED as error:
        fail(str(error))
    click.echo(str(copy))
    if (folder / MASTER_FILE).exists():
        click.echo(f"{folder} holds the master key too: who has this folder can read it all. Keep it as safe", err=True)
    try:
        _tell(data, copy)
    except NOT_RECORDED as error:
        click.echo(f"the copy is good, but the journal does not tell of it: {error}", err=True)


def _tell(data: Path, copy: Path) -> None:
    with closing(connect_to_read(copy)) as connection, closing(Keyring(data, read_only=True)) as keyring:
        copied = SealedDatabase(connection, keyring)
        if schema.pending(schema.RECORDS, copied):
            raise RuntimeError("an older program wrote these records, and a copy of them changes nothing")
        end = journal.head(copied)
    facts: dict[str, Any] = {"name": copy.name, "epoch": end.epoch, "position": end.position, "head": end.hash}
    try:
        ask(data, "POST", "/api/backups", facts)
    except NotRunning:
        with opened(data) as alone:
            alone.record([News("records.backed_up", copy.name, facts)])


def bring_back(source: Path, data: Path, *, force: bool) -> None:
    """Brings a copy back."""
    try:
        copy = backup.restore(source, data, force=force)
    except REFUSED as error:
        fail(str(error))
    click.echo(f"{data} holds what {copy} held")
