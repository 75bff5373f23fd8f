"""``moments customers import`` and ``export``."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from gateway.commands.alone import REFUSED, opened
from gateway.commands.ending import fail
from gateway.events import venue_time
from gateway.events.event import HOUSE, News
from gateway.events.times import now
from gateway.operations.control import GatewayRefused, NotRunning, ask
from gateway.records import exchange
from gateway.records.connection import SealedDatabase
from gateway.records.doubtful import Doubts
from gateway.records.import_plan import Imported, batches, finished, plan
from gateway.records.store import reading

AT_ONCE = 2_000  # rows in one transaction where nobody else waits for the writer
CACHE = 65_536  # KiB; keyed hashes lie anywhere in their index, and with SQLite's own 2 MiB each touches the disk


# --- import ----------------------------------------------------------------------------------------------------------


def import_file(file: Path, data: Path, config: Path, *, partial: bool) -> None:
    """Imports a CSV, through the gateway where one runs; ends with 1 where nothing was, and names every bad row.

    A last day is the venue's, by ``config`` where that is there.
    """
    venue_time.use_that_of(data, config)
    try:
        answer = _import(file.read_bytes(), data, partial=partial)
    except REFUSED as error:
        fail(str(error))
    problems: list[dict[str, Any]] = answer["problems"]
    for problem in problems:
        click.echo(f"{file}, line {problem['line']}: {problem['reason']}", err=True)
    for doubt in answer.get("doubts", []):
        click.echo(f"{file}, line {doubt['line']}: {doubt['reason']} (imported all the same)", err=True)
    if problems and not answer.get("customers"):
        fail(f"nothing was imported: {len(problems)} mistakes; --partial imports the good rows")
    click.echo(
        f"{answer['customers']} customers, {answer['credentials']} new credentials, {answer['consents']} new consents"
    )
    if not any(answer[each] for each in ("new", "changed", "credentials", "consents")):
        click.echo("all of it was known already: nothing changed", err=True)
    if problems:
        click.echo(f"{len(problems)} mistakes, named above, were kept back", err=True)


def _import(raw: bytes, data: Path, *, partial: bool) -> dict[str, Any]:
    try:
        path = f"/api/imports?partial={'true' if partial else 'false'}"
        return dict(ask(data, "POST", path, raw, kind="text/csv", within=None))
    except NotRunning:
        return _import_alone(raw, data, partial=partial)
    except GatewayRefused as refused:
        if "problems" not in refused.problem:
            raise
        return refused.problem


def _import_alone(raw: bytes, data: Path, *, partial: bool) -> dict[str, Any]:
    rows, problems = exchange.read_csv(raw)
    done = Imported(problems=problems)
    if problems and not partial:
        return done.shape()
    document, doubts = exchange.document_of(raw), Doubts()
    with opened(data) as alone, closing(alone.store.open_reader()) as reader:
        alone.store.call(lambda tx: tx.db.conn.execute(f"PRAGMA cache_size = -{CACHE}"))
        for some in batches(rows, AT_ONCE):
            news, part = plan(reader, some, now(), doubts, document=document)
            alone.record(news)
            done.add(part)
        alone.record([finished(done, document)])
    return done.shape()


# --- export ----------------------------------------------------------------------------------------------------------


def export_file(data: Path, config: Path, out: Path | None) -> None:
    """Writes all customers; a file is made readable for its owner alone. What leaves is recorded before it does."""
    venue_time.use_that_of(data, config)
    try:
        written = _export(data, out)
    except REFUSED as error:
        fail(str(error))
    click.echo(f"{written} customers; the file holds personal data and identifiers in clear", err=True)


def _export(data: Path, out: Path | None) -> int:
    try:
        with closing(reading(data)) as reader, closing(reader.keyring):
            reader.conn.execute("BEGIN")  # what is counted is what is written
            ask(data, "POST", "/api/exports", {"customers": exchange.count(reader)})
            return _write(reader, out)
    except NotRunning:
        pass
    with opened(data) as alone, closing(alone.store.open_reader()) as reader:
        alone.record([News("customers.exported", HOUSE, {"customers": exchange.count(reader)})])
        return _write(reader, out)


def _write(reader: SealedDatabase, out: Path | None) -> int:
    if out is None:
        sys.stdout.reconfigure(newline="")  # type: ignore[union-attr]
        return exchange.export(reader, sys.stdout)
    out.touch(mode=0o600)
    with out.open("w", encoding="utf-8", newline="") as file:
        return exchange.export(reader, file)
