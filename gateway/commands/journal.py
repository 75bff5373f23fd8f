"""``moments journal verify`` and ``rebuild``."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import click

from gateway.commands.ending import fail
from gateway.records import rebuild as rebuilding
from gateway.records.errors import Damaged, DataFolderInUse, DiskFull, NewerSchema, WrongMasterKey
from gateway.records.store import Store, reading
from gateway.records.verify import verify as walk

REFUSED = (Damaged, DataFolderInUse, DiskFull, NewerSchema, WrongMasterKey, rebuilding.Incomplete, OSError)
HEAD = re.compile(r"[0-9a-f]{64}")


def verify(data: Path, head: str | None) -> None:
    """Says whether the chain holds and its head; ends with 1 where it is broken or does not hold ``head``."""
    known = (head or "").strip().lower()
    if head is not None and not HEAD.fullmatch(known):
        fail("--head: expected 64 hex digits, as the log has them: journal: event 42, head …", 2)
    try:
        with closing(reading(data)) as reader, closing(reader.keyring):
            found = walk(reader, known)
    except (Damaged, NewerSchema, WrongMasterKey, OSError) as error:
        fail(str(error))
    if found.wrong is not None:
        fail(found.wrong)
    if not found.ok:
        fail(f"broken at event {found.broken_at}: what stands there or before was changed or cut out")
    where = f"event {found.sequence}, position {found.position} of epoch {found.epoch}"
    click.echo(f"{found.events} events hold, up to {where}; head {found.head}")
    if head is not None and found.known_at is None:
        fail("that head is not in the chain: events after it were cut off, or it is older than the retention")
    if head is not None:
        click.echo(f"that head is event {found.known_at}")


def rebuild(data: Path, *, check: bool) -> None:
    """Makes the tables anew from the journal; with ``check`` says where those there differ, and ends with 1 then."""
    try:
        if check:
            _compare(data)
        else:
            _replace(data)
    except REFUSED as error:
        fail(str(error))


def _compare(data: Path) -> None:
    with closing(reading(data)) as reader, closing(reader.keyring):
        found = rebuilding.check(reader, data)
    for one in found.differences:
        click.echo(f"{one.table} {one.id}: {one.what}")
    over = f"{found.events} events over a snapshot of {found.rows} rows"
    if found.differences:
        fail(f"{len(found.differences)} rows are not what the journal says: {over}")
    click.echo(f"the tables are what the journal says: {over}")


def _replace(data: Path) -> None:
    if not data.exists():
        raise FileNotFoundError(f"{data}: there is no such folder")
    with closing(Store.open(data, source="")) as store:
        rows, events = rebuilding.replace(store)
    click.echo(f"{data}: the tables were made anew, from {events} events over a snapshot of {rows} rows")
