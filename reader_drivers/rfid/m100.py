"""M100, YRM100, R200: cheap UHF Gen2 modules that speak ``BB … 7E`` or ``AA … DD``.

Source: MagicRF M100/QM100 user manual and YRM100 quick guide; the R200 "user protocol" differs in the two outer bytes.
Numbers are big-endian. The check is the sum of the bytes from type to the last parameter, modulo 256; some manuals
print wrong sums: trust the sum. Inside a tag's parameters is the tag's own Gen2 CRC, which sees what a sum cannot.
"""

from __future__ import annotations

import time
from binascii import crc_hqx
from collections.abc import AsyncGenerator
from contextlib import suppress
from struct import unpack_from
from typing import ClassVar, Literal, NamedTuple

from pydantic import Field

from reader_drivers import driver
from reader_drivers.driver import ReaderLost, Status
from reader_drivers.framing import MORE, Bad, Framer
from reader_drivers.legibility import Legibility
from reader_drivers.rfid.checks import in_dbm
from reader_drivers.rfid.m100_conversation import END, FAULT, NO_TAG, STALLED_AFTER, STOP, Conversation
from reader_drivers.serial_link import SerialLink
from reader_drivers.sighting import Found, Ignored, Rejected, Sighting

# --- the frame: head, type, command, length of the parameters (2), parameters, sum, end -----------------------------

HEADS = bytes(END)  # END holds the end byte of each head: they belong together
TYPE = 1
PARAMETERS = 5
AROUND = 7  # bytes of a frame beside its parameters
COMMAND, RESPONSE, NOTIFICATION = 0x00, 0x01, 0x02
LONGEST = {COMMAND: 128, RESPONSE: 128, NOTIFICATION: 72}  # parameters; beyond that it is no head we stand on

# --- a tag: RSSI, PC (2), EPC, CRC (2) ------------------------------------------------------------------------------

TAG_COMMANDS = (0x22, 0x27)  # one poll, continuous poll
PC = 1
EPC = 3
AROUND_EPC = 5  # bytes of the parameters beside the EPC
SHORTEST_EPC = 4  # bytes; shorter is no identity

# --- what is not a tag ----------------------------------------------------------------------------------------------

FAULTS = {
    0x09: "read failed",
    0x10: "write failed",
    0x12: "kill failed",
    0x13: "lock failed",
    NO_TAG: "no tag in the field",
    0x16: "wrong access password",
    0x17: "unknown command or parameter",
    0x20: "frequency hopping failed",
}
GEN2_FAULTS = {0xA0: "read", 0xB0: "write", 0xC0: "lock", 0xD0: "kill"}  # high half; the low half is the tag's own code
GEN2_CODES = {0x0: "other", 0x3: "memory overrun", 0x4: "memory locked", 0xB: "too little power", 0xF: "unspecific"}
REPLIES = {
    0x03: "identification",
    0x07: "region set",
    0x08: "region",
    0x11: "baud set",
    0x28: "stopped",
    0xAD: "hopping set",
    0xB6: "power set",
    0xB7: "power",
}


def measure(buffer: bytes, start: int) -> int | Bad:
    """Length of the good frame at ``start``: by its own length, never by its end byte, which stands in EPCs too."""
    if len(buffer) - start < PARAMETERS:
        return MORE
    kind: int
    kind, command, length = unpack_from(">BBH", buffer, start + TYPE)
    if length > LONGEST.get(kind, -1):
        return Bad("header: no such type, or a length that it cannot have")
    end: int = start + AROUND + length
    if len(buffer) < end:
        return MORE
    if buffer[end - 1] != END[buffer[start]]:
        return Bad(
            f"end: {buffer[end - 1]:02X} where {buffer[start]:02X} asks for {END[buffer[start]]:02X}", end - start
        )
    body = buffer[start + TYPE : end - 2]
    if sum(body) & 0xFF != buffer[end - 2]:
        return Bad(f"checksum: {buffer[end - 2]:02X} where the sum is {sum(body) & 0xFF:02X}", end - start)
    if kind == NOTIFICATION and command in TAG_COMMANDS:
        fault = _tag_fault(body[PARAMETERS - TYPE :])
        if fault:
            return Bad(fault, end - start)
    return end - start


def _tag_fault(tag: bytes) -> str | None:
    if len(tag) < AROUND_EPC:
        return f"tag: {len(tag)} bytes where RSSI, PC and CRC need {AROUND_EPC}"
    crc = crc_hqx(tag[PC:-2], 0xFFFF) ^ 0xFFFF  # CRC-16/GENIBUS over PC and EPC, as the tag sent them
    if crc != tag[-2] << 8 | tag[-1]:
        return f"tag CRC: {tag[-2:].hex().upper()} where PC and EPC give {crc:04X}"
    promised = (tag[PC] >> 3) * 2  # the PC's five highest bits count the EPC's 16-bit words
    if promised != len(tag) - AROUND_EPC:
        return f"tag: EPC of {len(tag) - AROUND_EPC} bytes where its PC says {promised}"
    return None


class Reply(NamedTuple):
    """What a good frame that is no tag says to whoever talks to the reader."""

    command: int
    parameters: bytes


class M100Decoder:
    """Bytes of an M100 in, sightings out; ``replies`` collects what answers our commands until someone takes it."""

    def __init__(self, reader: str) -> None:
        self._reader = reader
        self._framer = Framer(HEADS, measure)
        self.head: int | None = None
        """First byte of the last good frame that came from the reader: its dialect."""
        self.replies: list[Reply] = []

    @property
    def holding(self) -> int:
        """Bytes that wait for more; 0 when silence would change nothing."""
        return self._framer.holding

    def feed(self, chunk: bytes, at: float) -> list[Found]:
        """What is complete after this chunk, which arrived at ``at``, seconds since 1970 UTC."""
        return [self._meaning(each, at) for each in self._framer.feed(chunk)]

    def idle(self, at: float) -> list[Found]:
        """The line has been silent for 0.1 s: an unfinished frame will not be finished."""
        return [self._meaning(each, at) for each in self._framer.idle()]

    def take_replies(self) -> list[Reply]:
        """The replies since the last call, in order."""
        replies, self.replies = self.replies, []
        return replies

    def _meaning(self, frame: bytes | Rejected, at: float) -> Found:
        if isinstance(frame, Rejected):
            return frame
        kind, command = frame[1], frame[2]
        if kind == COMMAND:
            return Ignored(f"a command to a reader, {command:02X}")
        self.head = frame[0]
        if kind == NOTIFICATION and command in TAG_COMMANDS:
            return self._tag(frame, at)
        if len(self.replies) < 64:  # nobody takes them while a recording is decoded
            self.replies.append(Reply(command, frame[PARAMETERS:-2]))
        return Ignored(_name(kind, command, frame[PARAMETERS:-2]))

    def _tag(self, frame: bytes, at: float) -> Found:
        epc = frame[PARAMETERS + EPC : -4]
        if len(epc) < SHORTEST_EPC:
            return Ignored(f"a tag with an EPC of {len(epc)} bytes: too short to tell it from others")
        rssi = frame[PARAMETERS]
        strength = in_dbm(rssi - 256 if rssi > 127 else rssi)
        return Sighting(self._reader, None, "epc:" + epc.hex().upper(), strength, None, at)


def _name(kind: int, command: int, parameters: bytes) -> str:
    if kind == NOTIFICATION:
        return f"a notification, {command:02X}"
    if command != FAULT:
        return f"reply: {REPLIES.get(command, f'to command {command:02X}')}"
    code = parameters[0] if parameters else 0
    if code == NO_TAG:
        return FAULTS[NO_TAG]
    return f"reader error {code:02X}: {fault_in_words(code)}"


def fault_in_words(code: int) -> str:
    """What the first parameter of an error response means."""
    if code in FAULTS:
        return FAULTS[code]
    operation = GEN2_FAULTS.get(code & 0xF0)
    if operation is None:
        return "not in the manual"
    return f"{operation} refused by the tag: {GEN2_CODES.get(code & 0x0F, 'code not in the standard')}"


Region = Literal["cn-920", "us", "eu", "cn-840", "kr"]


class M100:
    """An M100, YRM100 or R200 on a serial port or behind a serial server."""

    class Settings(driver.Settings):
        """``[readers.settings]`` of an M100."""

        baud: int = Field(default=115200, ge=9600, le=921600)
        """Bits per second; a module keeps what command 11 once set."""
        dialect: Literal["auto", "BB", "AA"] = "auto"
        """First byte of frames to the reader; auto tries BB, then AA."""
        region: Region | None = None
        """Band to use; none: as the module was left."""
        power_dbm: float | None = Field(default=None, ge=0, le=33)
        """What is written to the power register; a 26 dBm board sends 6 dB more than it says. None: as it was left."""

    over: ClassVar[Literal["serial", "mqtt", "tcp"]] = "serial"
    settings: ClassVar[type[driver.Settings]] = Settings

    def __init__(self, reader: str, link: str, settings: M100.Settings) -> None:
        self.status = Status()
        self._reader = reader
        self._link = link
        self._settings = settings

    @staticmethod
    def decoder(reader: str, settings: M100.Settings) -> M100Decoder:
        """Bytes in, sightings of ``reader`` out."""
        return M100Decoder(reader)

    async def listen(self) -> AsyncGenerator[list[Sighting], None]:
        """Starts the reader and yields its tags in batches; an empty first batch says that it answered."""
        settings = self._settings
        decoder = self.decoder(self._reader, settings)
        talk = Conversation(settings.dialect, settings.region, settings.power_dbm, time.monotonic(), self._reader)
        legibility = Legibility()
        answered = False
        async with SerialLink(self._link, settings.baud) as link:
            try:
                while True:
                    for command in self._due(talk, legibility):
                        await link.write(command)
                    self.status.quiet = legibility.complaint or talk.quiet
                    frames = self.status.frames
                    chunk = await link.read(talk.wait(time.monotonic(), holding=bool(decoder.holding)))
                    batch = self._hear(chunk, time.monotonic() - link.heard_at, decoder, talk)
                    legibility.heard(len(chunk), self.status.frames - frames)
                    if batch or (talk.answered and not answered):
                        answered = True
                        yield batch
            finally:
                with suppress(ReaderLost):
                    await self._stop(link, decoder, talk)

    def _due(self, talk: Conversation, legibility: Legibility) -> list[bytes]:
        try:
            return talk.due(time.monotonic())
        except ReaderLost as lost:
            raise legibility.explain(lost) from None

    def _hear(self, chunk: bytes, silence: float, decoder: M100Decoder, talk: Conversation) -> list[Sighting]:
        at = time.time()
        if not chunk and silence < STALLED_AFTER:
            return []
        found = decoder.feed(chunk, at) if chunk else decoder.idle(at)
        self.status.bytes_in += len(chunk)
        before = self.status.frames
        sightings = self.status.tally(found, at)
        if self.status.frames > before and decoder.head is not None:
            talk.heard(decoder.head, time.monotonic())
            for reply in decoder.take_replies():
                talk.replied(reply.command, reply.parameters, time.monotonic())
            self.status.firmware = talk.firmware or self.status.firmware
        return sightings

    async def _stop(self, link: SerialLink, decoder: M100Decoder, talk: Conversation) -> None:
        # The reader's field must not stay on; tags heard now belong to nobody any more.
        await link.write(talk.stop())
        give_up = time.monotonic() + 0.3
        while (left := give_up - time.monotonic()) > 0:
            decoder.feed(await link.read(left), time.time())
            if any(reply.command == STOP for reply in decoder.take_replies()):
                return
