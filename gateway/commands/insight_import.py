"""``moments insight import``."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import click

from gateway.commands.alone import ACTOR, REFUSED, known, opened
from gateway.commands.ending import fail, settings
from gateway.events import venue_time
from gateway.events.times import now
from gateway.operations.control import GatewayRefused, NotRunning, ask
from gateway.records import insight_sheets
from gateway.records.column_maps import BadMap
from gateway.records.exchange import Problem
from gateway.records.sheets import Unreadable


def run(
    kind: str, file: Path, source: str, data: Path, config: Path, *, columns: Path | None, partial: bool, dry_run: bool
) -> None:
    """Takes in a file, through the gateway where one runs; ends with 1 where nothing was, and names every bad row."""
    known(data)
    venue_time.use_that_of(data, config)
    try:
        raw, lines, kept_back = _read(kind, file, columns)
        answer: dict[str, Any] = {"rows": 0, "changed": 0, "problems": []}
        if partial or not kept_back:
            answer |= _import(kind, raw, source, data, config, partial=partial, dry_run=dry_run)
    except Unreadable as whole:
        fail(f"{file}, {whole}; nothing was imported")
    except GatewayRefused as refused:
        fail(f"{file}, {refused}" if refused.status == 422 else str(refused))
    except REFUSED as error:
        fail(str(error))
    problems: list[dict[str, Any]] = [{"line": each.line, "reason": each.reason} for each in kept_back]
    problems += [{**each, "line": lines[each["line"]]} if lines else each for each in answer["problems"]]
    for problem in sorted(problems, key=lambda each: int(each["line"])):
        click.echo(f"{file}, line {problem['line']}: {problem['reason']}", err=True)
    if problems and not partial:
        fail(f"nothing was imported: {len(problems)} mistakes; --partial imports the good rows")
    would = "would be " if dry_run else ""
    click.echo(f"{answer['rows']} rows, {answer['changed']} of them {would}new; the others were known already")
    if problems:
        click.echo(f"{len(problems)} mistakes, named above, were kept back", err=True)


def _read(kind: str, file: Path, columns: Path | None) -> tuple[bytes, list[int], list[Problem]]:
    """The file in our columns, the lines it had where it had others, and what could not be read of it."""
    raw = file.read_bytes()
    if columns is None:
        return raw, [], []
    try:
        sheet = insight_sheets.read(raw, kind, insight_sheets.Map.of_file(columns))
    except BadMap as bad:
        fail(str(bad), 2)
    out = io.StringIO(newline="")
    names = [name for some in insight_sheets.KINDS[kind] for name in some]
    writer = csv.writer(out)
    writer.writerow(names)
    writer.writerows([cells[name] for name in names] for _, cells in sheet.rows)
    return out.getvalue().encode(), [0, 1, *(line for line, _ in sheet.rows)], sheet.problems


def _import(
    kind: str, raw: bytes, source: str, data: Path, config: Path, *, partial: bool, dry_run: bool
) -> dict[str, Any]:
    flags = "&".join(f"{name}={str(on).lower()}" for name, on in (("partial", partial), ("dry_run", dry_run)))
    try:
        path = f"/api/insight/imports?kind={kind}&source={source}&{flags}"
        return dict(ask(data, "POST", path, raw, kind="text/csv", within=None))
    except NotRunning:
        return _import_alone(kind, raw, source, data, config, partial=partial, dry_run=dry_run)
    except GatewayRefused as refused:
        if "problems" not in refused.problem:
            raise
        return {"problems": refused.problem["problems"]}


def _import_alone(
    kind: str, raw: bytes, source: str, data: Path, config: Path, *, partial: bool, dry_run: bool
) -> dict[str, Any]:
    """The same with a gateway that hears and tells nobody."""
    from gateway.core.action import Actor
    from gateway.core.actions import insight_files as files
    from gateway.core.gateway import Gateway
    from gateway.core.state import plan_of
    from gateway.records.journal import Journal

    ours = settings(config)
    with opened(data, ours.venue.id) as alone:
        house = Gateway(ours, plan_of(ours), alone.store, Journal(alone.store, origin=ours.venue.id), lambda _: None)
        house.restore(now())
        sheet = insight_sheets.read(raw, kind)
        tried = files.tried(house, kind, sheet, source, Actor(ACTOR, lead=True), now())
        problems = [{"line": each.line, "reason": each.reason} for each in tried.problems]
        if problems and not partial:
            return {"problems": problems}
        if not dry_run and tried.news:
            alone.record(tried.news)
        return {"rows": len(sheet.rows), "changed": tried.changed, "problems": problems}
