"""``moments customers import`` and ``export``."""

from __future__ import annotations

import functools
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from gateway.commands.ending import fail
from gateway.operations.commands import batches, outcome
from gateway.operations.control import NotRunning, ask
from gateway.records import exchange
from gateway.records.errors import Damaged, DataFolderInUse, DiskFull, NewerSchema, WrongMasterKey
from gateway.records.store import Store, reading

REFUSED = (Damaged, DataFolderInUse, DiskFull, NewerSchema, WrongMasterKey, OSError, RuntimeError)


def import_file(file: Path, data: Path, *, partial: bool) -> None:
    """Imports a CSV, through the gateway where one runs; ends with 1 where nothing was, and names every bad row."""
    try:
        try:
            answer = ask(data, "import", file=str(file.resolve()), partial=partial)
        except NotRunning:
            answer = _import_alone(file, data, partial=partial)
    except REFUSED as error:
        fail(str(error))
    problems: list[dict[str, object]] = answer["problems"]
    for problem in problems:
        click.echo(f"{file}, line {problem['line']}: {problem['reason']}", err=True)
    for doubt in answer["doubts"]:
        click.echo(f"{file}, line {doubt['line']}: {doubt['reason']} (imported all the same)", err=True)
    if answer["customers"] == 0 and problems:
        fail(f"nothing was imported: {len(problems)} mistakes; --partial imports the good rows")
    click.echo(
        f"{answer['customers']} customers, {answer['credentials']} new credentials, {answer['consents']} new consents"
    )
    if problems:
        click.echo(f"{len(problems)} mistakes, named above, were kept back", err=True)


def _import_alone(file: Path, data: Path, *, partial: bool) -> dict[str, Any]:
    rows, problems = exchange.read_csv(file)
    if problems and not partial:
        return outcome(problems, [])
    now = time.time()
    store = Store.open(data, source="")
    try:
        done = [store.call(functools.partial(exchange.import_rows, rows=some, at=now)) for some in batches(rows)]
    finally:
        store.close()
    return outcome(problems, done)


def export_file(data: Path, out: Path | None) -> None:
    """Writes all customers; a file is made readable for its owner alone."""
    try:
        with closing(reading(data)) as reader, closing(reader.keyring):
            if out is None:
                sys.stdout.reconfigure(newline="")  # type: ignore[union-attr]
                count = exchange.export(reader, sys.stdout)
            else:
                out.touch(mode=0o600)
                with out.open("w", encoding="utf-8", newline="") as file:
                    count = exchange.export(reader, file)
    except REFUSED as error:
        fail(str(error))
    click.echo(f"{count} customers; the file holds personal data and identifiers in clear", err=True)
