"""How bytes, hashes and epochs are written in what a hub and a venue say to each other."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any

from gateway.events import times
from gateway.records.compact import compact

Epoch = int | str
"""One life of one database; a number, or a text of whoever counts otherwise."""
Message = dict[str, Any]

LARGEST = 2**63 - 1
LANGUAGES = ("zh-CN", "en")
LONGEST_NAME = 200  # characters
_HEX = re.compile(r"(?:[0-9a-f]{2})+")
_EPOCH = re.compile(r"[0-9A-Za-z._-]{1,64}")


class Unfit(ValueError):
    """A message is not what was expected; the text says what was."""


def b64(raw: bytes) -> str:
    """Bytes as they are sent: base64 with its padding."""
    return base64.b64encode(raw).decode()


def octets(value: object, what: str, length: int | None = None) -> bytes:
    """The bytes of base64, or of lower-case hex digits where the ``length`` is known; raises Unfit."""
    if isinstance(value, str):
        if length is not None and len(value) == 2 * length and _HEX.fullmatch(value):
            return bytes.fromhex(value)
        try:
            raw = binascii.a2b_base64(value, strict_mode=True)  # what b64decode(validate=True) does, once a row
        except ValueError:
            raw = None
        if raw is not None and length in (None, len(raw)):
            return raw
    raise Unfit(f"{what}: expected {'bytes' if length is None else f'{length} bytes'} in base64")


def digest(value: object, what: str) -> bytes:
    """The 32 bytes of a hash in lower-case hex digits; raises Unfit."""
    if isinstance(value, str) and len(value) == 64:
        try:
            raw = bytes.fromhex(value)
        except ValueError:
            raw = b""
        if raw.hex() == value:  # no capitals, and no space between
            return raw
    raise Unfit(f"{what}: expected a hash of 64 lower-case hex digits")


def text(value: object, what: str, longest: int = 200) -> str:
    """A text that is not empty and not too long; raises Unfit."""
    if isinstance(value, str) and 0 < len(value) <= longest and value.isprintable():
        return value
    raise Unfit(f"{what}: expected a text of 1 to {longest} characters")


def number(value: object, what: str, least: int = 0) -> int:
    """A whole number that a table can hold; raises Unfit."""
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= LARGEST:
        return value
    raise Unfit(f"{what}: expected a whole number from {least}")


def epoch(value: object, what: str = "epoch") -> Epoch:
    """An epoch as it was said; raises Unfit."""
    if isinstance(value, str) and _EPOCH.fullmatch(value):
        return value
    if isinstance(value, int):
        return number(value, what)
    raise Unfit(f"{what}: expected a whole number or a short text")


def kept_epoch(said: Epoch) -> str:
    """An epoch as a table keeps it; ``said_epoch`` gives it back as it was said."""
    return compact(said)


def said_epoch(kept: str) -> Epoch:
    """An epoch as it was said, of what a table keeps."""
    found: Epoch = json.loads(kept)
    return found


def table(value: object, what: str) -> Mapping[str, Any]:
    """A JSON object; raises Unfit."""
    if isinstance(value, dict):
        return value
    raise Unfit(f"{what}: expected an object")


def rows(value: object, what: str, most: int) -> list[Any]:
    """A JSON array that is not too long; raises Unfit."""
    if isinstance(value, list) and len(value) <= most:
        return value
    raise Unfit(f"{what}: expected at most {most:,}")


def parent_of(value: object) -> bytes | None:
    """The hash of the row that an epoch goes on from: said alone or with where it stands; None where there is none."""
    if value is None:
        return None
    found = digest(value.get("hash") if isinstance(value, dict) else value, "parent")
    return found if any(found) else None


def skew_of(clock: object, now_ms: int) -> float:
    """By how many seconds a box's clock is ahead; ISO 8601, or seconds or milliseconds since 1970 UTC."""
    try:
        said = times.seconds(clock) if isinstance(clock, str | int | float) and not isinstance(clock, bool) else None
    except (ValueError, OverflowError):
        said = None
    if said is None:
        raise Unfit("clock: expected a time in ISO 8601")
    return round((said / 1000 if said > 1e11 else said) - now_ms / 1000, 3)


def names_of(value: object) -> dict[str, str]:
    """A name in every language of the console, of what a message says; empty where that is none."""
    said = value if isinstance(value, Mapping) else {}
    found = {
        language: text.strip()[:LONGEST_NAME]
        for language in LANGUAGES
        if isinstance(text := said.get(language), str) and text.strip()
    }
    return {language: found.get(language) or next(iter(found.values())) for language in LANGUAGES} if found else {}
