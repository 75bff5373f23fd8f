"""``moments token``, ``token list`` and ``token revoke``."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

import click

from gateway.commands.ending import fail
from gateway.console.sessions import new_token
from gateway.events.times import iso
from gateway.operations.control import NotRunning, ask
from gateway.records import staff as records
from gateway.records.errors import Damaged, DataFolderInUse, DiskFull, NewerSchema, WrongMasterKey
from gateway.records.store import Tx, reading, write_beside

REFUSED = (LookupError, Damaged, DataFolderInUse, DiskFull, NewerSchema, WrongMasterKey, OSError, RuntimeError)


def run(role: str, staff: str | None, data: Path) -> None:
    """Makes a token, keeps its hash, prints it once."""
    token = new_token()

    def change(tx: Tx) -> None:
        if staff is not None and records.get_staff(tx.db, staff) is None:
            raise LookupError(f"there is no member of staff {staff!r}")
        records.add_token(tx, token, role, staff, time.time())

    try:
        write_beside(data, change)
    except REFUSED as error:
        fail(str(error))
    click.echo(token)


def listed(data: Path) -> None:
    """Prints the tokens that are good, one a line; never the token itself, which nobody keeps."""
    try:
        with closing(reading(data)) as reader, closing(reader.keyring):
            tokens = records.list_tokens(reader)
    except REFUSED as error:
        fail(str(error))
    for token in tokens:
        click.echo(f"{token.id}  {token.role:<11}  {token.staff or '-':<16}  {iso(token.created_at)}")
    if not tokens:
        click.echo("no token is good", err=True)


def revoke(token: str, data: Path) -> None:
    """Ends a token, through the gateway where one runs; ends with 1 where there is no such good token."""

    def change(tx: Tx) -> None:
        if records.revoke_token(tx, token, time.time()) is None:
            raise LookupError(f"there is no good token {token!r}; moments token list names them")

    try:
        try:
            ask(data, "revoke-token", id=token)
        except NotRunning:
            write_beside(data, change)
    except REFUSED as error:
        fail(str(error))
    click.echo("revoked")
