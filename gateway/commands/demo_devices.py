"""The demo's simulated hardware: for every driver a device that speaks its protocol, and what of a guest it hears."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from gateway.operations.broker import EmbeddedBroker
from reader_drivers.simulated import SimulatedEm4100, SimulatedEspresense, SimulatedM100
from reader_drivers.simulated_llrp import SimulatedLlrp
from reader_drivers.simulated_mqtt import SimulatedImpinj, SimulatedJson, SimulatedZebra
from reader_drivers.simulated_mqtt_phones import (
    SimulatedBleGateway,
    SimulatedOwnTracks,
    SimulatedRoomAssistant,
    SimulatedTheengs,
)
from reader_drivers.simulated_pn532 import SimulatedPn532
from reader_drivers.simulated_thingmagic import SimulatedThingmagic
from reader_drivers.simulated_uhf_prime import SimulatedUhfPrime
from reader_drivers.simulated_uhfreader18 import SimulatedUhfreader18

Table = dict[str, Any]


@dataclass(slots=True)
class Guest:
    """What one customer carries, as ``scheme:value``."""

    customer: str
    tag: str | None = None
    fob: str | None = None
    card: str | None = None
    phone: str | None = None
    app: str | None = None


class Spot(Protocol):
    """One reader's place in the venue, where guests come and go."""

    def hears(self, guest: Guest) -> bool:
        """Whether the guest carries something for this reader."""
        ...

    def come(self, guest: Guest, room: str, rssi: float) -> None:
        """The guest is there, in this room, heard at about ``rssi`` dBm; again, to move."""
        ...

    def go(self, guest: Guest) -> None:
        """The guest has left."""
        ...


@dataclass(slots=True)
class Field:
    """A spot made of a device that takes what is ``present``; ``of`` says what of a guest it hears."""

    device: Any
    of: Callable[[Guest], str | None]
    place: Callable[[str, float], tuple[Any, ...]]
    """What ``present`` takes after the identifier, from a room and a strength."""

    def hears(self, guest: Guest) -> bool:
        """Whether the guest carries something for this device."""
        return self.of(guest) is not None

    def come(self, guest: Guest, room: str, rssi: float) -> None:
        """Puts what the guest carries before the device."""
        thing = self.of(guest)
        if thing is not None:
            self.device.present(thing, *self.place(room, rssi))

    def go(self, guest: Guest) -> None:
        """Takes it away."""
        thing = self.of(guest)
        if thing is not None:
            self.device.remove(thing)


def _tag(guest: Guest) -> str | None:
    return guest.tag


def _beacon(guest: Guest) -> str | None:
    """What a gateway of raw advertisements hears of a phone: not the private addresses of one known by its IRK."""
    return guest.phone if guest.phone and guest.phone.startswith("ibeacon:") else None


class _Fobs:
    """An EM4100 reader takes one fob at a time."""

    def __init__(self, device: SimulatedEm4100) -> None:
        self._device = device

    def hears(self, guest: Guest) -> bool:
        return guest.fob is not None

    def come(self, guest: Guest, room: str, rssi: float) -> None:
        if guest.fob:
            self._device.hold(guest.fob)

    def go(self, guest: Guest) -> None:
        if guest.fob:
            self._device.release()


class _Nodes:
    """ESPresense nodes measure metres."""

    def __init__(self, device: SimulatedEspresense) -> None:
        self._device = device

    def hears(self, guest: Guest) -> bool:
        return guest.phone is not None

    def come(self, guest: Guest, room: str, rssi: float) -> None:
        if guest.phone:
            self._device.place(_espresense(guest.phone), room, 10 ** ((-59 - rssi) / 27))

    def go(self, guest: Guest) -> None:
        if guest.phone:
            self._device.remove(_espresense(guest.phone))


def _espresense(phone: str) -> str:
    return phone.replace("ibeacon:", "iBeacon:")


# --- which driver takes which device ---------------------------------------------------------------------------------

SERIAL: dict[str, Callable[[Path], Any]] = {
    "m100": SimulatedM100,
    "uhfreader18": SimulatedUhfreader18,
    "uhf_prime": SimulatedUhfPrime,
    "thingmagic": SimulatedThingmagic,
    "em4100": SimulatedEm4100,
    "pn532": SimulatedPn532,
}
SETTINGS: dict[str, Table] = {
    "uhfreader18": {"dialect": "18"},
    "thingmagic": {"region": "eu"},  # as delivered it has none, and does not read
    "json": {"rssi": "rssi", "antenna": "at", "time": "time"},
}
# Addresses of Bluetooth gateways, by room.
GATEWAYS = {"lounge": "ac233fc00001", "terrace": "ac233fc00002", "entrance": "ac233fc00003", "bar": "ac233fc00004"}


def _in_room(room: str, rssi: float) -> tuple[Any, ...]:
    return room, rssi


def _at_gateway(room: str, rssi: float) -> tuple[Any, ...]:
    return GATEWAYS[room], rssi


def _alone(_: str, rssi: float) -> tuple[Any, ...]:
    return (rssi,)


def _antenna(_: str, rssi: float) -> tuple[Any, ...]:
    return 1, rssi


@dataclass(frozen=True, slots=True)
class Source:
    """How an MQTT driver's source is made, and how its reader is written in ``venue.toml``."""

    make: Callable[[str, str, list[str], Mapping[str, Any]], Any]
    """From the broker's address, the reader's link, the rooms and a sign-in."""
    link: str
    spot: Callable[[Any], Spot]
    by_room: bool = True
    """Whether it hears rooms: then all readers of one link share its rooms, and one without rooms has its own link."""


def _at_door(device: Any) -> Spot:
    return Field(device, _tag, _antenna)


SOURCES: dict[str, Source] = {
    "espresense": Source(
        lambda url, link, rooms, login: SimulatedEspresense(
            url, rooms, prefix=link, username=login["username"], password=login["password"]
        ),
        "espresense",
        _Nodes,
    ),
    "theengs": Source(
        lambda url, link, rooms, login: SimulatedTheengs(url, rooms, link, **login),
        "home",
        lambda device: Field(device, lambda guest: guest.phone, _in_room),
    ),
    "room_assistant": Source(
        lambda url, link, rooms, login: SimulatedRoomAssistant(url, rooms, link, **login),
        "room-assistant",
        lambda device: Field(device, _beacon, _in_room),
    ),
    "ble_gateway": Source(
        lambda url, link, _, login: SimulatedBleGateway(url, "minew", link, **login),
        "gw",
        lambda device: Field(device, lambda guest: guest.phone, _at_gateway),
    ),
    "owntracks": Source(
        lambda url, link, _, login: SimulatedOwnTracks(url, link, **login),
        "owntracks",
        lambda device: Field(device, lambda guest: guest.app, _in_room),
    ),
    "impinj_iot": Source(
        lambda url, link, _, login: SimulatedImpinj(url, link, **login), "impinj/{reader}", _at_door, by_room=False
    ),
    "zebra_iotc": Source(
        lambda url, link, _, login: SimulatedZebra(url, link, **login), "zebra/{reader}", _at_door, by_room=False
    ),
    "json": Source(
        lambda url, link, _, login: SimulatedJson(url, link, **login), "built/{reader}", _at_door, by_room=False
    ),
}
NETWORK = {"llrp": SimulatedLlrp}
DRIVERS = (*SERIAL, *NETWORK, *SOURCES)


class Hardware:
    """All simulated devices of a demo; serial and network ones live before the gateway, MQTT ones need its broker."""

    def __init__(self, folder: Path) -> None:
        self.spots: dict[str, Spot] = {}
        self._folder = folder
        self._waiting: list[tuple[str, str, Source, list[str]]] = []

    async def build(self, reader: Table, stack: AsyncExitStack) -> None:
        """Makes the device of one reader table of ``venue.toml``, and writes its link and settings there."""
        name, driver = reader["id"], reader["driver"]
        if driver in SETTINGS:
            reader["settings"] = SETTINGS[driver]
        if driver in SERIAL:
            device = await stack.enter_async_context(SERIAL[driver](self._folder / name))
            reader["link"] = str(device.link)
            self.spots[name] = serial_spot(driver, device)
        elif driver in NETWORK:
            device = await stack.enter_async_context(NETWORK[driver]())
            reader["link"] = device.link
            self.spots[name] = Field(device, _tag, _alone)
        else:
            source = SOURCES[driver]
            rooms = list(reader.get("rooms", {}))
            link = source.link if rooms or not source.by_room else f"{source.link}-{{reader}}"
            reader["link"] = link.format(reader=name)
            if driver == "ble_gateway" and rooms:
                reader["rooms"] = {GATEWAYS[room]: zone for room, zone in reader["rooms"].items()}
            self._waiting.append((name, reader["link"], source, rooms or [reader["zone"]]))

    async def connect(self, broker: EmbeddedBroker, stack: AsyncExitStack) -> None:
        """Starts what publishes over MQTT."""
        login = broker.reader_credentials
        for name, link, source, rooms in self._waiting:
            sign_in = {"username": login.username, "password": login.password}
            device = await stack.enter_async_context(source.make(broker.url, link, rooms, sign_in))
            self.spots[name] = source.spot(device)


def serial_spot(driver: str, device: Any) -> Spot:
    """Where guests come and go before a serial device."""
    if driver == "em4100":
        return _Fobs(device)
    if driver == "pn532":
        return Field(device, lambda guest: guest.card, lambda _room, _rssi: ())
    return Field(device, _tag, _alone)
