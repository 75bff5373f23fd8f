"""MessagePack, as far as BLE gateways use it, within strict limits.

Source: the MessagePack specification. Maps with text keys, arrays, numbers, text and bytes; no extensions.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from math import isfinite
from typing import Any

DEEPEST = 8  # a gateway's message has 2
MOST_ITEMS = 4096  # in all maps and arrays together; a gateway sends some 200 advertisements a second

SCALARS = {
    0xCA: ">f", 0xCB: ">d", 0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q",
    0xD0: ">b", 0xD1: ">h", 0xD2: ">i", 0xD3: ">q",
}  # fmt: skip
CONSTANTS = {0xC0: None, 0xC2: False, 0xC3: True}
LENGTHS = {1: ">B", 2: ">H", 4: ">I"}
# First byte: bytes of the length that follows it, and what is that long.
SIZED = {
    0xC4: (1, "bytes"), 0xC5: (2, "bytes"), 0xC6: (4, "bytes"),
    0xD9: (1, "text"), 0xDA: (2, "text"), 0xDB: (4, "text"),
    0xDC: (2, "list"), 0xDD: (4, "list"), 0xDE: (2, "map"), 0xDF: (4, "map"),
}  # fmt: skip


def is_map(payload: bytes) -> bool:
    """Whether this begins as a map does, and as no text does."""
    return payload[:1] in (b"\xde", b"\xdf") or (payload[:1] != b"" and 0x80 <= payload[0] <= 0x8F)


def unpack(payload: bytes) -> Any:
    """The one value in ``payload``; ValueError says what is wrong with it."""
    reader = _Reader(payload)
    value = reader.value(0)
    if reader.at != len(payload):
        raise ValueError("MessagePack: more after the value")
    return value


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._items = 0
        self.at = 0

    def value(self, depth: int) -> Any:
        first = self._number(">B")
        if first <= 0x7F:
            return first
        if first >= 0xE0:
            return first - 256
        if first in CONSTANTS:
            return CONSTANTS[first]
        if first in SCALARS:
            return self._number(SCALARS[first])
        if first in SIZED:
            width, kind = SIZED[first]
            return self._sized(kind, self._number(LENGTHS[width]), depth)
        if first <= 0x8F:
            return self._sized("map", first & 0x0F, depth)
        if first <= 0x9F:
            return self._sized("list", first & 0x0F, depth)
        if first <= 0xBF:
            return self._sized("text", first & 0x1F, depth)
        raise ValueError("MessagePack: an extension")

    def _number(self, layout: str) -> Any:
        try:
            (value,) = struct.unpack_from(layout, self._data, self.at)
        except struct.error:
            raise ValueError("MessagePack: cut off") from None
        self.at += {"B": 1, "b": 1, "H": 2, "h": 2, "I": 4, "i": 4, "f": 4, "Q": 8, "q": 8, "d": 8}[layout[1]]
        if isinstance(value, float) and not isfinite(value):
            raise ValueError("MessagePack: no number")
        return value

    def _sized(self, kind: str, length: int, depth: int) -> Any:
        read: dict[str, Callable[[int, int], Any]] = {
            "bytes": self._bytes, "text": self._text, "list": self._list, "map": self._map
        }  # fmt: skip
        return read[kind](length, depth)

    def _bytes(self, length: int, depth: int) -> bytes:
        if self.at + length > len(self._data):
            raise ValueError("MessagePack: cut off")
        self.at += length
        return self._data[self.at - length : self.at]

    def _text(self, length: int, depth: int) -> str | bytes:
        data = self._bytes(length, depth)
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            return data  # writers of the old specification had no type for bytes

    def _list(self, length: int, depth: int) -> list[Any]:
        self._enter(length, depth)
        return [self.value(depth + 1) for _ in range(length)]

    def _map(self, length: int, depth: int) -> dict[str, Any]:
        self._enter(2 * length, depth)
        found: dict[str, Any] = {}
        for _ in range(length):
            key = self.value(depth + 1)
            if not isinstance(key, str):
                raise ValueError("MessagePack: a key that is no text")
            if key in found:
                raise ValueError("MessagePack: the same key twice")
            found[key] = self.value(depth + 1)
        return found

    def _enter(self, items: int, depth: int) -> None:
        self._items += items
        if depth >= DEEPEST or self._items > MOST_ITEMS:
            raise ValueError("MessagePack: nested too deeply, or too many items")
