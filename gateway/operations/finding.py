"""Readers that no settings know of: each serial port is first listened to, then asked, one protocol at a time.

Politely: a port that another program has open is left alone, and so is a line that says by itself what none of our
decoders understands; whoever speaks there may speak to somebody. Sources: the identify commands of each driver.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from gateway.operations.linux_ports import Linux
from reader_drivers import DRIVERS, Driver, ReaderLost
from reader_drivers.mqtt_link import Broker
from reader_drivers.serial_link import SerialLink
from reader_drivers.sighting import Rejected
from reader_drivers.steady import steady

LISTENS = 1.5  # seconds at each rate; an EM4100 module is silent until a fob is held to it
ANSWERS = 2.0  # seconds that a reader may take to say who it is
MESSAGES = 8.0  # seconds of a broker: an ESPresense node speaks every 15 s and is heard between, others more often
GOOD = 2  # frames with good checks that are no chance
# Each protocol at the rates that its readers leave the factory with; the first are asked first.
ASKED: tuple[tuple[str, int], ...] = (
    ("m100", 115200), ("thingmagic", 115200), ("pn532", 115200), ("uhf_prime", 115200), ("uhfreader18", 57600),
    ("uhfreader18", 115200), ("m100", 9600),
)  # fmt: skip
NEEDS: dict[str, dict[str, Any]] = {"uhfreader18": {"dialect": "18"}}  # which all of them answer when they are asked
HEARD: tuple[tuple[str, int], ...] = (("em4100", 9600), ("m100", 115200), ("uhf_prime", 115200))
SPEAK_18 = ("RU5102", "UHFReader18")  # of the models of uhfreader18; the others speak 288
TOPICS = {"espresense": "espresense", "theengs": "home", "room_assistant": "room-assistant", "owntracks": "owntracks"}


@dataclass(frozen=True, slots=True)
class FoundReader:
    """Something on ``link`` that speaks as ``driver`` does, with these settings beside its defaults."""

    link: str
    driver: str
    words: str
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A link on which nothing of ours was found, or that was not touched; ``reason`` says why, for a person."""

    link: str
    reason: str


async def on_ports(
    ports: Iterable[str], known: Collection[str], *, linux: Linux | None = None, asks: bool = True
) -> AsyncIterator[FoundReader | LeftAlone]:
    """What there is on each of these ports, one after the other; ``known`` are the links of configured readers.

    Without ``asks`` nothing is written to any of them.
    """
    linux = linux or Linux()
    configured = {linux.device(each) for each in known if each.startswith("/")} - {None}
    for port in ports:
        device = linux.device(port)
        if device is None:
            yield LeftAlone(port, "there is no such port")
        elif device in configured:
            yield LeftAlone(port, "a reader of venue.toml")
        elif holders := linux.holders(device):
            yield LeftAlone(port, f"in use by {' and '.join(map(str, holders))}: not touched")
        else:
            yield await _on(port, asks=asks)


async def _on(port: str, *, asks: bool) -> FoundReader | LeftAlone:
    try:
        for driver, baud in HEARD:
            found, strange = await _heard(port, driver, baud)
            if found is not None:
                return found
        if strange:
            return LeftAlone(port, f"something speaks here by itself that no driver understands ({strange} bytes)")
    except ReaderLost as lost:
        return LeftAlone(port, str(lost))
    if not asks:
        return LeftAlone(port, "silent: hold a tag to it, or let it be asked")
    for driver, baud in ASKED:
        if (answer := await _answers(port, driver, baud)) is not None:
            return FoundReader(port, driver, answer, _beside(driver, baud, answer))
    return LeftAlone(port, "nothing answers: is it switched on? A reader of fobs says nothing until one is held to it")


async def _heard(port: str, name: str, baud: int) -> tuple[FoundReader | None, int]:
    """What a line says by itself, read as this driver reads it; and how many bytes made no sense."""
    made: Any = DRIVERS[name]
    decoder = made.decoder("found", made.settings())
    good = bad = count = 0
    until = steady() + LISTENS
    async with SerialLink(port, baud) as line:
        while good < GOOD and (left := until - steady()) > 0:
            chunk = await line.read(left)
            count += len(chunk)
            for each in [*decoder.feed(chunk, steady()), *decoder.idle(steady())]:
                good, bad = (good, bad + 1) if isinstance(each, Rejected) else (good + 1, bad)
    if good >= GOOD and good > bad:
        return FoundReader(port, name, "it speaks by itself", _beside(name, baud)), 0
    return None, count


async def _answers(port: str, name: str, baud: int) -> str | None:
    """What the reader calls itself where it answers this protocol; None where nothing does."""
    made: Any = DRIVERS[name]
    driver: Driver = made("found", port, made.settings(baud=baud, **NEEDS.get(name, {})))
    listening = aclosing(driver.listen())  # type: ignore[type-var]  # drivers are generators
    try:
        async with asyncio.timeout(ANSWERS), listening as batches:
            async for _ in batches:
                if driver.status.frames:
                    return driver.status.firmware or "it answers"
    except (ReaderLost, TimeoutError):
        pass
    return None


async def on_broker(broker: Broker, known: Sequence[tuple[str, str]], seconds: float = MESSAGES) -> list[FoundReader]:
    """What publishes on the usual topics of the drivers; ``known``: driver and link of those that are configured."""
    there = [(name, topic) for name, topic in TOPICS.items() if (name, topic) not in known]
    found = await asyncio.gather(*(_publishes(broker, name, topic, seconds) for name, topic in there))
    return [each for each in found if each is not None]


async def _publishes(broker: Broker, name: str, topic: str, seconds: float) -> FoundReader | None:
    made: Any = DRIVERS[name]
    driver: Driver = made("found", topic, made.settings(), broker)
    listening = aclosing(driver.listen())  # type: ignore[type-var]
    try:
        async with asyncio.timeout(seconds), listening as batches:
            async for _ in batches:
                if driver.status.sightings or driver.status.firmware:
                    break
    except (ReaderLost, TimeoutError):
        pass
    if not driver.status.sightings and driver.status.firmware is None:
        return None
    return FoundReader(topic, name, driver.status.firmware or "it publishes sightings")


def _beside(name: str, baud: int, answer: str = "") -> dict[str, Any]:
    """What the settings have to say: the rate where it is another than usual, and the dialect that a model speaks."""
    made: Any = DRIVERS[name]
    beside: dict[str, Any] = {} if made.settings.model_fields["baud"].default == baud else {"baud": baud}
    if name == "uhfreader18":
        beside["dialect"] = "18" if any(model in answer for model in SPEAK_18) else "288"
    return beside
