"""Theengs Gateway and OpenMQTTGateway: gateways that decode the Bluetooth advertisements they hear, each in its room.

Source: Theengs Gateway 1.4 and its decoder, OpenMQTTGateway's BLE documentation and captures. Under a prefix, "home":

    <gateway>/BTtoMQTT/<address or uuid>   one advertisement, decoded as far as the gateway could
    <gateway>/BTtoMQTT/undecoded           raw, for another gateway to decode
    <gateway>/LWT                          online or offline, retained; offline is the gateway's last will
    <gateway>/SYStoMQTT                    telemetry of OpenMQTTGateway; its RSSI is the Wi-Fi's
    presence/<gateway>, <gateway>/presence, home_presence/<gateway>     copies of the advertisements: not listened to

    {"id": address, "mac_type": 0 public | 1 random, "rssi": dBm, "distance": m,
     "uuid": 32 hex digits, "major": 0…65535, "minor": 0…65535,     an iBeacon; "id" may then be the UUID too
     "servicedata": hex, "servicedatauuid": "feaa",                 an Eddystone
     "manufacturerdata": hex, "presence": "absent"}                 of a tracker; absent, or without RSSI: it is gone

No message has a time. Old versions write numbers as text. The distance is a guess of the gateway's and may be absurd.
"""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from reader_drivers import driver
from reader_drivers.hardened_json import number, parse, whole, words
from reader_drivers.messages import DISTANCE, RSSI, Messages, MqttReader, NoSighting, room_name
from reader_drivers.mqtt_link import Broker
from reader_drivers.phone.advertisement import manufacturer_beacon, owner, person, service_beacon
from reader_drivers.phone.private_address import Resolver
from reader_drivers.rooms import MOST_ROOMS, Rooms
from reader_drivers.sighting import Found, Ignored, Sighting
from reader_drivers.spelling import HEX, address, ibeacon
from reader_drivers.steady import steady

PREFIX = "home"
HEARD = "BTtoMQTT"
COPIES = {"presence", "home_presence"}
UUID_DIGITS = 32
IBEACON_DATA = "4c000215"
EDDYSTONE_UUID = "feaa"
RANDOM = {0: False, 1: True}


class TheengsDecoder(Messages):
    """One message of any of the gateways in, what it means out; ``rooms`` learns from it which gateways live."""

    def __init__(self, reader: str, rooms: Rooms, resolver: Resolver | None = None) -> None:
        self._reader = reader
        self._resolver = resolver
        self.rooms = rooms

    def quiet(self, now: float) -> str | None:
        """Which gateways are deaf at ``now``, seconds since 1970 UTC."""
        return self.rooms.quiet(now)

    def _meanings(self, topic: str, payload: bytes, at: float, retained: bool) -> list[Found]:
        *above, last = levels = topic.split("/")
        if not COPIES.isdisjoint(levels):
            return [Ignored(f"a copy of what {HEARD} tells")]
        if HEARD in above:
            place = levels.index(HEARD)
            if place == 0:
                raise ValueError("topic: no gateway in it")
            return [self._advertisement(room_name(levels[place - 1]), last, payload, at, retained)]
        if last == "LWT" and above:
            return [self._status(room_name(above[-1]), payload, at, retained)]
        if last == "SYStoMQTT" and above:
            return [self._telemetry(room_name(above[-1]), payload, at, retained)]
        return [Ignored("not a topic of an advertisement or a gateway's health")]

    def _advertisement(self, gateway: str, last: str, payload: bytes, at: float, retained: bool) -> Found:
        value = parse(payload)
        if not value:
            raise ValueError("JSON: an empty object")
        if retained:
            raise NoSighting("a retained sighting: nobody knows how old it is")
        self.rooms.alive(gateway, at)
        if last == "undecoded":
            raise NoSighting("a raw advertisement, for another gateway to decode")
        if value.get("presence") == "absent":
            raise NoSighting("its gateway has not heard it for a while")
        if "rssi" not in value:
            raise NoSighting("a report about a device, or word that it is gone: no RSSI")
        rssi = number(value, "rssi", *RSSI, text=True)
        distance = number(value, "distance", 0.0, float("inf"), text=True)
        identifier = self._identifier(value, last, at)
        told = distance if distance is not None and distance <= DISTANCE[1] else None
        return Sighting(self._reader, gateway, identifier, rssi, told, at)

    def _identifier(self, value: dict[str, Any], last: str, at: float) -> str:
        given = words(value, "id") or last
        uuid = words(value, "uuid") or (given if len(given) == UUID_DIGITS and HEX(given) else None)
        if uuid is not None and ("major" in value or "minor" in value):
            numbers = [whole(value, key, 0, 0xFFFF, text=True) for key in ("major", "minor")]
            return person(ibeacon(uuid, *numbers))
        data = value.get("manufacturerdata")
        if isinstance(data, str) and data.lower().startswith(IBEACON_DATA) and HEX(data) and len(data) % 2 == 0:
            found = manufacturer_beacon(bytes.fromhex(data))
            if found:
                return found
        found = _eddystone(value)
        if found:
            return found
        sender = given if "mac" not in value or uuid is None else words(value, "mac")
        kind = whole(value, "mac_type", 0, 3, text=True)
        random = None if kind is None else RANDOM.get(kind, True)
        return owner(address(sender, "id"), random=random, resolver=self._resolver, now=at)

    def _status(self, gateway: str, payload: bytes, at: float, retained: bool) -> Found:
        word = payload.strip()  # a line end is what people send who try it by hand
        if word == b"offline":
            self.rooms.gone(gateway)
        elif word != b"online":
            raise ValueError("LWT: neither online nor offline")
        else:
            self.rooms.online(gateway, None if retained else at)
        return Ignored(f"{gateway} is {word.decode()}")

    def _telemetry(self, gateway: str, payload: bytes, at: float, retained: bool) -> Found:
        value = parse(payload)
        if retained:
            return Ignored("retained telemetry: nobody knows how old it is")
        self.rooms.alive(gateway, at)
        version = words(value, "version") if isinstance(value.get("version"), str) else None
        self.firmware = f"OpenMQTTGateway {version}" if version else self.firmware
        return Ignored(f"telemetry of {gateway}")


def _eddystone(value: dict[str, Any]) -> str | None:
    """``eddystone:…`` where this service data, raw, is an Eddystone-UID's."""
    data, uuid = value.get("servicedata"), value.get("servicedatauuid")
    if not isinstance(data, str) or not isinstance(uuid, str) or uuid.lower().removeprefix("0x") != EDDYSTONE_UUID:
        return None
    return service_beacon(bytes.fromhex(data)) if HEX(data) and len(data) % 2 == 0 else None


class Theengs(MqttReader):
    """All Theengs Gateways and OpenMQTTGateways under a topic prefix, or the one that it names; each is an antenna."""

    class Settings(driver.Settings):
        """``[readers.settings]`` of Theengs Gateways and OpenMQTTGateways."""

        gateways: tuple[str, ...] = Field(default=(), max_length=MOST_ROOMS)
        """Gateways that are missed even if they never speak; others are watched from their first word."""
        quiet_after_s: float = Field(default=600.0, ge=10, le=86400)
        """Seconds without a word after which a gateway is missed: they scan as seldom as once a minute."""

    settings: ClassVar[type[driver.Settings]] = Settings

    def __init__(
        self, reader: str, link: str, settings: Theengs.Settings, broker: Broker, *, resolver: Resolver | None = None
    ) -> None:
        super().__init__(reader, link, settings, broker)
        self.resolver = resolver
        """Who private addresses belong to; None: nobody's are resolved."""

    @staticmethod
    def decoder(reader: str, settings: Theengs.Settings, resolver: Resolver | None = None) -> TheengsDecoder:
        """Messages in, sightings of ``reader`` out."""
        return TheengsDecoder(reader, Rooms(settings.gateways, steady(), settings.quiet_after_s), resolver)

    def _filters(self) -> list[str]:
        prefix = self._link.strip("/") or PREFIX
        ends = (f"{HEARD}/#", "LWT", "SYStoMQTT")
        return [f"{above}/{end}" for above in (f"{prefix}/+", prefix) for end in ends]

    def _decoder(self) -> TheengsDecoder:
        return self.decoder(self._reader, self._settings, self.resolver)
