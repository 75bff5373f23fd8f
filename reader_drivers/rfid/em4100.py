"""EM4100 and TK4100 fobs at 125 kHz: RDM630, RDM6300, EM-18, ID-12LA, 7941 and what is sold as them.

Source: the modules' data sheets. The reader sends, nothing is ever written to it: 9600 8N1, the same frame every 50 to
65 ms while a fob is held to it. A frame carries 5 bytes, the identity, and their XOR:

    stx14    02  10 hex digits  2 hex digits of XOR  03            RDM630, RDM6300
    crlf16   02  10 hex digits  2 hex digits of XOR  0D 0A 03      ID-12LA, ID-20LA
    raw13    02  10 hex digits  XOR as one byte      03            some RDM6300
    bare12       10 hex digits  2 hex digits of XOR                EM-18; silence is all that parts its frames
    bin10    02  0A  type  5 bytes  XOR of all bytes from 0A  03   7941; type 02 is EM4100

An 8-bit XOR lets 1 in 256 ghosts through, so bare12 is not looked for inside other bytes. A good frame that is not
all zero is a sighting at once: an enrolled fob counts on one read, and strangers end at the roster. Whoever shows
unknown tags waits for a second read.
"""

from __future__ import annotations

import re
from binascii import Error as NotHex
from binascii import unhexlify
from collections.abc import AsyncGenerator
from functools import reduce
from operator import xor
from typing import ClassVar, Literal

from pydantic import Field

from reader_drivers import driver
from reader_drivers.driver import Status
from reader_drivers.framing import MORE, NOISE, Bad, Framer, Measure
from reader_drivers.legibility import Legibility
from reader_drivers.serial_link import SerialLink
from reader_drivers.sighting import Found, Ignored, Rejected, Sighting
from reader_drivers.steady import steady

STX, ETX, CR = 0x02, 0x03, 0x0D
BIN10 = 0x0A  # second byte, where the others have a hex digit; it is also the length
EM4100_TYPE = 0x02
HEX_DIGITS = b"0123456789ABCDEFabcdef"
DIGITS = 10  # of the identity
BARE = 12
SILENCE = 0.02  # seconds between two frames of an EM-18; a byte takes 1 ms
STALLED_AFTER = 0.025  # and a frame repeats after 50 ms at the earliest

Framing = Literal["auto", "stx14", "crlf16", "raw13", "bare12", "bin10"]

_hex_then = re.compile(rb"[0-9A-Fa-f]{0,10}").match


def measure(buffer: bytes, start: int) -> int | Bad:
    """Length of the good frame at ``start``, in any framing that begins with 02."""
    there = len(buffer) - start
    if there < 2:
        return MORE
    if buffer[start + 1] == BIN10:
        return _measure_binary(buffer, start, there)
    digits = _hex_then(buffer, start + 1)
    count = len(digits.group()) if digits else 0
    if count < DIGITS:
        spans = LENGTHS["stx14"] if count else 0
        return MORE if there == count + 1 else Bad("digits: a byte that is no hex digit", spans)
    if there < 13:
        return MORE
    if buffer[start + 12] == ETX:
        return _checked(buffer, start, 13, buffer[start + 11])
    if there < 14:
        return MORE
    if buffer[start + 13] == ETX:
        return _checked(buffer, start, 14, _byte(buffer[start + 11 : start + 13]))
    if buffer[start + 13] != CR:
        return Bad("end: neither 03 nor 0D where a frame ends", 14)
    if there < 16:
        return MORE
    if buffer[start + 14 : start + 16] != b"\n\x03":
        return Bad("end: no 0A 03 after 0D", 16)
    return _checked(buffer, start, 16, _byte(buffer[start + 11 : start + 13]))


def _measure_binary(buffer: bytes, start: int, there: int) -> int | Bad:
    if there < 10:
        return MORE
    if buffer[start + 9] != ETX:
        return Bad("end: no 03 after 10 bytes", 10)
    check = reduce(xor, buffer[start + 1 : start + 8])
    if check != buffer[start + 8]:
        return Bad(f"checksum: {buffer[start + 8]:02X} where the XOR is {check:02X}", 10)
    return 10


def _checked(buffer: bytes, start: int, length: int, sent: int | None) -> int | Bad:
    check = reduce(xor, unhexlify(buffer[start + 1 : start + 11]))
    if sent is None:
        return Bad("digits: a checksum that is not hex", length)
    if check != sent:
        return Bad(f"checksum: {sent:02X} where the XOR is {check:02X}", length)
    return length


def _byte(digits: bytes) -> int | None:
    try:
        return unhexlify(digits)[0]
    except NotHex:
        return None


def measure_bare(buffer: bytes, start: int) -> int | Bad:
    """Length of the good bare12 frame at ``start``: only for a line that is known to carry no other.

    A bad one is passed over whole: every rotation of a frame that is repeated has a good XOR too, and is another fob's.
    """
    digits = buffer[start : start + BARE]
    strange = max((place for place, each in enumerate(digits, 1) if each not in HEX_DIGITS), default=0)
    if len(digits) < BARE:
        return Bad(NOISE.reason, skips=strange) if strange else MORE
    if _is_bare(digits):
        return BARE
    if strange and not _is_bare(buffer[start + BARE : start + 2 * BARE]):
        return Bad("digits: a byte that is no hex digit", BARE, strange)
    return Bad("checksum: the XOR of the 6 bytes is not 0", BARE, BARE)


def _is_bare(digits: bytes) -> bool:
    try:
        return len(digits) == BARE and reduce(xor, unhexlify(digits)) == 0
    except NotHex:
        return False


class BareFramer(Framer):
    """A framer for bare12, whose frames nothing marks: one that comes alone is a frame, whatever came before it."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(bytes(range(256)), measure_bare, marked=False)

    def feed(self, chunk: bytes) -> list[bytes | Rejected]:
        """The good frames that are whole after this chunk, and what was garbage between them, in order."""
        unfinished = self.idle() if self._held and _is_bare(chunk) else []
        return [*unfinished, *super().feed(chunk)]


LENGTHS = {"stx14": 14, "crlf16": 16, "raw13": 13, "bin10": 10}


def only(framing: str) -> Measure:
    """A measure that knows one framing of those that begin with 02."""
    length = LENGTHS[framing]

    def measure_only(buffer: bytes, start: int) -> int | Bad:
        verdict = measure(buffer, start)
        if isinstance(verdict, int) and verdict not in (MORE, length):
            return Bad(f"framing: a frame of {verdict} bytes where {framing} has {length}", verdict)
        return verdict

    return measure_only


class Em4100Decoder:
    """Bytes of an EM4100 reader in, sightings out."""

    def __init__(self, reader: str, framing: Framing) -> None:
        self._reader = reader
        if framing == "bare12":
            self._framer: Framer = BareFramer()
        else:
            self._framer = Framer(bytes((STX,)), measure if framing == "auto" else only(framing))
        self._finds_bare = framing == "auto"
        self._alone: bytearray | None = bytearray()  # None: more than one bare12 frame's bytes
        self._one_chunk = True
        self._fed_at = 0.0

    @property
    def holding(self) -> int:
        """Bytes that wait for more; 0 when silence would change nothing."""
        return self._framer.holding

    def feed(self, chunk: bytes, at: float) -> list[Found]:
        """What is complete after this chunk, which arrived at ``at``, seconds since 1970 UTC."""
        found: list[Found] = []
        if self._finds_bare:
            silent = at - self._fed_at >= SILENCE
            if silent or self._one_chunk:
                found += self._bare(self._fed_at)
            if silent or not self._framer.holding:
                self._alone = bytearray()
            self._gather(chunk)
        self._fed_at = at
        found += [self._meaning(each, at) for each in self._framer.feed(chunk)]
        return found

    def idle(self, at: float) -> list[Found]:
        """The line has been silent for 25 ms: 12 characters that stood alone were a frame, half a frame was none."""
        found: list[Found] = self._bare(at) if self._finds_bare else []
        self._alone = bytearray()
        return found + [self._meaning(each, at) for each in self._framer.idle()]

    def _gather(self, chunk: bytes) -> None:
        # What has come since a silence or a good frame, and only as much as tells 12 bytes from more.
        if self._alone is not None:
            self._one_chunk = not self._alone
            self._alone += chunk[: BARE + 1]
            if len(self._alone) > BARE:
                self._alone = None

    def _bare(self, at: float) -> list[Found]:
        alone = self._alone
        if alone is None or not _is_bare(bytes(alone)):
            return []
        self._alone = bytearray()
        self._framer.forget()
        return [self._sighting(bytes(alone[:DIGITS]), at)]

    def _meaning(self, frame: bytes | Rejected, at: float) -> Found:
        if isinstance(frame, Rejected):
            return frame
        if len(frame) == LENGTHS["bin10"]:
            if frame[2] != EM4100_TYPE:
                return Ignored(f"a card of type {frame[2]:02X}, which is no EM4100")
            return self._sighting(frame[3:8].hex().encode(), at)
        first = 0 if len(frame) == BARE else 1
        return self._sighting(frame[first : first + DIGITS], at)

    def _sighting(self, digits: bytes, at: float) -> Found:
        identity = digits.decode().upper()
        if identity == "0" * DIGITS:
            return Ignored("an all-zero identity: a ghost, not a fob")
        return Sighting(self._reader, None, "em:" + identity, None, None, at)


class Em4100:
    """A 125 kHz reader that streams what is held to it; it answers nothing, so that it is never known to be well."""

    class Settings(driver.Settings):
        """``[readers.settings]`` of an EM4100 reader."""

        baud: int = Field(default=9600, ge=1200, le=115200)
        """Bits per second."""
        framing: Framing = "auto"
        """How the reader frames what it sends; auto knows them all, but bare12 only between silences."""

    over: ClassVar[Literal["serial", "mqtt", "tcp"]] = "serial"
    settings: ClassVar[type[driver.Settings]] = Settings

    def __init__(self, reader: str, link: str, settings: Em4100.Settings) -> None:
        self.status = Status()
        self._reader = reader
        self._link = link
        self._settings = settings

    @staticmethod
    def decoder(reader: str, settings: Em4100.Settings) -> Em4100Decoder:
        """Bytes in, sightings of ``reader`` out."""
        return Em4100Decoder(reader, settings.framing)

    async def listen(self) -> AsyncGenerator[list[Sighting], None]:
        """Yields each read as a batch of its own; an empty first batch says that the port is open."""
        decoder = self.decoder(self._reader, self._settings)
        legibility = Legibility()
        async with SerialLink(self._link, self._settings.baud) as link:
            yield []
            while True:
                chunk = await link.read(STALLED_AFTER if decoder.holding else None)
                at = steady()
                self.status.bytes_in += len(chunk)
                frames = self.status.frames
                sightings = self.status.tally(decoder.feed(chunk, at) if chunk else decoder.idle(at), at)
                legibility.heard(len(chunk), self.status.frames - frames)
                self.status.quiet = legibility.complaint
                if sightings:
                    yield sightings
