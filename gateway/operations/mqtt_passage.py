"""MQTT packets on their way from a device to the broker, freed of the mark to be kept there."""

from __future__ import annotations

PUBLISH, RETAIN = 0x30, 0x01
WILL_RETAIN = 0x20
LENGTH_DIGITS = 4


class Malformed(Exception):
    """A packet gives its length as MQTT does not."""


class Passage:
    """The packets of one connection after its CONNECT, in whatever pieces they come."""

    def __init__(self) -> None:
        self._head = bytearray()  # of a packet whose length has not been told yet
        self._left = 0  # bytes of a packet that are still to come

    def of(self, data: bytes) -> bytes:
        """What may go on of these bytes and of what was held back before them; raises Malformed.

        A packet that is too long for the broker goes on: it refuses that itself, and says whose it is.
        """
        if self._left >= len(data):
            self._left -= len(data)
            return data
        out = bytearray(data[: self._left])
        at, self._left = self._left, 0
        while at < len(data):
            held = len(self._head)
            self._head += data[at : at + 1 + LENGTH_DIGITS - held]
            length = length_of(self._head)
            if length is None:
                raise Malformed
            if length == 0:
                break
            if self._head[0] & 0xF0 == PUBLISH:
                self._head[0] &= ~RETAIN
            # The head may hold bytes of the next packet, where this one is shorter than a head.
            mine = min(len(self._head), length)
            out += self._head[:mine]
            at += mine - held
            self._head.clear()
            rest = data[at : at + length - mine]
            out += rest
            at += len(rest)
            self._left = length - mine - len(rest)
        return bytes(out)


def length_of(said: bytes | bytearray) -> int | None:
    """How long the packet is that begins so, in bytes; 0: it cannot be told yet. None: its length is no MQTT."""
    length = 0
    for place, byte in enumerate(said[1 : 1 + LENGTH_DIGITS]):
        length += (byte & 0x7F) << 7 * place
        if not byte & 0x80:
            return 2 + place + length
    return None if len(said) > LENGTH_DIGITS else 0


def not_retained(connect: bytes | bytearray) -> bytes:
    """A whole CONNECT whose will is not kept by the broker once it was told."""
    changed = bytearray(connect)
    body = next((2 + place for place, byte in enumerate(connect[1:5]) if not byte & 0x80), len(connect))
    flags = body + 2 + int.from_bytes(connect[body : body + 2], "big") + 1
    if flags < len(changed):
        changed[flags] &= ~WILL_RETAIN
    return bytes(changed)
