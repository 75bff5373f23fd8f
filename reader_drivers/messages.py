"""What the MQTT drivers have in common: limits before anything else, one result for each row, one way to listen."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing
from datetime import tzinfo
from typing import Any, ClassVar, Literal

from reader_drivers.driver import Status
from reader_drivers.hardened_json import as_object, fitting
from reader_drivers.mqtt_link import LARGEST_PAYLOAD, LONGEST_TOPIC, TOO_LARGE, Broker
from reader_drivers.reader_clock import Clocks
from reader_drivers.sighting import Found, Ignored, Rejected, Sighting
from reader_drivers.steady import steady

RSSI = (-127.0, 20.0)  # dBm
DISTANCE = (0.0, 1000.0)  # metres
ANTENNA = (0, 255)
LONGEST_ROOM = 64  # characters
GOODBYES = {b"offline", b"disconnected", b"connection lost", b"offline,dead"}
GREETINGS = {b"online", b"connected", b"online,ready", b"online,busy"}
BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # before UTF-8, as what was once a file on Windows begins
LOOK = 15  # sightings between two looks at the clock, less one: a power of two less one
TURN = 0.002  # seconds of decoding, then others have theirs: a large batch takes ten
LOOK_EVERY = 5.0  # seconds between looks at who has fallen silent


class NoSighting(Exception):
    """A valid message, or a row of one, that is no sighting: the text says what it is, and repeats no identifier."""


class Messages(ABC):
    """One MQTT message in, what it means out; each driver says what in ``_meanings``."""

    firmware: str | None = None
    """Model and firmware, once a message has told them."""

    def message(self, topic: str, payload: bytes, at: float, *, retained: bool = False) -> list[Found]:
        """What this message means, received at ``at``, seconds since 1970 UTC; at least one result."""
        return list(self.read(topic, payload, at, retained=retained))

    def read(self, topic: str, payload: bytes, at: float, *, retained: bool = False) -> Iterable[Found]:
        """As ``message``, row by row: whoever reads a large batch may stop to do something else."""
        try:
            if len(payload) > LARGEST_PAYLOAD:
                raise ValueError(TOO_LARGE)
            if len(topic) > LONGEST_TOPIC:
                raise ValueError("topic: more than 1 kB")
            if not payload:  # a broker tells so, also to who listened before, that what it kept is deleted
                raise NoSighting("an empty message: what was retained on this topic is deleted")
            found = self._meanings(topic, payload.removeprefix(BYTE_ORDER_MARK), at, retained)
        except NoSighting as why:
            return [Ignored(str(why))]
        except ValueError as fault:
            return [Rejected(str(fault))]
        return found if found and isinstance(found, list) else _rows(found)

    def quiet(self, now: float) -> str | None:
        """Why the reader is deaf at ``now``, seconds since 1970 UTC, for a person; None while all is well."""
        return None

    @abstractmethod
    def _meanings(self, topic: str, payload: bytes, at: float, retained: bool) -> Iterable[Found]:
        """The findings of one message within limits; ValueError rejects it, NoSighting says that it is none."""


def _rows(found: Iterable[Found]) -> Iterator[Found]:
    """These, one after the other; what is wrong with the whole of them may be found on the way."""
    row: Found | None = None
    try:
        for row in found:
            yield row
    except NoSighting as why:
        yield Ignored(str(why))
    except ValueError as fault:
        yield Rejected(str(fault))
    else:
        if row is None:
            yield Ignored("an empty batch")


def each(rows: Iterable[Any], meanings: Callable[[dict[str, Any]], Iterable[Found]]) -> Iterator[Found]:
    """What every row means; a bad row is rejected alone, and the others keep their places."""
    for row in rows:
        if isinstance(row, Rejected):
            yield row
            continue
        try:
            yield from meanings(as_object(row, "row"))
        except NoSighting as why:
            yield Ignored(str(why))
        except ValueError as fault:
            yield Rejected(str(fault))


def connection(payload: bytes) -> bool | None:
    """What a will or a greeting in plain text says of its device's connection; None: it is neither."""
    word = payload[:32].strip().lower()
    return True if word in GREETINGS else False if word in GOODBYES else None


def room_name(name: str) -> str:
    """``name`` as it is kept, where it can be the name of a room or a gateway; else ValueError."""
    return fitting("room", name, LONGEST_ROOM)


def below(link: str) -> list[str]:
    """The filters of a topic that the operator chose freely: the topic itself and all below it; wildcards stay."""
    return [link if link.endswith("#") or "+" in link.split("/") else link.rstrip("/") + "/#"]


class MqttReader(ABC):
    """A reader that is heard through a broker; each driver says which topics, and how to decode them."""

    over: ClassVar[Literal["serial", "mqtt", "tcp"]] = "mqtt"

    def __init__(self, reader: str, link: str, settings: Any, broker: Broker) -> None:
        self.status = Status()
        self._reader = reader
        self._link = link
        self._settings = settings
        self._broker = broker
        self._clocks = Clocks()  # outlives a lost broker: what comes after it is often old

    def in_zone(self, zone: tzinfo) -> None:
        """From now on a device's time that names no zone is of this one: Tasmota and others send the time of day."""
        self._clocks.zone = zone

    @abstractmethod
    def _filters(self) -> Sequence[str]:
        """The topics to listen to."""

    @abstractmethod
    def _decoder(self) -> Messages:
        """A decoder for one life of the link."""

    async def listen(self) -> AsyncGenerator[list[Sighting], None]:
        """Yields what is heard, in batches; an empty first batch says that the broker lets us listen."""
        decoder = self._decoder()
        up = False
        async with aclosing(self._broker.listen(*self._filters(), who=self._reader, every=LOOK_EVERY)) as batches:
            async for messages in batches:
                sightings: list[Sighting] = []
                began = time.perf_counter()
                for topic, payload, at, retained in messages:
                    self.status.bytes_in += len(payload)
                    found = decoder.read(topic, payload, at, retained=retained)
                    if type(found) is list and len(found) == 1 and type(found[0]) is Sighting:  # as nearly all are
                        self.status.heard(at)
                        sightings.append(found[0])
                        if len(sightings) & LOOK == 0 and time.perf_counter() - began > TURN:
                            up = True
                            yield sightings
                            await asyncio.sleep(0)
                            sightings, began = [], time.perf_counter()
                        continue
                    for rows in [found] if isinstance(found, list) else ([row] for row in found):
                        sightings += self.status.tally(rows, at)
                        if time.perf_counter() - began > TURN:
                            if sightings:
                                up = True
                                yield sightings
                            await asyncio.sleep(0)
                            sightings, began = [], time.perf_counter()
                self.status.quiet = decoder.quiet(steady())
                self.status.firmware = decoder.firmware or self.status.firmware
                if sightings or not up:
                    up = True
                    yield sightings
