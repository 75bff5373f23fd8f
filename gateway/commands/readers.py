"""``moments readers``."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from gateway.commands.check import look_at, open_broker
from gateway.commands.ending import fail, settings
from gateway.operations.control import GatewayRefused, NotRunning, ask
from gateway.operations.drivers import make_driver
from gateway.operations.keeper import Keeper
from gateway.settings.venue import VenueConfig
from reader_drivers.steady import steady

COLUMNS = ("READER", "DRIVER", "STATE", "READS/S", "RSSI", "LAST SIGHTING", "TAG", "REJECTED", "FIRMWARE", "REASON")
EVERY = 1.0  # seconds
RAW_LOOK = 1.0  # seconds of one look at raw frames


def run(config: Path, data: Path, *, watch: bool, raw: str | None = None) -> None:
    """Asks the gateway that runs; without one, opens the readers itself."""
    try:
        rows = ask(data, "GET", "/api/readers")
    except NotRunning as not_running:
        if not config.exists():
            fail(f"{not_running}, and there is no {config}", 2)
        click.echo(f"{not_running}: opening the readers of {config}", err=True)
        sys.exit(_alone(settings(config), watch=watch, raw=raw))
    try:
        if raw is not None:
            _raw(data, raw, watch=watch)
            return
        show(rows)
        advise(rows)
        while watch:
            time.sleep(EVERY)
            _redraw(ask(data, "GET", "/api/readers"))
    except KeyboardInterrupt:
        return
    except (NotRunning, GatewayRefused) as error:
        fail(str(error))


def show(rows: Iterable[dict[str, Any]]) -> None:
    """A table, one reader a line."""
    lines = [COLUMNS, *map(_line, rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(COLUMNS))]
    for line in lines:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def advise(rows: Iterable[dict[str, Any]]) -> None:
    """What to do about each reader, a line for each remedy."""
    for row in rows:
        for remedy in row.get("advice", ()):
            click.echo(f"{row['id']}: {remedy['text']}")


def _line(r: dict[str, Any]) -> tuple[str, ...]:
    faults = ", ".join(f"{count} {kind}" for kind, count in r["faults"].items())
    return (
        r["id"],
        r["driver"],
        r["state"],
        f"{r['reads_per_s']:.1f}",
        f"{r['rssi']:.0f}" if r["rssi"] is not None else "-",
        f"{r['last_sighting'][:19]}Z" if r["last_sighting"] else "-",
        r["last_tag"] or "-",
        faults or "-",
        r["firmware"] or "-",
        r["reason"] or "",
    )


def _redraw(given: Iterable[dict[str, Any]]) -> None:
    rows = list(given)
    if sys.stdout.isatty():
        click.clear()
    show(rows)
    advise(rows)


# --- raw frames -------------------------------------------------------------------------------------------------------


def _raw(data: Path, reader: str, *, watch: bool) -> None:
    heard = False
    while True:
        seconds = RAW_LOOK if watch else 3 * RAW_LOOK
        frames = ask(data, "GET", f"/api/readers/{quote(reader, safe='')}/raw?seconds={seconds}")
        heard = heard or bool(frames)
        show_raw(frames)
        if not watch:
            break
    if not heard:
        click.echo(f"{reader}: nothing came within {3 * RAW_LOOK:g} s", err=True)


def show_raw(frames: Iterable[dict[str, Any]]) -> None:
    """A line for each chunk or message, identifiers masked."""
    for each in frames:
        click.echo(f"{each['at'][11:23]}  {each['from']}  {each['shown']}")


# --- without a gateway ------------------------------------------------------------------------------------------------


def _alone(venue: VenueConfig, *, watch: bool, raw: str | None) -> int:
    if raw is not None and raw not in {r.id for r in venue.readers}:
        fail(f"there is no reader {raw!r}: {', '.join(r.id for r in venue.readers)}")
    try:
        return asyncio.run(_kept(venue, raw, watch=watch) if watch or raw else _once(venue))
    except KeyboardInterrupt:
        return 0


async def _once(venue: VenueConfig) -> int:
    async with open_broker(venue) as (broker, trouble):
        found = await asyncio.gather(*(look_at(r, broker, trouble, 3.0) for r in venue.readers))
    for f in found:
        click.echo(f"{f.name}  {f.driver}  {'up' if f.well else 'lost'}  {f.words}")
    return 0 if all(f.well for f in found) else 1


async def _kept(venue: VenueConfig, raw: str | None, *, watch: bool) -> int:
    async with open_broker(venue) as (broker, trouble), asyncio.TaskGroup() as group:
        readers = [r for r in venue.readers if raw in (None, r.id)]
        keepers = [
            Keeper(r, lambda r=r: make_driver(r, broker, trouble), lambda _: None, lambda *_: None, steady)  # type: ignore[misc]
            for r in readers
        ]
        keeping = [group.create_task(k.keep()) for k in keepers]
        while True:
            if raw is not None:
                show_raw(await keepers[0].raw.look(RAW_LOOK if watch else 3 * RAW_LOOK))
                if not watch:
                    break
                continue
            await asyncio.sleep(EVERY)
            for keeper in keepers:
                keeper.pulse(steady())
            _redraw(k.details() for k in keepers)
        for task in keeping:
            task.cancel()
    return 0
