"""``moments check``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from gateway.commands.ending import fail, settings
from gateway.config import ReaderConfig, VenueConfig, mqtt_password
from gateway.operations.broker import BrokerFailed, BrokerMissing, EmbeddedBroker
from gateway.operations.drivers import make_driver
from reader_drivers import ReaderLost
from reader_drivers.mqtt_link import Broker


@dataclass(slots=True)
class Finding:
    """What was found out about one reader."""

    reader: ReaderConfig
    well: bool
    words: str


def run(config: Path, seconds: float) -> None:
    """Says what each reader answered; ends with 1 where one did not."""
    venue = settings(config)
    click.echo(f"{config}: {len(venue.zones)} zones, {len(venue.readers)} readers, no mistakes")
    findings = asyncio.run(_look(venue, seconds))
    for found in findings:
        mark = "ok  " if found.well else "FAIL"
        click.echo(f"{mark} {found.reader.id} ({found.reader.driver}, {found.reader.link}): {found.words}")
    if not all(found.well for found in findings):
        fail("not all is well")


async def _look(venue: VenueConfig, seconds: float) -> list[Finding]:
    async with open_broker(venue) as (broker, trouble):
        return list(await asyncio.gather(*(look_at(r, broker, trouble, seconds) for r in venue.readers)))


@asynccontextmanager
async def open_broker(venue: VenueConfig) -> AsyncIterator[tuple[Broker | None, str | None]]:
    """The venue's broker, or why there is none; an embedded one is started for the while."""
    async with AsyncExitStack() as stack:
        if not any(r.over == "mqtt" for r in venue.readers):
            yield None, None
            return
        if venue.mqtt is None or venue.mqtt.embedded:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="moments-check-")))
            try:
                embedded = await stack.enter_async_context(EmbeddedBroker(folder, []))
            except (BrokerMissing, BrokerFailed) as error:
                yield None, str(error)
                return
            broker = Broker(embedded.url, username=embedded.username, password=embedded.password)
        else:
            broker = Broker(venue.mqtt.url, password=mqtt_password())
        yield await stack.enter_async_context(broker), None


async def look_at(reader: ReaderConfig, broker: Broker | None, trouble: str | None, seconds: float) -> Finding:
    """Opens one reader and listens to it for some seconds."""
    driver = make_driver(reader, broker, trouble)
    opened, reads = False, 0
    try:
        listening = aclosing(driver.listen())  # type: ignore[type-var]  # drivers are generators
        async with asyncio.timeout(seconds), listening as batches:
            async for batch in batches:
                opened = True
                reads += len(batch)
    except ReaderLost as lost:
        return Finding(reader, False, str(lost))
    except TimeoutError:
        pass
    status = driver.status
    if not opened:
        heard = f"; {status.bytes_in} bytes came, none a good frame: is the baud rate right?" if status.bytes_in else ""
        return Finding(reader, False, f"opened, and no answer within {seconds:g} s{heard}")
    if status.quiet is not None:
        return Finding(reader, False, f"quiet: {status.quiet}")
    return Finding(reader, True, ", ".join(filter(None, [status.firmware, f"{reads / seconds:.1f} reads/s"])))
