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

import re
from typing import Any, ClassVar

from pydantic import Field

from reader_drivers import driver
from reader_drivers.hardened_json import number, parse
from reader_drivers.messages import DISTANCE, RSSI, Messages, MqttReader, room_name
from reader_drivers.phone.espresense_ids import identifier
from reader_drivers.rooms import DEAD_AFTER, MOST_ROOMS, Rooms
from reader_drivers.sighting import Found, Ignored, Sighting
from reader_drivers.steady import steady

PREFIX = "espresense"
SIGHTING = {"mac", "rssi", "distance", "raw"}  # of these a sighting has some, and a report none
VERSION = re.compile(r"[\w.+-]{1,32}", re.ASCII).fullmatch


class EspresenseDecoder(Messages):
    """One message under the prefix in, what it means out; ``rooms`` learns from it who lives."""

    def __init__(self, reader: str, prefix: str, rooms: Rooms) -> None:
        self._reader = reader
        self._devices = f"{prefix}/devices/"
        self._rooms = f"{prefix}/rooms/"
        self.rooms = rooms
        self._room_names: dict[str, str] = {}  # as topics write them: rooms are few, and looked at once

    def quiet(self, now: float) -> str | None:
        """Which rooms are deaf at ``now``, seconds since 1970 UTC."""
        return self.rooms.quiet(now)

    def _meanings(self, topic: str, payload: bytes, at: float, retained: bool) -> list[Found]:
        return [self._meaning(topic, payload, at, retained)]

    def _meaning(self, topic: str, payload: bytes, at: float, retained: bool) -> Found:
        if topic.startswith(self._devices):
            return self._device(topic[len(self._devices) :], payload, at, retained)
        if topic.startswith(self._rooms):
            room, slash, rest = topic[len(self._rooms) :].partition("/")
            if not slash:
                return self._sighting(room_name(room), parse(payload), at, retained)
            if rest == "telemetry":
                return self._telemetry(room_name(room), payload, at, retained)
            if rest == "status":
                return self._status(room_name(room), payload, at, retained)
            return Ignored("a setting or a sensor of a node")
        return Ignored("not a topic of ESPresense's devices or rooms")

    def _device(self, path: str, payload: bytes, at: float, retained: bool) -> Found:
        value = parse(payload)
        given = value.get("id")
        if given is None and path.count("/") > 1 and value and SIGHTING.isdisjoint(value):
            return Ignored("a report about a device, such as its battery")
        if not isinstance(given, str):
            raise ValueError("id: missing" if given is None else "id: not text")
        if not path.startswith(given + "/") or not given:
            raise ValueError("id: the payload's and the topic's differ")
        room = path[len(given) + 1 :]
        if "/" in room:
            return Ignored("a report about a device, such as its battery")
        return self._sighting(self._room_names.get(room) or self._named(room), value, at, retained)

    def _named(self, room: str) -> str:
        name = room_name(room)
        if len(self._room_names) < MOST_ROOMS:
            self._room_names[room] = name
        return name

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
        version = parse(payload).get("ver")
        if retained:
            return Ignored("retained telemetry: nobody knows how old it is")
        self.rooms.alive(room, at)
        if isinstance(version, str) and VERSION(version):
            self.firmware = f"ESPresense {version}"
        return Ignored(f"telemetry of {room}")

    def _status(self, room: str, payload: bytes, at: float, retained: bool) -> Found:
        word = payload.strip()  # a line end is what people send who try it by hand
        if word == b"offline":
            self.rooms.gone(room)
        elif word != b"online":
            raise ValueError("status: neither online nor offline")
        else:
            self.rooms.online(room, None if retained else at)
        return Ignored(f"{room} is {word.decode()}")


class Espresense(MqttReader):
    """All ESPresense nodes under one topic prefix; each room is an antenna."""

    class Settings(driver.Settings):
        """``[readers.settings]`` of ESPresense."""

        rooms: tuple[str, ...] = Field(default=(), max_length=MOST_ROOMS)
        """Rooms whose node is missed even if it never speaks; others are watched from their first word."""

    settings: ClassVar[type[driver.Settings]] = Settings

    @staticmethod
    def decoder(reader: str, settings: Espresense.Settings, prefix: str = PREFIX) -> EspresenseDecoder:
        """Messages under ``prefix`` in, sightings of ``reader`` out."""
        return EspresenseDecoder(reader, prefix, Rooms(settings.rooms, steady(), DEAD_AFTER))

    @property
    def _prefix(self) -> str:
        return self._link.strip("/") or PREFIX

    def _filters(self) -> list[str]:
        return [f"{self._prefix}/{each}" for each in ("devices/#", "rooms/+", "rooms/+/telemetry", "rooms/+/status")]

    def _decoder(self) -> EspresenseDecoder:
        return self.decoder(self._reader, self._settings, self._prefix)
