"""``moments record``."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing, suppress
from pathlib import Path

import click

from gateway.commands.check import open_broker
from gateway.commands.ending import fail, settings
from gateway.operations.control import GatewayRefused, NotRunning, ask
from gateway.operations.drivers import make_driver
from gateway.operations.recorder import Recorder
from gateway.settings.venue import ReaderConfig, VenueConfig
from reader_drivers import ReaderLost, Sighting
from reader_drivers.mqtt_link import Broker


def run(config: Path, data: Path, out: Path, seconds: float | None) -> None:
    """Records until Ctrl-C or for some seconds, through the gateway where one runs."""
    venue = settings(config)
    if not out.resolve().parent.is_dir():
        fail(f"--out: there is no folder {out.resolve().parent}", 2)
    try:
        reads = _through_gateway(data, out, seconds)
    except NotRunning:
        try:
            reads = _alone(venue, out, seconds)
        except OSError as error:
            fail(f"{out} cannot be written: {error.strerror or error}")
    except GatewayRefused as error:
        fail(str(error))
    click.echo(f"{out}: {reads} reads")


def _through_gateway(data: Path, out: Path, seconds: float | None) -> int:
    """Raises NotRunning before anything is recorded, GatewayRefused for whatever the gateway says no to."""
    ask(data, "POST", "/api/recordings", {"out": str(out.resolve())})
    with suppress(KeyboardInterrupt):
        click.echo("recording; Ctrl-C ends it", err=True)
        time.sleep(seconds if seconds is not None else float(10**9))
    try:
        return int(ask(data, "DELETE", "/api/recordings")["reads"])
    except NotRunning:
        raise GatewayRefused(f"the gateway stopped meanwhile; {out} ends there") from None


def _alone(venue: VenueConfig, out: Path, seconds: float | None) -> int:
    with Recorder(out, venue) as recorder:
        with suppress(KeyboardInterrupt):
            asyncio.run(listen_to_all(venue, recorder.hear, seconds))
        return recorder.reads


async def listen_to_all(venue: VenueConfig, hear: Callable[[Sighting], None], seconds: float | None) -> None:
    """Opens every reader of the venue and tells ``hear`` what they hear, for some seconds or until cancelled."""
    async with open_broker(venue) as (broker, trouble):
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), asyncio.TaskGroup() as group:
                for reader in venue.readers:
                    group.create_task(_hear(reader, broker, trouble, hear))
                await asyncio.Event().wait()


async def _hear(
    reader: ReaderConfig, broker: Broker | None, trouble: str | None, hear: Callable[[Sighting], None]
) -> None:
    while True:
        try:
            listening = aclosing(make_driver(reader, broker, trouble).listen())  # type: ignore[type-var]  # generators
            async with listening as batches:
                async for batch in batches:
                    for sighting in batch:
                        hear(sighting)
        except ReaderLost as lost:
            click.echo(f"{reader.id}: {lost}", err=True)
            await asyncio.sleep(5)
