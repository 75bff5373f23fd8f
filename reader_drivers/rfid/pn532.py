"""PN532 boards over a serial line (HSU): NFC fobs, stickers and cards, ISO 14443 A.

Source: NXP UM0701-02. The line is 115200 8N1; both mode switches of a board stand at HSU:

    00  00 FF  LEN  LCS  TFI  data  DCS  00               LEN + LCS = 0, TFI + data + DCS = 0, modulo 256
    00  00 FF  FF FF  LENM LENL  LCS  TFI  data  DCS  00  the same with 16 bits of length
    00  00 FF  00 FF  00                                  ACK
    00  00 FF  FF 00  00                                  NACK

The first and the last 00 are padding that may be missing. TFI is D4 towards the chip and D5 from it; LEN counts TFI and
data. A poll answers how many targets there are, and for each its number, ATQA (2), SAK, length of the UID, UID, and
where the SAK says so an ATS whose first byte is its length.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import ClassVar

from pydantic import Field

from reader_drivers import driver
from reader_drivers.framing import MORE, NOISE, Bad, Framer
from reader_drivers.rfid.pn532_conversation import ACK, ERROR, FIRMWARE, NACK, POLL, Pn532Conversation
from reader_drivers.rfid.talking import TalkingDecoder, TalkingReader
from reader_drivers.sighting import Found, Ignored, Rejected, Sighting

# --- the frame ------------------------------------------------------------------------------------------------------

PADDING, START = 0x00, 0xFF
START_CODE = b"\x00\xff"
TO_CHIP, FROM_CHIP, SYNTAX_ERROR = 0xD4, 0xD5, 0x7F  # TFI
TARGETS = bytes((FROM_CHIP, POLL))  # how the answer to a poll begins
SHORTEST_ANSWERS = {POLL: 1, FIRMWARE: 4}  # bytes after the code: how many targets; chip, version, revision, support
LONGEST = 265  # bytes of TFI and data, more than which no frame has

# --- a target: number, ATQA (2), SAK, length of the UID, UID, perhaps ATS ---------------------------------------------

SAK, UID_LENGTH, UID = 3, 4, 5
HAS_ATS = 0x20  # of SAK
UID_LENGTHS = (4, 7, 10)
RANDOM = 0x08  # first byte of a 4-byte UID that is made anew each time


ONLY_PADDING = "padding: no frame follows it at once"
_after_padding: Callable[[bytes, int], re.Match[bytes]] = re.compile(b"\x00*").match  # type: ignore[assignment]


def measure(buffer: bytes, start: int) -> int | Bad:
    """Length of the good frame at ``start``, with the padding before and behind it that is there."""
    begin = _after_padding(buffer, start).end()
    if begin - start > 2:
        return Bad(ONLY_PADDING, skips=begin - start - 2)  # more than a frame has: a line of zeros is not held
    if begin == len(buffer):
        return MORE
    if buffer[begin] != START:
        return NOISE
    end = _end(buffer, begin + 1, start)
    if isinstance(end, Bad) or end == MORE:
        return end
    # A padding 00 behind belongs to this frame, but for one that begins the next.
    if end < len(buffer) and buffer[end] == PADDING and buffer[end + 1 : end + 2] != bytes((START,)):
        end += 1
    return end - start


def _end(buffer: bytes, at: int, start: int) -> int | Bad:
    """Where the frame ends whose length stands at ``at``."""
    there = len(buffer) - at
    if there < 2:
        return MORE
    length, check = buffer[at], buffer[at + 1]
    if (length, check) in ((0x00, 0xFF), (0xFF, 0x00)):  # ACK and NACK
        return at + 2
    body = at + 2
    if (length, check) == (0xFF, 0xFF):
        if there < 5:
            return MORE
        length = buffer[at + 2] << 8 | buffer[at + 3]
        check = buffer[at + 4] + buffer[at + 3]
        body = at + 5
        if (buffer[at + 2] + check) & 0xFF:
            return NOISE
    elif (length + check) & 0xFF:
        return NOISE
    if not 1 <= length <= LONGEST:
        return Bad(f"length: {length} bytes, which no frame has", body - start)
    end = body + length + 1
    if len(buffer) < end:
        return MORE
    if sum(buffer[body:end]) & 0xFF:
        return Bad("checksum: the bytes and their check are not 0 together", end - start)
    if (
        buffer[body : body + 2] == TARGETS
        and buffer.find(START_CODE, body, end) > 0
        and _uids(buffer[body + 2 : end - 1]) is None
    ):
        # One check in 256 is good by chance: then the frame that begins in here is the one that was sent.
        return Bad("structure: no targets but the start of another frame", end - start)
    return end


class PaddedFramer(Framer):
    """A framer for frames with padding around them: alone it is no garbage, and among garbage no end of it."""

    __slots__ = ()

    def idle(self) -> list[bytes | Rejected]:
        """What a silence makes of the bytes held back."""
        if not self._held.strip(bytes((PADDING,))):
            self._dropped += len(self._held) if self._dropped else 0
            self._held = b""
        return super().idle()

    def _drop(self, count: int, bad: Bad, found: list[bytes | Rejected]) -> None:
        if self._dropped or bad.reason is not ONLY_PADDING:
            super()._drop(count, bad, found)


class Pn532Decoder(TalkingDecoder):
    """Bytes of a PN532 in, sightings out."""

    def __init__(self, reader: str) -> None:
        super().__init__(reader, PaddedFramer(bytes((PADDING,)), measure))

    def _meaning(self, frame: bytes, at: float) -> list[Found]:
        said = frame.lstrip(b"\x00")[1:]  # without padding and start
        if said[:2] == b"\x00\xff":
            self._reply(ACK)
            return [Ignored("ACK")]
        if said[:2] == b"\xff\x00":
            self._reply(NACK)
            return [Ignored("NACK")]
        is_extended = said[:2] == b"\xff\xff"
        length = said[2] << 8 | said[3] if is_extended else said[0]
        body = said[5 : 5 + length] if is_extended else said[2 : 2 + length]
        if body[0] == SYNTAX_ERROR:
            self._reply(ERROR)
            return [Ignored("the chip did not understand a command")]
        if length < 2:
            return [Rejected(f"structure: nothing but a TFI, {body[0]:02X}")]
        command, said_of_it = body[1], body[2:]
        if body[0] != FROM_CHIP:
            return [Ignored(f"a command to the chip, {command:02X}" if body[0] == TO_CHIP else f"TFI {body[0]:02X}")]
        if len(said_of_it) < SHORTEST_ANSWERS.get(command, 0):
            return [Rejected(f"structure: an answer to {command - 1:02X} of {len(said_of_it)} bytes, less than it has")]
        self._reply(command, 0, said_of_it)
        if command != POLL:
            return [Ignored(f"reply to {command - 1:02X}")]
        return self._targets(said_of_it, at)

    def _targets(self, data: bytes, at: float) -> list[Found]:
        uids = _uids(data)
        if uids is None:
            return [Rejected(f"structure: {len(data)} bytes are not the targets that they say")]
        if not uids:
            return [Ignored("no tag in the field")]
        return [self._sighting(each, at) for each in uids]

    def _sighting(self, uid: bytes, at: float) -> Found:
        if len(uid) == 4 and uid[0] == RANDOM:
            return Ignored("a random UID: a phone, or a card that shows another each time")
        return Sighting(self._reader, None, "nfc:" + uid.hex().upper(), None, None, at)


def _uids(data: bytes) -> list[bytes] | None:
    """The UID of each target; None where the targets do not use up the data exactly."""
    uids = []
    place = 1
    for _ in range(data[0] if data else 0):
        target = data[place:]
        if len(target) < UID or target[UID_LENGTH] not in UID_LENGTHS:
            return None
        size = UID + target[UID_LENGTH]
        uids.append(target[UID:size])
        if target[SAK] & HAS_ATS:
            size += target[size] if len(target) > size else 1
        place += size
    return uids if place == len(data) else None


class Pn532(TalkingReader):
    """A PN532 board on a serial port."""

    class Settings(driver.Settings):
        """``[readers.settings]`` of a PN532."""

        baud: int = Field(default=115200, ge=9600, le=1288000)
        """Bits per second; 115200 after each start of the chip."""
        poll_s: float = Field(default=0.1, ge=0, le=5)
        """Pause between the answer to one poll and the next; a poll of an empty field takes some 30 ms."""

    settings: ClassVar[type[driver.Settings]] = Settings

    @staticmethod
    def decoder(reader: str, settings: Pn532.Settings) -> Pn532Decoder:
        """Bytes in, sightings of ``reader`` out."""
        return Pn532Decoder(reader)

    def _conversation(self, now: float) -> Pn532Conversation:
        s: Pn532.Settings = self._settings
        return Pn532Conversation(self._reader, now, s.poll_s)
