"""``moments staff``: who works here."""

from __future__ import annotations

import secrets
import time
from pathlib import Path

import click

from gateway.commands.ending import fail
from gateway.console.pins import hash_now
from gateway.operations.control import NotRunning, ask
from gateway.records import staff as records
from gateway.records.errors import Damaged, DataFolderInUse, DiskFull, NewerSchema, WrongMasterKey
from gateway.records.staff import Staff
from gateway.records.store import Store

REFUSED = (Damaged, DataFolderInUse, DiskFull, NewerSchema, WrongMasterKey, OSError, RuntimeError)
PIN_DIGITS = 6


def add(
    data: Path,
    staff: str,
    name: str | None,
    roles: list[str],
    zones: list[str],
    languages: list[str],
    pin: str | None,
) -> None:
    """Makes or changes a member of staff, through the gateway where one runs, and prints the PIN once."""
    chosen = pin or f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}d}"
    if not (chosen.isascii() and chosen.isdigit() and 4 <= len(chosen) <= 12):
        fail("--pin: expected 4 to 12 digits", 2)
    member = Staff(staff, name or staff, roles, zones, languages, hash_now(chosen))
    try:
        try:
            facts = {"name": member.name, "roles": roles, "zones": zones, "languages": languages}
            ask(data, "staff", id=staff, pin_hash=member.pin_hash, **facts)
        except NotRunning:
            store = Store.open(data, source="")
            try:
                store.call(lambda tx: records.put_staff(tx, member, time.time()))
            finally:
                store.close()
    except REFUSED as error:
        fail(str(error))
    click.echo(f"{member.name}: PIN {chosen}")
