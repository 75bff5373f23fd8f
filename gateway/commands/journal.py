"""``moments journal verify``."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import click

from gateway.commands.ending import fail
from gateway.records import journal
from gateway.records.errors import Damaged, NewerSchema, WrongMasterKey
from gateway.records.store import reading

HEAD = re.compile(r"[0-9a-f]{64}")


def verify(data: Path, head: str | None) -> None:
    """Says whether the chain holds and its head; ends with 1 where it is broken or does not hold ``head``."""
    known = (head or "").strip().lower()
    if head is not None and not HEAD.fullmatch(known):
        fail("--head: expected 64 hex digits, as the log has them: journal: event 42, head …", 2)
    try:
        with closing(reading(data)) as reader, closing(reader.keyring):
            found = journal.verify(reader, known)
    except (Damaged, NewerSchema, WrongMasterKey, OSError) as error:
        fail(str(error))
    if not found.ok:
        fail(f"broken at event {found.broken_at}: what stands there or before was changed or cut out")
    click.echo(f"{found.events} events hold, up to event {found.sequence}; head {found.head}")
    if head is not None and found.known_at is None:
        fail("that head is not in the chain: events after it were cut off, or it is older than the retention")
    if head is not None:
        click.echo(f"that head is event {found.known_at}")
