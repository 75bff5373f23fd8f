"""Beacons, badges and phones as gateways and apps publish them over MQTT, without the hardware.

``ble:``, ``ibeacon:``, ``eddystone:`` and ``irk:`` are present at gateways or rooms; a phone of an ``irk:`` is heard
under private addresses that change every ``ADDRESS_LIFE`` seconds.
"""

from __future__ import annotations

import importlib
import json
import struct
import time
from base64 import b64encode
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple
from zlib import crc32

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from reader_drivers.simulated_mqtt import Post, SimulatedSource, iso

ADDRESS_LIFE = 900.0  # seconds
POWER = -59  # dBm at one metre, in beacons


class Advert(NamedTuple):
    """What a device sends: from which address, whether that is random, and which advertisement."""

    address: str
    random: bool
    data: bytes
    uuid: str | None = None
    major: int = 0
    minor: int = 0


def advert(identifier: str, life: float = ADDRESS_LIFE) -> Advert:
    """The advertisement of something that is ``scheme:value``, now."""
    scheme, _, value = identifier.partition(":")
    fixed = f"c0{crc32(value.encode()):010x}"
    if scheme == "ibeacon":
        *uuid, major, minor = value.split("-")
        code = bytes.fromhex("".join(uuid))
        tail = struct.pack(">HHb", int(major), int(minor), POWER)
        data = b"\x02\x01\x06\x1a\xff\x4c\x00\x02\x15" + code + tail
        return Advert(fixed, True, data, code.hex(), int(major), int(minor))
    if scheme == "eddystone":
        data = b"\x02\x01\x06\x03\x03\xaa\xfe\x15\x16\xaa\xfe\x00\xe7" + bytes.fromhex(value.replace("-", ""))
        return Advert(fixed, True, data)
    if scheme == "irk":
        return Advert(private_address(bytes.fromhex(value), int(time.monotonic() / life)), True, b"\x02\x01\x1a")
    return Advert(value, False, b"\x02\x01\x06")


def private_address(irk: bytes, turn: int) -> str:
    """The resolvable private address that a phone with this IRK takes for its ``turn``-th period."""
    prand = (0x400000 | (turn * 2_654_435_761) & 0x3FFFFF).to_bytes(3, "big")
    encrypted = Cipher(AES(irk), ECB()).encryptor().update(bytes(13) + prand)  # noqa: S305 - as the specification says
    return (prand + encrypted[-3:]).hex()


class SimulatedTheengs(SimulatedSource):
    """Theengs Gateways or OpenMQTTGateways, as places, that share one connection."""

    def __init__(self, url: str, gateways: Iterable[str], prefix: str = "home", **more: Any) -> None:
        self.address_life = more.pop("address_life", ADDRESS_LIFE)
        super().__init__(url, **more)
        self.gateways = list(gateways)
        self.prefix = prefix

    def will(self) -> Post:
        """Offline, of the first gateway."""
        return Post(f"{self.prefix}/{self.gateways[0]}/LWT", "offline", True)

    def greetings(self) -> Iterable[Post]:
        """Online, of each."""
        return [Post(f"{self.prefix}/{each}/LWT", "online", True) for each in self.gateways]

    def round(self) -> Iterable[Post]:
        """What the gateway that hears a device makes of it."""
        for identifier, near in list(self.placed.items()):
            sent = advert(identifier, self.address_life)
            value: dict[str, Any] = {"id": colons(sent.address), "mac_type": int(sent.random), "rssi": self.heard(near)}
            if sent.uuid is not None:
                value |= {"model_id": "IBEACON", "mfid": "4c00", "uuid": sent.uuid, "txpower": POWER}
                value |= {"major": sent.major, "minor": sent.minor}
            yield Post(f"{self.prefix}/{near.place}/BTtoMQTT/{sent.address.upper()}", json.dumps(value))

    def absent(self, identifier: str) -> None:
        """A tracker is gone, and this time its gateway says so."""
        near, sent = self.placed.pop(identifier), advert(identifier, self.address_life)
        told = {"id": colons(sent.address), "presence": "absent"}
        self.say(f"{self.prefix}/{near.place}/BTtoMQTT/{sent.address.upper()}", json.dumps(told))


class SimulatedRoomAssistant(SimulatedSource):
    """Instances of room-assistant, as places; each sends what all know, the first has authority."""

    def __init__(self, url: str, instances: Iterable[str], prefix: str = "room-assistant", **more: Any) -> None:
        super().__init__(url, **more)
        self.instances = list(instances)
        self.prefix = prefix
        self._known: dict[str, dict[str, tuple[float, int]]] = {}

    def greetings(self) -> Iterable[Post]:
        """The status of each."""
        return [Post(f"{self.prefix}/status/{each}", "online") for each in self.instances]

    def round(self) -> Iterable[Post]:
        """Every device with all rooms that have ever heard it, by every instance."""
        for identifier, near in list(self.placed.items()):
            self._known.setdefault(identifier, {})[str(near.place)] = (self.now(), self.heard(near))
        for identifier, rooms in self._known.items():
            name = "ble-" + _room_assistant_id(identifier)
            distances = {
                room: {"lastUpdatedAt": iso(at), "distance": round(10 ** ((POWER - rssi) / 27), 1), "outOfRange": False}
                for room, (at, rssi) in rooms.items()
            }
            measured = {room: {"rssi": rssi, "measuredPower": POWER} for room, (_, rssi) in rooms.items()}
            entity = {"id": name, "distributed": True, "distances": distances, "measuredValues": measured}
            for instance in self.instances:
                value = {"entity": entity, "hasAuthority": instance == self.instances[0]}
                topic = f"{self.prefix}/entity/{instance}/bluetooth-low-energy-presence-sensor/{name}"
                yield Post(topic, json.dumps(value))


def _room_assistant_id(identifier: str) -> str:
    sent = advert(identifier)
    return sent.address if sent.uuid is None else f"{sent.uuid}-{sent.major}-{sent.minor}"


class SimulatedOwnTracks(SimulatedSource):
    """Phones with the app: ``owntracks:user/device`` in regions, as places; their coordinates are made up.

    ``key`` encrypts, with PyNaCl, what is published.
    """

    def __init__(self, url: str, prefix: str = "owntracks", *, key: str | None = None, **more: Any) -> None:
        super().__init__(url, **more)
        self.prefix = prefix
        self.key = key

    def present(self, identifier: str, place: int | str, rssi: float = 0.0) -> None:
        """A phone enters a region, and says so."""
        super().present(identifier, place, rssi)
        self._transition(identifier, str(place), "enter")

    def remove(self, identifier: str) -> None:
        """A phone leaves its region, and says so."""
        near = self.placed.pop(identifier, None)
        if near:
            self._transition(identifier, str(near.place), "leave")

    def round(self) -> Iterable[Post]:
        """The location of every phone, with the regions it is in; retained."""
        for identifier, near in list(self.placed.items()):
            told = {"_type": "location", "inregions": [near.place], "tst": int(self.now()), "lat": 31.2, "lon": 121.5}
            yield Post(self._topic(identifier), self._sealed(told), True)

    def _transition(self, identifier: str, region: str, what: str) -> None:
        told = {"_type": "transition", "event": what, "desc": region, "tst": int(self.now()), "lat": 31.2, "lon": 121.5}
        self.say(self._topic(identifier) + "/event", self._sealed(told))

    def _topic(self, identifier: str) -> str:
        return f"{self.prefix}/{identifier.partition(':')[2]}"

    def _sealed(self, told: dict[str, Any]) -> str:
        text = json.dumps(told)
        if self.key is None:
            return text
        box = importlib.import_module("nacl.secret").SecretBox(self.key.encode().ljust(32, b"\0"))
        return json.dumps({"_type": "encrypted", "data": b64encode(bytes(box.encrypt(text.encode()))).decode()})


class SimulatedBleGateway(SimulatedSource):
    """Bluetooth gateways of one make, as places by their addresses, that share one connection."""

    def __init__(self, url: str, make: str, prefix: str = "gw", **more: Any) -> None:
        self.address_life = more.pop("address_life", ADDRESS_LIFE)
        super().__init__(url, **more)
        self.make = make
        self.prefix = prefix

    def round(self) -> Iterable[Post]:
        """One message a gateway, or a device where the make writes so."""
        gateways: dict[str, Told] = {}
        for identifier, near in list(self.placed.items()):
            heard = advert(identifier, self.address_life), self.heard(near)
            gateways.setdefault(str(near.place), []).append(heard)
        for gateway, told in gateways.items():
            for topic, payload in MAKES[self.make](gateway, told, self.now()):
                yield Post(f"{self.prefix}/{topic}", payload)


Told = list[tuple[Advert, int]]
Written = Iterable[tuple[str, bytes | str]]


def _minew(gateway: str, told: Told, now: float) -> Written:
    rows: list[dict[str, Any]] = [{"timestamp": iso(now), "type": "Gateway", "mac": gateway.upper(), "gatewayFree": 98}]
    for sent, rssi in told:
        row = {"timestamp": iso(now), "type": "Unknown", "mac": sent.address.upper(), "rssi": rssi}
        rows.append(row | {"rawData": sent.data.hex().upper()})
    yield f"{gateway}/status", json.dumps(rows)


def _moko(gateway: str, told: Told, now: float) -> Written:
    data = [{"mac": sent.address, "rssi": rssi, "adv_data": sent.data.hex()} for sent, rssi in told]
    yield gateway, json.dumps({"msg_id": 3070, "device_info": {"mac": gateway}, "data": data})


def _shelly(gateway: str, told: Told, now: float) -> Written:
    for sent, rssi in told:
        yield sent.address, json.dumps({"addr": colons(sent.address).lower(), "rssi": rssi, "local_name": "SBBT-002C"})


def _aprilbrother(gateway: str, told: Told, now: float) -> Written:
    packed = [
        b"\xc4" + bytes((8 + len(sent.data), 0)) + bytes.fromhex(sent.address) + bytes((rssi & 0xFF,)) + sent.data
        for sent, rssi in told
    ]
    devices = b"\xa7devices\xdc" + struct.pack(">H", len(packed)) + b"".join(packed)
    yield gateway, b"\x83\xa1v\xa51.5.0\xa3mac\xac" + gateway.upper().encode() + devices


def _kgateway(gateway: str, told: Told, now: float) -> Written:
    rows: list[dict[str, Any]] = []
    for sent, rssi in told:
        row: dict[str, Any] = {"type": 1, "dmac": sent.address.upper(), "rssi": rssi}
        if sent.uuid is not None:
            row |= {"type": 4, "uuid": sent.uuid.upper(), "majorID": sent.major, "minorID": sent.minor}
        elif sent.data[9:11] == b"\xaa\xfe":
            row |= {"type": 2, "nid": sent.data[13:23].hex(), "sid": sent.data[23:29].hex()}
        rows.append(row)
    yield f"publish/{gateway.upper()}", json.dumps({"msg": "advData", "gmac": gateway.upper(), "obj": rows})


def _ingics(gateway: str, told: Told, now: float) -> Written:
    rows = [f"$GPRP,{sent.address},{gateway},{rssi},{sent.data.hex()},{now:.3f}\r\n" for sent, rssi in told]
    yield gateway, "".join(rows).upper()


def _ruuvi(gateway: str, told: Told, now: float) -> Written:
    for sent, rssi in told:
        value = {"gw_mac": colons(gateway), "rssi": rssi, "ts": f"{now:.0f}", "data": sent.data.hex().upper()}
        yield f"{colons(gateway)}/{colons(sent.address)}", json.dumps(value)


MAKES: dict[str, Callable[[str, Told, float], Written]] = {
    "minew": _minew,
    "moko": _moko,
    "shelly": _shelly,
    "aprilbrother": _aprilbrother,
    "kgateway": _kgateway,
    "ingics": _ingics,
    "ruuvi": _ruuvi,
}


def colons(address: str) -> str:
    """An address as most gateways write it."""
    return ":".join(address[at : at + 2] for at in range(0, 12, 2)).upper()
