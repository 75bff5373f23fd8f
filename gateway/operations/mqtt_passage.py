"""MQTT packets on their way from a device to the broker: none has it keep something, or takes another's place."""

from __future__ import annotations

PUBLISH, RETAIN = 0x30, 0x01
WILL_RETAIN = 0x20
HAS_USER, HAS_WILL = 0x80, 0x04
LENGTH_DIGITS = 4
MQTT_5 = 5
LONGEST_ID = 65_535


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


def of_its_own(connect: bytes | bytearray) -> bytes:
    """A whole CONNECT whose client id is one of its user's: a broker ends whoever has the id of the next who comes.

    What names no user or no id, or is no CONNECT, goes on as it is: the broker says what it thinks of it.
    """
    said = bytes(connect)
    try:
        begins = next(2 + place for place, byte in enumerate(said[1:5]) if not byte & 0x80)
        at = begins + 2 + _two(said, begins)
        level, flags = said[at], said[at + 1]
        at = _properties(said, at + 4) if level == MQTT_5 else at + 4
        client, rest = _text(said, at)
        user_at = rest
        if flags & HAS_WILL:
            user_at = _properties(said, user_at) if level == MQTT_5 else user_at
            for _ in ("topic", "payload"):
                user_at = _text(said, user_at)[1]
        user = _text(said, user_at)[0] if flags & HAS_USER else b""
    except (IndexError, StopIteration):
        return said
    own = user + b"/" + client
    if not user or not client or len(own) > LONGEST_ID:
        return said
    body = said[begins:at] + len(own).to_bytes(2, "big") + own + said[rest:]
    return said[:1] + _length(len(body)) + body


def _two(said: bytes, at: int) -> int:
    if at + 2 > len(said):
        raise IndexError
    return int.from_bytes(said[at : at + 2], "big")


def _text(said: bytes, at: int) -> tuple[bytes, int]:
    """A text with its length before it, and where the next thing begins."""
    end = at + 2 + _two(said, at)
    if end > len(said):
        raise IndexError
    return said[at + 2 : end], end


def _properties(said: bytes, at: int) -> int:
    """Where what stands behind the properties begins."""
    length = place = 0
    while True:
        byte = said[at + place]
        length += (byte & 0x7F) << 7 * place
        place += 1
        if not byte & 0x80 or place == LENGTH_DIGITS:
            return at + place + length


def _length(left: int) -> bytes:
    digits = bytearray()
    while True:
        left, digit = divmod(left, 128)
        digits.append(digit | (0x80 if left else 0))
        if not left:
            return bytes(digits)
