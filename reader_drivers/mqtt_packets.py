"""MQTT 3.1.1 packets cut out of what a broker sends, many at a time (OASIS MQTT 3.1.1, 2.2 and 3.3).

A sighting is a PUBLISH of QoS 0: type 3, flags DUP 0 and QoS 00, RETAIN in bit 0; a topic with its length before it,
and the payload up to the end. All other packets are rare, and are given out whole for somebody else to understand.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

PUBLISH_0 = 0x30  # type and flags of a PUBLISH of QoS 0
ANY_RETAIN = 0xFE  # all bits of the first byte but RETAIN
LONGEST_LENGTH = 4  # bytes of "remaining length", 7 bits each, the lowest first


class Publish(NamedTuple):
    """One message; ``retained``: the broker kept it and sends it because we subscribe."""

    topic: bytes
    payload: bytes
    retained: bool


class Malformed(Exception):
    """No MQTT: the connection is to be closed (4.8)."""


class Cutter:
    """Chunks in, whole packets out; for one connection. A message longer than ``largest`` bytes is only counted."""

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._held = b""
        self._skip = 0
        self.too_large = 0

    def feed(self, chunk: bytes) -> Iterator[list[Publish] | bytes]:
        """What is complete after this chunk, in order: runs of messages, and other packets whole; raises Malformed."""
        if self._skip:
            chunk = self._skipped(chunk)
        data = self._held + chunk if self._held else chunk
        at, end, run = 0, len(data), list[Publish]()
        made = tuple.__new__  # what a NamedTuple's own constructor calls, in three times its time
        while end - at >= 2:
            first, length, begin = data[at], data[at + 1], at + 2
            if length > 127:
                long = _length(data, at + 1, end)
                if long is None:
                    break
                length, begin = long
            stop = begin + length
            plain = first & ANY_RETAIN == PUBLISH_0
            if length > self._largest:
                if not plain:
                    raise Malformed("a packet longer than any that is expected")
                self.too_large += 1
                self._skip = max(0, stop - end)
                at = min(stop, end)
                continue
            if stop > end:
                break
            if plain:
                cut = begin + 2 + (data[begin] << 8 | data[begin + 1]) if length >= 2 else stop + 1
                if cut > stop:
                    raise Malformed("a topic longer than its packet")
                run.append(made(Publish, (data[begin + 2 : cut], data[cut:stop], first & 1 == 1)))
            else:
                if run:
                    yield run
                    run = []
                yield data[at:stop]
            at = stop
        self._held = data[at:]
        if run:
            yield run

    def _skipped(self, chunk: bytes) -> bytes:
        """The chunk without what belongs to a packet that is too large."""
        skipped = min(self._skip, len(chunk))
        self._skip -= skipped
        return chunk[skipped:]


def _length(data: bytes, at: int, end: int) -> tuple[int, int] | None:
    """The remaining length that begins at ``at``, and where it ends; None while it is not all there (2.2.3)."""
    length = 0
    for number in range(LONGEST_LENGTH):
        if at + number >= end:
            return None
        byte = data[at + number]
        length |= (byte & 127) << 7 * number
        if byte < 128:
            return length, at + number + 1
    raise Malformed("a length of more than four bytes")
