"""``moments preferences check``: no fact was lost or changed by an upgrade, and which are in doubt."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from gateway.commands.ending import fail
from gateway.records import doubts, house_documents
from gateway.records.errors import Damaged, DataFolderInUse, DiskFull, NewerSchema, WrongMasterKey
from gateway.records.store import reading
from gateway.records.venue_values import catalogue_of

REFUSED = (Damaged, DataFolderInUse, DiskFull, NewerSchema, WrongMasterKey, OSError)


def check(data: Path) -> None:
    """Prints facts before and after, and the doubts; ends with 1 where a fact is missing or says something else."""
    try:
        with closing(reading(data)) as reader, closing(reader.keyring):
            catalogue = catalogue_of(house_documents.get(reader, house_documents.CATALOGUE))
            found = doubts.check(reader, data, catalogue)
            unsettled = {fact.id for fact in doubts.unsettled(reader, catalogue)}
    except REFUSED as error:
        fail(str(error))
    click.echo(f"{found.before} facts before, {found.now} now")
    for fact in found.doubts:
        settled = "" if fact.id in unsettled else ", settled"
        click.echo(f"{fact.id}: recorded as a like, reads as {fact.polarity}{settled}")
    click.echo(f"{len(unsettled)} in doubt: a manager sees them at /api/doubts and settles each")
    if found.different:
        fail(f"{len(found.different)} facts are missing or say something else: {', '.join(found.different[:20])}")
