"""``moments backup`` and ``restore``."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.commands.alone import REFUSED as NOT_RECORDED
from gateway.commands.alone import opened
from gateway.commands.ending import fail
from gateway.commands.recovery import REFUSED as NO_KEY
from gateway.commands.recovery import asking
from gateway.events.event import News
from gateway.operations.control import NotRunning, ask
from gateway.records import backup, quarantine
from gateway.records.seal import MASTER_FILE

REFUSED = (*NO_KEY, backup.NotEmpty)


def back_up(folder: Path, data: Path, keep: int) -> None:
    """Copies the records, beside a gateway that runs too, and has the journal tell of it."""
    try:
        made = backup.backup(data, folder, keep)
    except REFUSED as error:
        fail(str(error))
    click.echo(str(made.path))
    if made.wrong is not None:
        click.echo(f"{made.path.name}: {made.wrong}; the newest copy whose journal holds is kept beside it", err=True)
    if made.was_open:
        click.echo(
            f"{folder / MASTER_FILE} lay open there, as older programs left it: it is sealed to the recovery key now"
            " and overwritten. Do the same wherever that folder was copied to",
            err=True,
        )
    try:
        _tell(data, made.path)
    except NOT_RECORDED as error:
        click.echo(f"the copy is good, but the journal does not tell of it: {error}", err=True)


def _tell(data: Path, copy: Path) -> None:
    facts = backup.facts_of(copy, data)
    try:
        ask(data, "POST", "/api/backups", facts)
    except NotRunning:
        with opened(data) as alone:
            alone.record([News("records.backed_up", copy.name, facts)])


def check(folder: Path, data: Path, *, every: bool) -> None:
    """Brings the newest copy of a folder back on trial, or ``every`` one, and says of each whether it is good."""
    copies = backup.copies_in(folder)
    if not copies:
        fail(f"{folder} holds no copies of records")
    bad = 0
    for copy in copies if every else copies[-1:]:
        try:
            wrong = backup.verify(copy, data)
        except REFUSED as error:
            wrong = str(error)
        bad += wrong is not None
        click.echo(f"{copy.name}: {wrong or 'good, it was brought back on trial'}", err=wrong is not None)
    if bad:
        fail(f"{bad} of {len(copies) if every else 1} cannot be relied on: make another (moments backup {folder})")


def bring_back(
    source: Path,
    data: Path,
    *,
    force: bool,
    broken: bool,
    erasures: tuple[Path, ...],
    receipts: tuple[Path, ...],
    recovery_file: Path | None,
    keep_tokens: bool,
) -> None:
    """Brings a copy back, says which newer ones could not be, what ended, and whether the house is in quarantine."""
    try:
        brought = backup.restore(
            source, data, force=force, broken=broken, erasures=erasures, receipts=receipts,
            ask=asking(recovery_file), keep_tokens=keep_tokens,
        )  # fmt: skip
    except REFUSED as error:
        fail(str(error))
    for copy, why in brought.passed:
        click.echo(f"passed over {copy.name}: {why}", err=True)
    if brought.passed:
        click.echo(f"what was recorded after {brought.path.name} was made is missing", err=True)
    if brought.wrong is not None:
        click.echo(f"taken as it is: {brought.wrong}", err=True)
    if brought.was_open:
        click.echo(
            f"the master key lay open beside the copy, as older programs left it: make a recovery key (moments recovery"
            f" new) and overwrite {MASTER_FILE} wherever that folder lies",
            err=True,
        )
    if brought.ended:
        click.echo(f"sign-ins and tokens of before the restore are over: {brought.ended}", err=True)
    if brought.quarantined is not None and (found := quarantine.reason(data)) is not None:
        click.echo(quarantine.in_words(found), err=True)
    click.echo(f"{data} holds what {brought.path} held")
