"""Bluetooth advertisements: who sends one, by what it says or by its address.

Source: Bluetooth Core Specification Supplement, part A (AD structures); Apple, "Proximity Beacon Specification";
Eddystone-UID. An advertisement is a row of structures: length, type, data, the length counting type and data.

    FF  4C 00  02 15  UUID (16)  major (2)  minor (2)  power at 1 m        iBeacon, numbers big-endian
    16  AA FE  00  power at 0 m  namespace (10)  instance (6)              Eddystone-UID

The two highest bits of a *random* address tell its kind; whether it is random is a flag of the packet, which many
gateways leave out.
"""

from __future__ import annotations

from collections.abc import Iterator

from reader_drivers.messages import NoSighting
from reader_drivers.phone.private_address import Resolver
from reader_drivers.spelling import NODE_UUID, digits, eddystone, ibeacon

MANUFACTURER, SERVICE_DATA = 0xFF, 0x16
APPLE_IBEACON = bytes.fromhex("4C000215")
IBEACON_END = 24  # without the power byte, which some leave out
EDDYSTONE, EDDYSTONE_UID = bytes.fromhex("AAFE"), 0x00
NAMESPACE, INSTANCE, EDDYSTONE_END = 2, 12, 18
LONGEST = 512  # hex digits; extended advertisements have up to 251 bytes

STATIC, RESOLVABLE = 0b11, 0b01


def structures(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Type and data of every AD structure; ValueError at one that runs over the end."""
    at = 0
    while at < len(data) and data[at]:  # zeros fill up what is left
        end = at + 1 + data[at]
        if end > len(data):
            raise ValueError(f"advertisement: a structure of {data[at]} bytes where {len(data) - at - 1} are left")
        yield data[at + 1], data[at + 2 : end]
        at = end


def beacon(data: bytes) -> str | None:
    """``ibeacon:…`` or ``eddystone:…`` of the beacon that an advertisement announces; None where it announces none."""
    for kind, value in structures(data):
        found = None
        if kind == MANUFACTURER:
            found = manufacturer_beacon(value)
        elif kind == SERVICE_DATA and value.startswith(EDDYSTONE):
            found = service_beacon(value[len(EDDYSTONE) :])
        if found:
            return found
    return None


def manufacturer_beacon(value: bytes) -> str | None:
    """``ibeacon:…`` where this manufacturer data, company first, is an iBeacon's."""
    if not value.startswith(APPLE_IBEACON) or len(value) < IBEACON_END:
        return None
    return person(ibeacon(value[4:20].hex(), int.from_bytes(value[20:22], "big"), int.from_bytes(value[22:24], "big")))


def service_beacon(value: bytes) -> str | None:
    """``eddystone:…`` where this service data, without the UUID of Eddystone before it, is that of an Eddystone-UID."""
    if len(value) < EDDYSTONE_END or value[0] != EDDYSTONE_UID:
        return None
    return eddystone(value[NAMESPACE:INSTANCE].hex(), value[INSTANCE:EDDYSTONE_END].hex())


def person(identifier: str) -> str:
    """The identifier of an iBeacon; NoSighting where it is a piece of the installation."""
    if identifier.replace("-", "").startswith("ibeacon:" + NODE_UUID):
        raise NoSighting("an ESPresense node")
    return identifier


def raw(text: object, what: str = "advertisement") -> bytes:
    """The bytes of an advertisement written in hex, none at all included."""
    return b"" if text == "" else bytes.fromhex(digits(text, what, least=2, most=LONGEST))


def owner(address: str, *, random: bool | None, resolver: Resolver | None, now: float) -> str:
    """``ble:…`` of an address that stays, ``irk:…`` of one that an enrolled phone took; else NoSighting.

    ``address`` is twelve hex digits in lower case; ``random`` is what the packet said, None where nobody knows.
    """
    kind = int(address[0], 16) >> 2
    if random is False or kind == STATIC:
        return f"ble:{address}"
    if kind == RESOLVABLE and resolver:
        found = resolver.resolve(address, now)
        if found:
            return found
    if random is None:
        return f"ble:{address}"
    raise NoSighting("a private address of nobody enrolled, or of somebody heard under one address only")
