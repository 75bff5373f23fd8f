"""Identifiers as devices write them, brought to ``scheme:value``; a ValueError never repeats what it was given."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable

from reader_drivers.texts import one_width

SHORTEST_CODE, LONGEST_CODE = 8, 124  # hex digits of an EPC or TID: less tells nobody apart, more fits in no tag
NFC_LENGTHS = (8, 14, 16, 20)  # hex digits of single, double and triple size UIDs; 16: ISO 15693 and FeliCa
LONGEST_ALIAS = 128  # characters
NODE_UUID = "e5ca1adef007ba110000000000000000"  # ESPresense nodes hear each other

BETWEEN = re.compile(r"[\s:.-]+")
HEX = re.compile(r"[0-9a-fA-F]+", re.ASCII).fullmatch
IBEACON = re.compile(r"([0-9a-fA-F-]{32,36})[-_:,/]0*(\d{1,5})[-_:,/]0*(\d{1,5})", re.ASCII).fullmatch
EDDYSTONE = re.compile(r"([0-9a-fA-F]{20})-?([0-9a-fA-F]{12})", re.ASCII).fullmatch
OWNTRACKS = re.compile(r"[^/\s+#]+/[^/\s+#]+").fullmatch


def digits(text: object, what: str, *, least: int = 1, most: int = 256) -> str:
    """The hex digits of ``text`` in upper case, without what stands between bytes; whole bytes, called ``what``."""
    if not isinstance(text, str):
        raise ValueError(f"{what}: not text")
    found = BETWEEN.sub("", text[:1024])
    if len(text) > 1024 or not HEX(found):
        raise ValueError(f"{what}: not hex digits")
    if len(found) % 2 or not least <= len(found) <= most:
        raise ValueError(f"{what}: {len(found)} hex digits where {least} to {most} belong, two a byte")
    return found.upper()


def from_base64(text: object, what: str) -> str:
    """The bytes that ``text`` holds in base64, as hex digits in upper case; ValueError calls them ``what``."""
    if not isinstance(text, str):
        raise ValueError(f"{what}: not text")
    try:
        return b64decode(text[:1024], validate=True).hex().upper()
    except (NotBase64, ValueError):
        raise ValueError(f"{what}: not base64") from None


def tag_code(scheme: str, code: object, what: str) -> str:
    """``epc:`` or ``tid:`` for hex digits: tag memory comes in words of four."""
    found = digits(code, what, least=SHORTEST_CODE, most=LONGEST_CODE)
    if len(found) % 4:
        raise ValueError(f"{what}: {len(found)} hex digits, not whole words of 4")
    return f"{scheme}:{found}"


def chip(code: object) -> str | None:
    """The chip's own number, as ``Sighting.tid`` has it; None where ``code`` is none: the tag is heard all the same."""
    if not isinstance(code, str):
        return None
    try:
        return digits(code, "tid", least=SHORTEST_CODE, most=LONGEST_CODE)
    except ValueError:
        return None


def ibeacon(uuid: object, major: int | None, minor: int | None) -> str:
    """``ibeacon:`` of a UUID with hyphens or without."""
    found = digits(uuid, "uuid", least=32, most=32).lower()
    if major is None or minor is None or not (0 <= major <= 0xFFFF and 0 <= minor <= 0xFFFF):
        raise ValueError("major or minor: not between 0 and 65535")
    return f"ibeacon:{found[:8]}-{found[8:12]}-{found[12:16]}-{found[16:20]}-{found[20:]}-{major}-{minor}"


def eddystone(namespace: object, instance: object) -> str:
    """``eddystone:`` of a namespace of 10 bytes and an instance of 6."""
    first = digits(namespace, "namespace", least=20, most=20)
    return f"eddystone:{first}-{digits(instance, 'instance', least=12, most=12)}".lower()


def address(text: object, what: str = "address") -> str:
    """Twelve hex digits in lower case of a Bluetooth address; ValueError where it is none, called ``what``."""
    if not isinstance(text, str) or len(found := BETWEEN.sub("", text[:64])) != 12 or not HEX(found) or len(text) > 64:
        raise ValueError(f"{what}: not six bytes in hex")
    if found in ("000000000000", "FFFFFFFFFFFF", "ffffffffffff"):
        raise ValueError(f"{what}: nobody's")
    return found.lower()


def _ibeacon(text: str) -> str:
    parts = IBEACON(text)
    if not parts:
        raise ValueError("ibeacon: not uuid-major-minor")
    return ibeacon(parts[1], int(parts[2]), int(parts[3]))


def _eddystone(text: str) -> str:
    parts = EDDYSTONE(text)
    if not parts:
        raise ValueError("eddystone: not namespace-instance")
    return eddystone(parts[1], parts[2])


def _nfc(text: str) -> str:
    found = digits(text, "nfc")
    if len(found) not in NFC_LENGTHS:
        raise ValueError(f"nfc: {len(found)} hex digits where 8, 14, 16 or 20 belong")
    return f"nfc:{found}"


def _owntracks(text: str) -> str:
    if not OWNTRACKS(text) or len(text) > LONGEST_ALIAS:
        raise ValueError("owntracks: not user/device")
    return f"owntracks:{text}"


def alias(text: str) -> str:
    """``alias:`` of a name that the operator of a source gave, spelt as it is where it is enrolled."""
    text = one_width(text)
    if not 0 < len(text) <= LONGEST_ALIAS or ";" in text:
        raise ValueError(f"alias: not 1 to {LONGEST_ALIAS} characters that can be seen, without ';'")
    return f"alias:{text}"


RULES: dict[str, Callable[[str], str]] = {
    "epc": lambda text: tag_code("epc", text, "epc"),
    "tid": lambda text: tag_code("tid", text, "tid"),
    "em": lambda text: "em:" + digits(text, "em", least=10, most=10),
    "nfc": _nfc,
    "ibeacon": _ibeacon,
    "eddystone": _eddystone,
    "irk": lambda text: "irk:" + digits(text, "irk", least=32, most=32).lower(),
    "ble": lambda text: "ble:" + address(text, "ble"),
    "alias": alias,
    "owntracks": _owntracks,
}


def spelled(scheme: str, text: str) -> str:
    """``scheme:value`` of a value as a device wrote it; ValueError says what is wrong with it."""
    rule = RULES.get(scheme)
    if rule is None:
        raise ValueError(f"scheme: not one of {', '.join(RULES)}")
    return rule(one_width(text))
