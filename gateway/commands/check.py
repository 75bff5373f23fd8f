"""``moments check``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from gateway.commands import loose
from gateway.commands.ending import fail, settings
from gateway.operations import webhooks
from gateway.operations.broker import BrokerFailed, BrokerMissing, EmbeddedBroker
from gateway.operations.drivers import make_driver
from gateway.operations.remedies import Remedy, of_reason
from gateway.operations.toolbox import advice
from gateway.records import belonging
from gateway.settings.venue import ReaderConfig, VenueConfig, Webhook, mqtt_password, trust_of
from reader_drivers import ReaderLost
from reader_drivers.driver import Driver
from reader_drivers.mqtt_link import Broker

RIGHT = {
    "serial": "is the baud rate right?",
    "tcp": "is it the reader that it is said to be, and is this its port?",
    "mqtt": "is it the reader that it is said to be, and is its topic right?",
}
LOOK_EVERY = 0.05  # seconds
WITHOUT_SIGN_OF_LIFE = {"json", "owntracks", "impinj_iot", "zebra_iotc"}  # they may say nothing until somebody comes
SLOW = {"room_assistant": 60, "ble_gateway": 120, "theengs": 120}  # seconds in which one of them has spoken
TRY = "hold one to it, --seconds 30 gives it time"
MOVE = {"contact": "open its door", "motion": "walk past it"}


@dataclass(slots=True)
class Finding:
    """What was found out about one reader or the broker: whether it is well, why, and what to do about it."""

    name: str
    driver: str
    link: str
    well: bool
    words: str
    advice: list[Remedy] = field(default_factory=list)


def run(config: Path, data: Path, seconds: float) -> None:
    """Says what each reader and the broker answered, and whether the house is shut; ends with 1 if not all is well."""
    venue = settings(config)
    if venue.privacy.controller is None:
        click.echo(
            f"{config}: [privacy] has no controller: receipts, notices and the door sign cannot say who answers for the"
            ' data; expected controller = { name = "…", address = "…", contact = "…" }',
            err=True,
        )
    if not venue.backup.erasures and not belonging.is_demo(data):
        click.echo(
            f"{config}: [backup] names no folder of erasures: where this box is lost, the list of who was erased is"
            ' lost too, and a restore begins in quarantine; advised: erasures = ["/…"], a folder off this box',
            err=True,
        )
    click.echo(f"{config}: zones {len(venue.zones)}, readers {len(venue.readers)}, no mistakes")
    findings = [*_shut(venue, data), *asyncio.run(_look(venue, seconds))]
    for found in findings:
        mark = "ok  " if found.well else "FAIL"
        click.echo(f"{mark} {found.name} ({found.driver}, {found.link}): {found.words}")
        for each in found.advice:
            click.echo(f"     - {each}")
    if not all(found.well for found in findings):
        fail("not all is well")


def _shut(venue: VenueConfig, data: Path) -> list[Finding]:
    """Who could read along, from the network or on this machine."""
    link = venue.console.listen
    faults = [*loose.open_doors(venue), *loose.certificate_faults(venue, data)]
    doors = [Finding("console", "tls" if venue.console.speaks_tls else "http", link, False, each) for each in faults]
    files = [Finding("secrets", "files", str(data), False, each) for each in loose.loose_files(data)]
    known = [Finding("secrets", "environment", "this process", True, each) for each in loose.loose_secrets()]
    readers = [Finding("broker", "mqtt", "embedded", False, each) for each in loose.without_password(venue, data)]
    return [*doors, *files, *known, *readers]


async def _look(venue: VenueConfig, seconds: float) -> list[Finding]:
    async with open_broker(venue) as (broker, trouble):
        looks = [look_at(r, broker, trouble, seconds) for r in venue.readers]
        if broker is not None or trouble is not None:
            looks.insert(0, _look_at_broker(venue, broker, trouble, seconds))
        return list(await asyncio.gather(*looks, *map(_look_at_hook, venue.webhooks)))


async def _look_at_hook(hook: Webhook) -> Finding:
    """Whether somebody listens where a webhook leads; nothing is sent."""
    fault = await asyncio.to_thread(webhooks.check, hook.url)
    return Finding(hook.name, "webhook", hook.url, fault is None, fault or "somebody listens")


@asynccontextmanager
async def open_broker(venue: VenueConfig) -> AsyncIterator[tuple[Broker | None, str | None]]:
    """The venue's broker, or why there is none; an embedded one is started for the while."""
    async with AsyncExitStack() as stack:
        if not any(r.over == "mqtt" for r in venue.readers) and venue.home_assistant is None:
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
            broker = Broker(venue.mqtt.url, password=mqtt_password(), trust=trust_of(venue.mqtt))
        yield await stack.enter_async_context(broker), None


async def look_at(reader: ReaderConfig, broker: Broker | None, trouble: str | None, seconds: float) -> Finding:
    """Opens one reader and listens to it for some seconds."""
    driver = make_driver(reader, broker, trouble)
    opened, reads = False, 0

    def finding(well: bool, words: str) -> Finding:
        found = advice(reader.over, reader.link, None if well else words)
        return Finding(reader.id, reader.driver, reader.link, well, words, found)

    try:
        listening = aclosing(driver.listen())  # type: ignore[type-var]  # drivers are generators
        async with asyncio.timeout(seconds), listening as batches:
            async for batch in batches:
                opened = True
                reads += len(batch)
    except ReaderLost as lost:
        return finding(False, str(lost))
    except TimeoutError:
        pass
    if not opened:
        return finding(False, _unanswered(driver, seconds))
    if driver.status.quiet is not None:
        return finding(False, f"quiet: {driver.status.quiet}")
    if driver.over == "mqtt" and not driver.status.bytes_in:
        return finding(reader.driver in WITHOUT_SIGN_OF_LIFE, _nothing(reader, seconds))
    return finding(True, ", ".join(filter(None, [driver.status.firmware, _heard(reader, reads, seconds)])))


def _heard(reader: ReaderConfig, reads: int, seconds: float) -> str:
    """How much a reader that is well has heard, and what to try where that was nothing."""
    if reader.senses is not None:
        changes = f"{reads} change{'' if reads == 1 else 's'} of state in {seconds:g} s"
        return changes if reads else f"{changes}: {MOVE[reader.senses]}, --seconds 30 gives it time"
    return f"{reads / seconds:.1f} reads/s" if reads else f"open, and no tag heard in {seconds:g} s: {TRY}"


def _nothing(reader: ReaderConfig, seconds: float) -> str:
    """A broker lets us listen and then keeps every message from who may not read it: both are the same silence."""
    topics = reader.link if reader.link.endswith("#") or "+" in reader.link else f"{reader.link.rstrip('/')}/#"
    said = f"nothing at all came in {seconds:g} s"
    if reader.driver in WITHOUT_SIGN_OF_LIFE:
        return f"{said}: {TRY}; if nothing comes then either: may this user read {topics}?"
    patience = SLOW.get(reader.driver, 0)
    more = f"; --seconds {patience} gives it time" if seconds < patience else ""
    return f"{said}, not even a sign that one of its devices lives: may this user read {topics}?{more}"


def _unanswered(driver: Driver, seconds: float) -> str:
    status = driver.status
    if status.quiet is not None:
        return status.quiet
    said = f"opened, and no answer within {seconds:g} s"
    if status.bytes_in and not status.frames:
        return f"{said}; {status.bytes_in} bytes came, none a good frame: {RIGHT[driver.over]}"
    return said


async def _look_at_broker(venue: VenueConfig, broker: Broker | None, trouble: str | None, seconds: float) -> Finding:
    embedded = venue.mqtt is None or venue.mqtt.embedded
    link = "embedded" if venue.mqtt is None or embedded else venue.mqtt.url
    if broker is None:
        why = trouble or "there is none"
        return Finding("broker", "mqtt", link, False, why, of_reason("mqtt", link, why))
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while broker.state in ("new", "connecting"):  # noqa: ASYNC110 - it tells its listeners and nobody else
                await asyncio.sleep(LOOK_EVERY)
    if broker.state == "up":
        return Finding("broker", "mqtt", link, True, "up")
    why = broker.reason or f"no answer within {seconds:g} s"
    return Finding("broker", "mqtt", link, False, why, of_reason("mqtt", link, why))
