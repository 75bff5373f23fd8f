"""``moments customers import`` and ``export``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from gateway.commands.alone import REFUSED, known, opened
from gateway.commands.ending import fail
from gateway.commands.private import private_copy
from gateway.events import venue_time
from gateway.events.event import HOUSE, News
from gateway.events.times import now
from gateway.operations.control import GatewayRefused, NotRunning, ask
from gateway.records import aliases, belonging, exchange, staff
from gateway.records.connection import SealedDatabase
from gateway.records.doubtful import Doubts
from gateway.records.exchange import Problem
from gateway.records.import_plan import Imported, batches, drawn, finished, plan
from gateway.records.sheets import Unreadable
from gateway.records.store import reading
from gateway.settings.mistakes import BadConfig
from gateway.settings.venue import VenueConfig, load

TWO_PEOPLE = "a file of all customers takes two people"
AT_ONCE = 2_000  # rows in one transaction where nobody else waits for the writer
CACHE = 65_536  # KiB; keyed hashes lie anywhere in their index, and with SQLite's own 2 MiB each touches the disk


# --- import ----------------------------------------------------------------------------------------------------------


def import_file(
    file: Path, data: Path, config: Path, *, partial: bool, dry_run: bool = False, columns: Path | None = None
) -> None:
    """Imports a CSV, through the gateway where one runs; ends with 1 where nothing was, and names every bad row.

    A last day is the venue's, by ``config`` where that is there. With ``dry_run`` it only says what would change.
    ``columns`` names those of another program's export.
    """
    known(data)
    venue_time.use_that_of(data, config)
    try:
        raw, lines, kept_back = _read(file, columns)
        answer = (
            _import(raw, data, config, partial=partial, dry_run=dry_run)
            if partial or not kept_back
            else {"problems": []}
        )
    except Unreadable as whole:
        fail(f"{file}, {whole}\nnothing was imported: no row of such a file can be trusted")
    except GatewayRefused as refused:
        fail(f"{file}, {refused}" if refused.status == 422 else str(refused))
    except REFUSED as error:
        fail(str(error))

    def place(told: dict[str, Any]) -> str:
        line = int(told["line"])
        return f"{file}, line {lines[line] if lines and line < len(lines) else line}"

    problems: list[dict[str, Any]] = answer["problems"]
    for each in kept_back:
        click.echo(f"{file}, line {each.line}: {each.reason}", err=True)
    for problem in problems:
        click.echo(f"{place(problem)}: {problem['reason']}", err=True)
    for doubt in answer.get("doubts", []):
        click.echo(f"{place(doubt)}: {doubt['reason']} ({'to be ' if dry_run else ''}imported all the same)", err=True)
    count = len(problems) + len(kept_back)
    if count and not answer.get("customers"):
        fail(f"nothing was imported: {count} mistakes" + ("" if partial else "; --partial imports the good rows"))
    for change in answer["changes"]:
        click.echo(f"{place(change)}: {change['reason']}")
    _say_counts(answer, count, tried=dry_run)


def _say_counts(answer: dict[str, Any], kept_back: int, *, tried: bool) -> None:
    click.echo(
        f"{answer['customers']} customers, {answer['credentials']} new credentials, {answer['consents']} new consents"
        + (": that is what an import would bring; nothing was recorded" if tried else "")
    )
    if not any(answer[each] for each in ("new", "changed", "credentials", "consents")):
        click.echo("all of it was known already: nothing changed", err=True)
    if kept_back:
        click.echo(f"{kept_back} mistakes, named above, were kept back", err=True)


def _read(file: Path, columns: Path | None) -> tuple[bytes, list[int], list[Problem]]:
    """The file in our columns, the lines it had where it had others, and what could not be read of it."""
    raw = file.read_bytes()
    if columns is None:
        return raw, [], []
    from gateway.commands.other_columns import read_map, translated
    from gateway.records.column_maps import BadMap

    try:
        done = translated(raw, read_map(columns))
    except BadMap as bad:
        fail(str(bad), 2)
    return done.raw, done.lines, done.problems


def _import(raw: bytes, data: Path, config: Path, *, partial: bool, dry_run: bool) -> dict[str, Any]:
    try:
        path = f"/api/imports?partial={'true' if partial else 'false'}&dry_run={'true' if dry_run else 'false'}"
        return dict(ask(data, "POST", path, raw, kind="text/csv", within=None))
    except NotRunning:
        return _import_alone(raw, data, config, partial=partial, dry_run=dry_run)
    except GatewayRefused as refused:
        if "problems" not in refused.problem:
            raise
        return refused.problem


def _import_alone(raw: bytes, data: Path, config: Path, *, partial: bool, dry_run: bool) -> dict[str, Any]:
    rows, problems = exchange.read_csv(raw)
    done = Imported(problems=problems)
    if problems and not partial:
        return done.shape()
    document, doubts, ids = exchange.document_of(raw), Doubts(), drawn(rows)
    if dry_run:
        with _as_it_is(data) as reader:
            for some in batches(rows, AT_ONCE):
                done.add(plan(reader, some, now(), doubts, document=document, tried=True, drawn=ids)[1])
        return done.shape()
    with opened(data) as alone, closing(alone.store.open_reader()) as reader:
        alone.store.call(lambda tx: tx.db.conn.execute(f"PRAGMA cache_size = -{CACHE}"))
        if (settings := _settings(config)) is not None:
            alone.answers_by(settings)
        for some in batches(rows, AT_ONCE):
            keeping = settings is not None
            news, part = plan(reader, some, now(), doubts, document=document, receipts=keeping, drawn=ids)
            alone.record(news)
            done.add(part)
        alone.record([finished(done, document)])
    return done.shape()


def _settings(config: Path) -> VenueConfig | None:
    """The house's settings, by which receipts name who answers for the data; None where there are none to be read."""
    try:
        return load(config)
    except (BadConfig, OSError):
        return None


@contextmanager
def _as_it_is(data: Path) -> Iterator[SealedDatabase]:
    """The records without the right to change them; where there are none yet, none."""
    try:
        reader = reading(data)
    except FileNotFoundError:
        with TemporaryDirectory() as nowhere, opened(Path(nowhere)) as alone:
            yield alone.store.reader
        return
    with closing(reader.keyring), closing(reader):
        yield reader


# --- export ----------------------------------------------------------------------------------------------------------


def export_file(data: Path, config: Path, out: Path | None) -> None:
    """Writes all customers; a file is made readable for its owner alone. What leaves is recorded before it does."""
    known(data)
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
        if belonging.is_demo(data) is not True and any("manager" in one.roles for one in staff.list_staff(reader)):
            fail(f"{TWO_PEOPLE}: start the gateway first, which asks them")
        alone.record([News("customers.exported", HOUSE, {"customers": exchange.count(reader)})])
        return _write(reader, out)


def _write(reader: SealedDatabase, out: Path | None) -> int:
    if out is None:
        sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
        return exchange.export(reader, sys.stdout)
    with private_copy(out) as file:
        return exchange.export(reader, file)


# --- ids -------------------------------------------------------------------------------------------------------------


def foreign_ids(data: Path) -> None:
    """Prints the ids of customers that others gave, a line each: an erasure leaves those in the journal."""
    known(data)
    try:
        with closing(reading(data)) as reader, closing(reader.keyring):
            found = list(aliases.foreign(reader))
    except FileNotFoundError:
        fail(f"{data}: there are no records here")
    except REFUSED as error:
        fail(str(error))
    for id_ in found:
        click.echo(id_)
    click.echo(f"{len(found)} ids that are not ours", err=True)
