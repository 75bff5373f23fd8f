"""``moments places import``, ``expected import`` and ``menu import``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gateway.commands.alone import ACTOR, REFUSED, known, opened
from gateway.commands.ending import fail
from gateway.events import venue_time
from gateway.events.times import now
from gateway.operations.control import GatewayRefused, NotRunning, ask
from gateway.records.sheets import Unreadable


def import_file(kind: str, file: Path, data: Path, config: Path, *, partial: bool) -> None:
    """Imports a CSV, through the gateway where one runs; ends with 1 where nothing was, and names every bad row."""
    known(data)
    venue_time.use_that_of(data, config)
    try:
        answer = _import(kind, file.read_bytes(), data, config, partial=partial)
    except Unreadable as whole:
        fail(f"{file}, {whole}; nothing was imported")
    except GatewayRefused as refused:
        fail(f"{file}, {refused}" if refused.status == 422 else str(refused))
    except REFUSED as error:
        fail(str(error))
    problems = answer["problems"]
    for problem in problems:
        click.echo(f"{file}, line {problem['line']}: {problem['reason']}", err=True)
    if problems and not answer.get("rows"):
        fail(
            f"nothing was imported: {len(problems)} mistakes" + ("" if partial else "; --partial imports the good rows")
        )
    click.echo(f"{answer['rows']} rows, {answer['changed']} of them new or changed")
    if problems:
        click.echo(f"{len(problems)} mistakes, named above, were kept back", err=True)


def _import(kind: str, raw: bytes, data: Path, config: Path, *, partial: bool) -> dict[str, Any]:
    try:
        path = f"/api/{kind}/imports?partial={'true' if partial else 'false'}"
        return dict(ask(data, "POST", path, raw, kind="text/csv", within=None))
    except NotRunning:
        return _import_alone(kind, raw, data, config, partial=partial)
    except GatewayRefused as refused:
        if "problems" not in refused.problem:
            raise
        return refused.problem


def _import_alone(kind: str, raw: bytes, data: Path, config: Path, *, partial: bool) -> dict[str, Any]:
    """The same with a gateway that hears and tells nobody."""
    from gateway.core.actions import files
    from gateway.core.gateway import Gateway
    from gateway.core.state import plan_of
    from gateway.records.journal import Journal
    from gateway.settings.venue import load

    settings = load(config)
    with opened(data, settings.venue.id) as alone:
        journal = Journal(alone.store, origin=settings.venue.id)
        house = Gateway(settings, plan_of(settings), alone.store, journal, lambda _: None)
        house.restore(now())
        found = files.read(house, kind, raw)
        problems = [{"line": each.line, "reason": each.reason} for each in found.problems]
        if problems and not partial:
            return {"problems": problems}
        done = files.bring(house, kind, found.rows, ACTOR, now())
        alone.record(done.news)
        return {"rows": len(found.rows), "changed": done.answer, "problems": problems}
