"""room-assistant: instances in rooms that agree among themselves where a Bluetooth device is.

Source: room-assistant 2.20 (MQTT and Home Assistant integrations, Bluetooth Low Energy and Classic), and captures of
version 0.x. Under a prefix, "room-assistant":

    entity/<instance>/<type>/<entity>   what the instances know of a device; every instance sends it
    mqtt-room/<room>                    {"id", "name", "distance": m}
    status/<instance>                   online every 30 s; offline is the last will
    <room>                              version 0.x: {"id", "uuid", "major", "minor", "rssi": dBm, "distance": m}

    {"entity": {"id": "ble-" + address or uuid-major-minor, "distances": {room: {"distance": m, "lastUpdatedAt": ISO,
        "outOfRange": bool}}, "measuredValues": {room: {"rssi": dBm}}}, "hasAuthority": bool}

Only an instance with authority counts. A room that no longer hears a device keeps its last distance for ever, and each
message repeats what every room last said: ``lastUpdatedAt`` tells what is new. What ``bluetooth-classic-`` entities
call a distance is a signal strength without a unit.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from pydantic import Field

from reader_drivers import driver
from reader_drivers.hardened_json import as_object, number, parse, whole, words
from reader_drivers.messages import DISTANCE, RSSI, Messages, MqttReader, NoSighting, each, room_name
from reader_drivers.phone.advertisement import person
from reader_drivers.reader_clock import Clocks
from reader_drivers.rooms import MOST_ROOMS, Rooms
from reader_drivers.sighting import Found, Ignored, Sighting
from reader_drivers.spelling import address, alias, ibeacon, spelled
from reader_drivers.steady import steady

PREFIX = "room-assistant"
LOW_ENERGY, CLASSIC = "ble-", "bluetooth-classic-"
REMEMBERED = 20_000  # what so many rooms last said of a device

ADDRESS = re.compile(r"[0-9a-f]{2}([:-]?)(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}", re.IGNORECASE | re.ASCII).fullmatch
SLUG_OF_ADDRESS = re.compile(r"(?:[0-9a-f]-?){12}(?![0-9a-f])", re.ASCII).match  # also 4-d for 4d
UUID_MAJOR_MINOR = re.compile(r"[0-9a-f]{32}-\d{1,5}-\d{1,5}|[0-9a-f-]{36}-\d{1,5}-\d{1,5}", re.IGNORECASE | re.ASCII)


class RoomAssistantDecoder(Messages):
    """One message of any instance in, what it means out; ``rooms`` learns from it which instances live."""

    def __init__(self, reader: str, rooms: Rooms, clocks: Clocks) -> None:
        self._reader = reader
        self._clocks = clocks
        self._told: OrderedDict[tuple[str, str], object] = OrderedDict()
        self._without_status = False
        self.rooms = rooms

    def quiet(self, now: float) -> str | None:
        """Which instances are deaf at ``now``, seconds since 1970 UTC."""
        return None if self._without_status else self.rooms.quiet(now)

    def _meanings(self, topic: str, payload: bytes, at: float, retained: bool) -> Iterable[Found]:
        match topic.split("/"):
            case [*_, "status", instance]:
                return [self._status(room_name(instance), payload, at, retained)]
            case [*above, room] if "entity" not in above:
                return [self._single(room_name(room), parse(payload), at, retained)]
            case levels:
                place = levels.index("entity")
                if not retained:
                    self.rooms.alive(room_name(levels[place + 1]), at)
                return self._entity(parse(payload), at, retained)

    def _entity(self, value: dict[str, Any], at: float, retained: bool) -> Iterable[Found]:
        entity = as_object(value.get("entity"), "entity")
        authority = value.get("hasAuthority", True)
        if not isinstance(authority, bool):
            raise ValueError("hasAuthority: neither true nor false")
        if not authority:
            raise NoSighting("an instance without authority over this device")
        if "distances" not in entity:
            raise NoSighting("an entity without distances")
        distances = as_object(entity["distances"], "distances")
        measured = as_object(entity.get("measuredValues", {}), "measuredValues")
        given = words(entity, "id")
        if given is None:
            raise ValueError("id: missing")
        name = _entity_identifier(given)
        rows = [{"room": room, "row": row, "measured": measured.get(room, {})} for room, row in distances.items()]
        return each(rows, lambda row: self._room(row, given, name, at, retained))

    def _room(self, row: dict[str, Any], given: str, name: str, at: float, retained: bool) -> Iterator[Found]:
        room = room_name(row["room"])
        value, measured = as_object(row["row"], "distances"), as_object(row["measured"], "measuredValues")
        distance = None if given.startswith(CLASSIC) else number(value, "distance", *DISTANCE)
        rssi = number(measured, "rssi", *RSSI)
        updated = value.get("lastUpdatedAt")
        if updated is not None and self._told.get((given, room)) == updated:
            raise NoSighting("what a room has said before")
        heard = self._clocks.at(room, updated, at, retained=retained)
        if heard is None:
            raise NoSighting("a retained sighting without a time: nobody knows how old it is")
        if value.get("outOfRange") is True:
            raise NoSighting("out of a room's range")
        self._told[given, room] = updated
        self._told.move_to_end((given, room))
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
        yield Sighting(self._reader, room, name, rssi, distance, heard)

    def _single(self, room: str, value: dict[str, Any], at: float, retained: bool) -> Found:
        given = words(value, "id")
        rssi = number(value, "rssi", *RSSI, text=True)
        distance = number(value, "distance", *DISTANCE, text=True)
        if "uuid" in value and ("major" in value or "minor" in value):
            numbers = [whole(value, key, 0, 0xFFFF, text=True) for key in ("major", "minor")]
            name = person(ibeacon(value["uuid"], *numbers))
        elif given is None:
            raise ValueError("id: missing")
        else:
            name = _identifier(given)
        if retained:
            raise NoSighting("a retained sighting: nobody knows how old it is")
        self._without_status = not self.rooms
        return Sighting(self._reader, room, name, rssi, distance, at)

    def _status(self, instance: str, payload: bytes, at: float, retained: bool) -> Found:
        word = payload.strip()  # a line end is what people send who try it by hand
        if word == b"offline":
            self.rooms.gone(instance)
        elif word != b"online":
            raise ValueError("status: neither online nor offline")
        else:
            self.rooms.online(instance, None if retained else at)
        return Ignored(f"{instance} is {word.decode()}")


def _entity_identifier(given: str) -> str:
    if given.startswith(LOW_ENERGY):
        return _identifier(given.removeprefix(LOW_ENERGY))
    if given.startswith(CLASSIC):
        found = SLUG_OF_ADDRESS(given.removeprefix(CLASSIC))
        if not found:
            raise ValueError("id: bluetooth-classic- is not followed by an address")
        return "ble:" + address(found[0].strip("-"), "id")
    raise NoSighting("an entity that is no Bluetooth device")


def _identifier(given: str) -> str:
    if ADDRESS(given):
        return "ble:" + address(given, "id")
    if UUID_MAJOR_MINOR.fullmatch(given):
        return person(spelled("ibeacon", given))
    return alias(given)


class RoomAssistant(MqttReader):
    """All instances of room-assistant under one topic prefix; each room is an antenna.

    For version 0.x the link is the topic above the rooms, like ``home/room_presence``.
    """

    class Settings(driver.Settings):
        """``[readers.settings]`` of room-assistant."""

        instances: tuple[str, ...] = Field(default=(), max_length=MOST_ROOMS)
        """Instances that are missed even if they never speak; others are watched from their first word."""
        quiet_after_s: float = Field(default=120.0, ge=10, le=86400)
        """Seconds without a status after which an instance is missed: four missed ones, as they come every 30 s."""

    settings: ClassVar[type[driver.Settings]] = Settings

    @staticmethod
    def decoder(reader: str, settings: RoomAssistant.Settings, clocks: Clocks | None = None) -> RoomAssistantDecoder:
        """Messages in, sightings of ``reader`` out."""
        rooms = Rooms(settings.instances, steady(), settings.quiet_after_s)
        return RoomAssistantDecoder(reader, rooms, clocks or Clocks())

    def _filters(self) -> list[str]:
        prefix = self._link.strip("/") or PREFIX
        return [f"{prefix}/{each}" for each in ("entity/#", "mqtt-room/+", "status/+", "+")]

    def _decoder(self) -> RoomAssistantDecoder:
        return self.decoder(self._reader, self._settings, self._clocks)
