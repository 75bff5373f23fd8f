"""What ESPresense calls a device, as one of our identifiers, where it tells one person's device from all others.

Source: ESPresense firmware, BleFingerprint.cpp. Reasons never repeat an id: some are secrets.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from reader_drivers.messages import NoSighting
from reader_drivers.spelling import alias
from reader_drivers.texts import Unfit, one_line

LONGEST = 256  # characters

# Kinds that many devices share, or that are no person's: two phones of one model have the same id.
SHARED = {
    "ad", "altbeacon", "apple", "exp", "flora", "garmin", "itag", "itrack", "md", "mifit", "mitherm", "msft", "name",
    "roomassistant", "samsung", "sd", "smarttag", "sonos", "tile",
}  # fmt: skip
NODE_UUID = "e5ca1ade-f007-ba11-0000-000000000000"

_MAC = re.compile(r"[0-9a-f]{12}").fullmatch
_IRK = re.compile(r"[0-9a-f]{32}").fullmatch
_IBEACON = re.compile(r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})-(\d{1,5})-(\d{1,5})").fullmatch
_EDDYSTONE = re.compile(r"([0-9a-f]{20})([0-9a-f]{2})?-([0-9a-f]{12})").fullmatch


class Shared(NoSighting):
    """A device that cannot be told from others, or a piece of the installation: heard, and no sighting."""


def identifier(given: str) -> str:
    """``scheme:value`` for what ESPresense calls a device; Shared, or ValueError with what is wrong."""
    if _MAC(given):  # as nearly all strangers are called
        return f"ble:{given}"
    if not given:
        raise ValueError("id: empty")
    if len(given) > LONGEST:
        raise ValueError(f"id: longer than {LONGEST} characters")
    try:
        given = one_line(given)
    except Unfit as unfit:
        raise ValueError(f"id: {unfit}") from None
    if not given:
        raise ValueError("id: nothing of it can be seen")
    kind, colon, value = given.partition(":")
    lower = kind.lower()
    if colon and lower in READ:
        return READ[lower](value.lower())
    if colon and lower == "node":
        raise Shared("another ESPresense node")
    if colon and lower in SHARED:
        raise Shared(f"a device known only as {lower}:, which others may be called too")
    return f"ble:{given.lower()}" if _MAC(given.lower()) else alias(given)


def _irk(value: str) -> str:
    if not _IRK(value):
        raise ValueError("id: irk: is not followed by 32 hex digits")
    return f"irk:{value}"


def _ibeacon(value: str) -> str:
    parts = _IBEACON(value)
    if not parts:
        raise ValueError("id: iBeacon: is not followed by uuid-major-minor")
    uuid, major, minor = parts[1], int(parts[2]), int(parts[3])
    if major > 0xFFFF or minor > 0xFFFF:
        raise ValueError("id: major or minor of an iBeacon above 65535")
    if uuid == NODE_UUID:
        raise Shared("another ESPresense node")
    return f"ibeacon:{uuid}-{major}-{minor}"


def _eddystone(value: str) -> str:
    parts = _EDDYSTONE(value)
    if not parts:
        raise ValueError("id: eddy: is not followed by namespace-instance")
    namespace, again, instance = parts.groups()
    # The firmware prints one byte too many of the namespace: the first of the instance.
    if again is not None and again != instance[:2]:
        raise ValueError("id: eddy: with a namespace of 22 digits that does not run into its instance")
    return f"eddystone:{namespace}-{instance}"


def _known(value: str) -> str:
    if not _MAC(value):
        raise ValueError("id: known: is not followed by 12 hex digits")
    return f"ble:{value}"


READ: dict[str, Callable[[str], str]] = {"irk": _irk, "ibeacon": _ibeacon, "eddy": _eddystone, "known": _known}
