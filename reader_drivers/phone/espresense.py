"""ESPresense: one ESP32 in each room tells over MQTT which phones and beacons it hears, how strong and how far.

Source: ESPresense firmware 2.x to 4.1 (BleFingerprint.cpp, main.cpp) and captures of it. Under one prefix,
"espresense":

    devices/<id>/<room>            a sighting; the id may itself hold /
    devices/<id>/<room>/<report>   battery and the like: no sighting
    rooms/<room>                   a sighting, as firmware 2.x sent it
    rooms/<room>/telemetry         the node lives; every 15 s
    rooms/<room>/status            online or offline, retained; offline is the node's last will
    rooms/<room>/<setting>         not asked for: some are secrets

No message has a time: it is stamped on receipt, and a retained sighting is older than anyone can say.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from typing import Any, ClassVar, Literal

from pydantic import Field

from reader_drivers import driver
from reader_drivers.driver import Status
from reader_drivers.mqtt_link import LARGEST_PAYLOAD, LONGEST_TOPIC, Broker
from reader_drivers.phone.espresense_ids import Shared, identifier
from reader_drivers.phone.hardened_json import number, parse
from reader_drivers.sighting import Found, Ignored, Rejected, Sighting

PREFIX = "espresense"
RSSI = (-127.0, 20.0)  # dBm
DISTANCE = (0.0, 1000.0)  # metres
LONGEST_ROOM = 64  # characters
MOST_ROOMS = 500
DEAD_AFTER = 60.0  # seconds without telemetry, which comes every 15 s: four missed
LOOK_EVERY = 5.0  # seconds between looks at who has fallen silent


class Rooms:
    """Which rooms' nodes live: telemetry and live sightings say so, ``offline`` and silence say no."""

    def __init__(self, expected: Iterable[str], since: float) -> None:
        self._since = since
        self._heard: dict[str, float] = dict.fromkeys(expected, since)
        self._offline: set[str] = set()

    def alive(self, room: str, at: float) -> None:
        """Something came from this room's node at ``at``, seconds."""
        if room in self._heard or len(self._heard) < MOST_ROOMS:
            self._heard[room] = at
            self._offline.discard(room)

    def online(self, room: str, at: float | None) -> None:
        """The broker says that this room's node is online; ``at`` is None where nobody knows since when."""
        if at is not None or room not in self._heard or room in self._offline:
            self.alive(room, self._since if at is None else at)

    def gone(self, room: str) -> None:
        """The broker says that this room's node is offline."""
        if room in self._heard or len(self._heard) < MOST_ROOMS:
            self._heard.setdefault(room, self._since)
            self._offline.add(room)

    def quiet(self, now: float) -> str | None:
        """Which rooms are deaf at ``now``, for a person; None while every node that is known lives."""
        if not self._heard:
            return "no node has spoken yet" if now - self._since > DEAD_AFTER else None
        deaf = []
        for room, at in sorted(self._heard.items()):
            if room in self._offline:
                deaf.append(f"{room} is offline")
            elif now - at > DEAD_AFTER:
                deaf.append(f"nothing from {room} for {now - at:.0f} s")
        return "; ".join(deaf) or None


class EspresenseDecoder:
    """One message under the prefix in, what it means out; ``rooms`` learns from it who lives."""

    def __init__(self, reader: str, prefix: str, rooms: Rooms) -> None:
        self._reader = reader
        self._devices = f"{prefix}/devices/"
        self._rooms = f"{prefix}/rooms/"
        self.rooms = rooms

    def message(self, topic: str, payload: bytes, at: float, *, retained: bool = False) -> list[Found]:
        """What this message means, received at ``at``, seconds since 1970 UTC; one result."""
        if len(payload) > LARGEST_PAYLOAD:
            return [Rejected("payload: more than 64 kB")]
        if len(topic) > LONGEST_TOPIC:
            return [Rejected("topic: more than 1 kB")]
        try:
            return [self._meaning(topic, payload, at, retained)]
        except Shared as why:
            return [Ignored(str(why))]
        except ValueError as fault:
            return [Rejected(str(fault))]

    def _meaning(self, topic: str, payload: bytes, at: float, retained: bool) -> Found:
        if topic.startswith(self._devices):
            return self._device(topic[len(self._devices) :], payload, at, retained)
        if topic.startswith(self._rooms):
            room, slash, rest = topic[len(self._rooms) :].partition("/")
            if not slash:
                return self._sighting(_room(room), parse(payload), at, retained)
            if rest == "telemetry":
                return self._telemetry(_room(room), payload, at, retained)
            if rest == "status":
                return self._status(_room(room), payload, at, retained)
            return Ignored("a setting or a sensor of a node")
        return Ignored("not a topic of ESPresense's devices or rooms")

    def _device(self, path: str, payload: bytes, at: float, retained: bool) -> Found:
        value = parse(payload)
        given = value.get("id")
        if given is None and "rssi" not in value and "distance" not in value:
            return Ignored("a report about a device, such as its battery")
        if not isinstance(given, str):
            raise ValueError("id: missing" if given is None else "id: not text")
        if not path.startswith(given + "/") or not given:
            raise ValueError("id: the payload's and the topic's differ")
        room, slash, _ = path[len(given) + 1 :].partition("/")
        if slash:
            return Ignored("a report about a device, such as its battery")
        return self._sighting(_room(room), value, at, retained)

    def _sighting(self, room: str, value: dict[str, Any], at: float, retained: bool) -> Found:
        given = value.get("id")
        if not isinstance(given, str):
            raise ValueError("id: missing" if given is None else "id: not text")
        rssi = number(value, "rssi", *RSSI)
        distance = number(value, "distance", *DISTANCE)
        name = identifier(given)
        if retained:
            return Ignored("a retained sighting: nobody knows how old it is")
        self.rooms.alive(room, at)
        return Sighting(self._reader, room, name, rssi, distance, at)

    def _telemetry(self, room: str, payload: bytes, at: float, retained: bool) -> Found:
        parse(payload)
        if retained:
            return Ignored("retained telemetry: nobody knows how old it is")
        self.rooms.alive(room, at)
        return Ignored(f"telemetry of {room}")

    def _status(self, room: str, payload: bytes, at: float, retained: bool) -> Found:
        if payload == b"offline":
            self.rooms.gone(room)
        elif payload != b"online":
            raise ValueError("status: neither online nor offline")
        else:
            self.rooms.online(room, None if retained else at)
        return Ignored(f"{room} is {payload.decode()}")


def _room(name: str) -> str:
    if not name or len(name) > LONGEST_ROOM or not name.isprintable():
        raise ValueError(f"room: not 1 to {LONGEST_ROOM} printable characters")
    return name


class Espresense:
    """All ESPresense nodes under one topic prefix; each room is an antenna."""

    class Settings(driver.Settings):
        """``[readers.settings]`` of ESPresense."""

        rooms: tuple[str, ...] = Field(default=(), max_length=MOST_ROOMS)
        """Rooms whose node is missed even if it never speaks; others are watched from their first word."""

    over: ClassVar[Literal["serial", "mqtt", "tcp"]] = "mqtt"
    settings: ClassVar[type[driver.Settings]] = Settings

    def __init__(self, reader: str, link: str, settings: Espresense.Settings, broker: Broker) -> None:
        self.status = Status()
        self._reader = reader
        self._prefix = link.strip("/") or PREFIX
        self._settings = settings
        self._broker = broker

    @staticmethod
    def decoder(reader: str, settings: Espresense.Settings, prefix: str = PREFIX) -> EspresenseDecoder:
        """Messages under ``prefix`` in, sightings of ``reader`` out."""
        return EspresenseDecoder(reader, prefix, Rooms(settings.rooms, time.time()))

    async def listen(self) -> AsyncGenerator[list[Sighting], None]:
        """Yields what the nodes hear, in batches; an empty first batch says that the broker lets us listen."""
        decoder = self.decoder(self._reader, self._settings, self._prefix)
        filters = [f"{self._prefix}/{each}" for each in ("devices/#", "rooms/+", "rooms/+/telemetry", "rooms/+/status")]
        up = False
        async with aclosing(self._broker.listen(*filters, who=self._reader, every=LOOK_EVERY)) as batches:
            async for messages in batches:
                sightings = []
                for topic, payload, at, retained in messages:
                    self.status.bytes_in += len(payload)
                    sightings += self.status.tally(decoder.message(topic, payload, at, retained=retained), at)
                self.status.quiet = decoder.rooms.quiet(time.time())
                if sightings or not up:
                    up = True
                    yield sightings
