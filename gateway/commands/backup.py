"""``moments backup`` and ``restore``."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.commands.ending import fail
from gateway.records import backup
from gateway.records.errors import Damaged, DataFolderInUse, DiskFull, NewerSchema, WrongMasterKey
from gateway.records.seal import MASTER_FILE

REFUSED = (Damaged, DataFolderInUse, DiskFull, NewerSchema, WrongMasterKey, backup.NotEmpty, OSError)


def back_up(folder: Path, data: Path, keep: int) -> None:
    """Copies the records, beside a gateway that runs too."""
    try:
        copy = backup.backup(data, folder, keep)
    except REFUSED as error:
        fail(str(error))
    click.echo(str(copy))
    if (folder / MASTER_FILE).exists():
        click.echo(f"{folder} holds the master key too: who has this folder can read it all. Keep it as safe", err=True)


def bring_back(source: Path, data: Path, *, force: bool) -> None:
    """Brings a copy back."""
    try:
        copy = backup.restore(source, data, force=force)
    except REFUSED as error:
        fail(str(error))
    click.echo(f"{data} holds what {copy} held")
