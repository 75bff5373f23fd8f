"""M100, YRM100, R200: cheap UHF Gen2 modules that speak ``BB … 7E`` or ``AA … DD``.

Source: MagicRF M100/QM100 user manual and YRM100 quick guide; the R200 "user protocol" differs in the two outer bytes.
Numbers are big-endian. The check is the sum of the bytes from type to the last parameter, modulo 256; some manuals
print wrong sums: trust the sum. Inside a tag's parameters is the tag's own Gen2 CRC, which sees what a sum cannot.
"""

from __future__ import annotations

from binascii import crc_hqx
from struct import unpack_from
from typing import ClassVar, Literal

from pydantic import Field

from reader_drivers import driver
from reader_drivers.framing import MORE, Bad, Framer
from reader_drivers.rfid.checks import in_dbm
from reader_drivers.rfid.m100_conversation import END, FAULT, NO_TAG, M100Conversation
from reader_drivers.rfid.tags import tag
from reader_drivers.rfid.talking import TalkingDecoder, TalkingReader
from reader_drivers.sighting import Found, Ignored

# --- the frame: head, type, command, length of the parameters (2), parameters, sum, end -----------------------------

HEADS = bytes(END)  # END holds the end byte of each head: they belong together
TYPE, COMMAND_CODE = 1, 2
PARAMETERS = 5
AROUND = 7  # bytes of a frame beside its parameters
COMMAND, RESPONSE, NOTIFICATION = 0x00, 0x01, 0x02
LONGEST = {COMMAND: 128, RESPONSE: 128, NOTIFICATION: 72}  # parameters; beyond that it is no head we stand on

# --- a tag: RSSI, PC (2), EPC, CRC (2) ------------------------------------------------------------------------------

TAG_COMMANDS = (0x22, 0x27)  # one poll, continuous poll
PC = 1
EPC = 3
AROUND_EPC = 5  # bytes of the parameters beside the EPC

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


class M100Decoder(TalkingDecoder):
    """Bytes of an M100 in, sightings out."""

    def __init__(self, reader: str) -> None:
        super().__init__(reader, Framer(HEADS, measure))

    def _meaning(self, frame: bytes, at: float) -> list[Found]:
        kind, command, parameters = frame[TYPE], frame[COMMAND_CODE], frame[PARAMETERS:-2]
        if kind == COMMAND:
            return [Ignored(f"a command to a reader, {command:02X}")]
        if kind == NOTIFICATION and command in TAG_COMMANDS:
            self._reply(command, dialect=frame[0])
            return [self._tag(frame, at)]
        self._reply(command, data=parameters, dialect=frame[0])
        return [Ignored(_name(kind, command, parameters))]

    def _tag(self, frame: bytes, at: float) -> Found:
        epc = frame[PARAMETERS + EPC : -4]
        rssi = frame[PARAMETERS]
        return tag(self._reader, None, epc, in_dbm(rssi - 256 if rssi > 127 else rssi), at)


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


class M100(TalkingReader):
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

    settings: ClassVar[type[driver.Settings]] = Settings

    @staticmethod
    def decoder(reader: str, settings: M100.Settings) -> M100Decoder:
        """Bytes in, sightings of ``reader`` out."""
        return M100Decoder(reader)

    def _conversation(self, now: float) -> M100Conversation:
        s: M100.Settings = self._settings
        return M100Conversation(self._reader, now, s.dialect, s.region, s.power_dbm)
