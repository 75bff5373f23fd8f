"""``moments readers``."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

import click

from gateway.commands.check import look_at, open_broker
from gateway.commands.ending import fail, settings
from gateway.operations.control import NotRunning, ask

COLUMNS = ("READER", "DRIVER", "STATE", "READS/S", "LAST SIGHTING", "FIRMWARE", "REASON")


def run(config: Path, data: Path, *, watch: bool) -> None:
    """Asks the gateway that runs; without one, opens the readers itself."""
    try:
        rows = ask(data, "readers")["readers"]
    except NotRunning as not_running:
        if not config.exists():
            fail(f"{not_running}, and there is no {config}", 2)
        click.echo(f"{not_running}: opening the readers of {config}", err=True)
        sys.exit(asyncio.run(_alone(config)))
    show(rows)
    while watch:
        try:
            time.sleep(1)
            rows = ask(data, "readers")["readers"]
        except KeyboardInterrupt:
            return
        except NotRunning as gone:
            fail(str(gone))
        if sys.stdout.isatty():
            click.clear()
        show(rows)


def show(rows: list[dict[str, Any]]) -> None:
    """A table, one reader a line."""
    lines = [COLUMNS] + [
        (
            r["id"],
            r["driver"],
            r["state"],
            f"{r['reads_per_s']:.1f}",
            (r["last_sighting"] or "-")[:19],
            r["firmware"] or "-",
            r["reason"] or "",
        )
        for r in rows
    ]
    widths = [max(len(str(line[i])) for line in lines) for i in range(len(COLUMNS))]
    for line in lines:
        click.echo("  ".join(str(cell).ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


async def _alone(config: Path) -> int:
    venue = settings(config)
    async with open_broker(venue) as (broker, trouble):
        found = await asyncio.gather(*(look_at(r, broker, trouble, 3.0) for r in venue.readers))
    for f in found:
        click.echo(f"{f.reader.id}  {f.reader.driver}  {'up' if f.well else 'lost'}  {f.words}")
    return 0 if all(f.well for f in found) else 1
