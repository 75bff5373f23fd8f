"""ThingMagic (JADAK) M6e, M6e Micro, M6e Nano and M7E modules, and Silion modules that speak as they do.

Source: Mercury API sources and the modules' design guides. The line is 115200 8N1; numbers are big-endian:

    to the module    FF  LEN  OP  data              CRC (2)
    from it          FF  LEN  OP  Status (2)  data  CRC (2)

LEN counts the data alone. The CRC runs from LEN to the last data byte. In continuous reading each tag is one record
whose fields are those that its metadata flags name, in the order of the flags:

    option (1)  search flags (2)  metadata flags (2)  kind (1: a tag)  fields …
    bits of what follows (2)  PC (2)  EPC  CRC (2)

A flag that is not known makes the rest unreadable. The tag's own Gen2 CRC covers PC and EPC.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from reader_drivers import driver
from reader_drivers.framing import MORE, NOISE, Bad, Framer
from reader_drivers.rfid.checks import crc_gen2, crc_thingmagic, in_dbm
from reader_drivers.rfid.tags import TID_BEGINS, tag
from reader_drivers.rfid.talking import TalkingDecoder, TalkingReader
from reader_drivers.rfid.thingmagic_conversation import (
    FAULTS,
    HEAD,
    KEEP_ALIVE,
    OK,
    READ_ONE,
    REGIONS_NAMED,
    STREAM,
    ThingmagicConversation,
    status_in_words,
)
from reader_drivers.sighting import Found, Ignored, Rejected

# --- the frame ------------------------------------------------------------------------------------------------------

LEN, OP, STATUS, DATA = 1, 2, 3, 5
AROUND, AROUND_COMMAND = 7, 5  # bytes of a response, of a command, beside its data
LONGEST = 248  # bytes of data; no frame has more than 255 altogether

# --- a record of the stream -----------------------------------------------------------------------------------------

FLAGS, KIND, FIELDS = 3, 5, 6
END, TAG, REPORT = 0, 1, 2  # kinds: of the search, a tag, the module's state
KINDS = {END: "a search is over", REPORT: "the module's state"}

RSSI, ANTENNA, EMBEDDED = 0x0002, 0x0004, 0x0080
WIDTHS = {  # bytes of each field; EMBEDDED says its own
    0x0001: 1,  # how often it was read
    RSSI: 1,  # signed, dBm
    ANTENNA: 1,  # sending and receiving port, four bits each; 0 is 16
    0x0008: 3,  # kHz
    0x0010: 4,  # ms since the command: the module's own clock, which nobody sets
    0x0020: 2,  # phase
    0x0040: 1,  # protocol
    EMBEDDED: 2,  # bits of data that was asked for with the tag
    0x0100: 1,  # GPIO
    0x0200: 1,  # Q
    0x0400: 1,  # link frequency
    0x0800: 1,  # target
}
KNOWN = sum(WIDTHS)

# --- a tag: PC (2), perhaps XPC (2 or 4), EPC, CRC (2) ----------------------------------------------------------------

HAS_XPC, HAS_SECOND_XPC = 0x0200, 0x8000  # of PC, of the first XPC word


def measure(buffer: bytes, start: int) -> int | Bad:
    """Length of the good frame at ``start``, by its own length and its CRC."""
    there = len(buffer) - start
    if there <= LEN:
        return MORE
    if buffer[start + LEN] > LONGEST:
        return NOISE
    end = start + AROUND_COMMAND + buffer[start + LEN]
    if _stands_alone(buffer, end) and _has_its_crc(buffer, start, end):
        return end - start  # a command, where both directions were recorded
    end += AROUND - AROUND_COMMAND
    if len(buffer) < end:
        return MORE
    sent = buffer[end - 2] << 8 | buffer[end - 1]
    crc = crc_thingmagic(buffer[start + LEN : end - 2])
    if crc != sent:
        return Bad(f"CRC: {sent:04X} where the frame gives {crc:04X}", end - start)
    return end - start


def _stands_alone(buffer: bytes, end: int) -> bool:
    """Whether bytes end here, or another frame begins: inside a response both are rare."""
    return len(buffer) == end or buffer[end : end + 1] == bytes((HEAD,))


def _has_its_crc(buffer: bytes, start: int, end: int) -> bool:
    return crc_thingmagic(buffer[start + LEN : end - 2]) == buffer[end - 2] << 8 | buffer[end - 1]


class BadRecord(Exception):
    """A record that cannot be; the text is ``kind: details``."""


class ThingmagicDecoder(TalkingDecoder):
    """Bytes of a ThingMagic module in, sightings out."""

    def __init__(self, reader: str) -> None:
        super().__init__(reader, Framer(bytes((HEAD,)), measure))

    def _meaning(self, frame: bytes, at: float) -> list[Found]:
        if len(frame) < AROUND + frame[LEN]:
            return [Ignored(f"a command to the module, {frame[OP]:02X}")]
        op, status, data = frame[OP], frame[STATUS] << 8 | frame[STATUS + 1], frame[DATA:-2]
        is_tag = status == OK and len(data) > KIND and op == STREAM
        self._reply(op, status, b"" if is_tag else data)
        if status == OK and op == READ_ONE and len(data) > 2:
            return [tag(self._reader, None, data[:-2], None, at)]
        if is_tag:
            return [self._record(data, at)]
        if status == KEEP_ALIVE:
            return [Ignored("no tag in the field")]
        if status in FAULTS:
            return [Ignored(f"module error {status:04X}: {FAULTS[status]}")]
        return [Ignored(f"reply to {op:02X}: {status_in_words(status)}")]

    def _record(self, data: bytes, at: float) -> Found:
        if data[KIND] != TAG:
            return Ignored(KINDS.get(data[KIND], f"a record of kind {data[KIND]:02X}"))
        try:
            fields, place = _fields(data)
            epc = _epc(data[place:])
        except BadRecord as bad:
            return Rejected(str(bad))
        ports = fields.get(ANTENNA)
        antenna = None if ports is None else (ports[0] >> 4 or 16)
        rssi = int.from_bytes(fields[RSSI], signed=True) if RSSI in fields else 0
        asked_for = fields.get(EMBEDDED, b"")
        tid = asked_for if asked_for.startswith(TID_BEGINS) else None
        return tag(self._reader, antenna, epc, in_dbm(rssi), at, tid)


def _fields(data: bytes) -> tuple[dict[int, bytes], int]:
    """The fields that the flags name, and where they end."""
    flags = data[FLAGS] << 8 | data[FLAGS + 1]
    if flags & ~KNOWN:
        raise BadRecord(f"record: flags {flags & ~KNOWN:04X} name fields that are not known")
    fields = {}
    place = FIELDS
    for flag, width in WIDTHS.items():
        if flags & flag:
            field = fields[flag] = data[place : place + width]
            place += width
            if flag == EMBEDDED:
                size = (int.from_bytes(field) + 7) // 8
                fields[flag] = data[place : place + size]
                place += size
    if place + 2 > len(data):
        raise BadRecord(f"record: {len(data)} bytes where its flags ask for {place + 2}")
    return fields, place


def _epc(said: bytes) -> bytes:
    """The EPC of a tag's own words: how many bits (2), PC (2), perhaps XPC, EPC, CRC (2)."""
    bits, words = said[0] << 8 | said[1], said[2:]
    if bits != 8 * len(words) or len(words) < 4:
        raise BadRecord(f"record: {len(words)} bytes of a tag where it says {bits} bits")
    if crc_gen2(words[:-2]) != words[-2] << 8 | words[-1]:
        raise BadRecord("tag CRC: not that of its PC and EPC")
    pc, extra = words[0] << 8 | words[1], 0
    if pc & HAS_XPC:
        extra = 4 if words[2] << 8 & HAS_SECOND_XPC else 2
    epc = words[2 + extra : -2]
    promised = (pc >> 11) * 2  # counts the XPC in some modules and not in others
    if len(words) < 4 + extra or promised not in (len(epc), len(epc) + extra):
        raise BadRecord(f"record: an EPC of {len(words) - 4} bytes where its PC says {promised}")
    return epc


class Thingmagic(TalkingReader):
    """A ThingMagic module on a serial port or behind a serial server."""

    class Settings(driver.Settings):
        """``[readers.settings]`` of a ThingMagic module."""

        baud: int = Field(default=115200, ge=9600, le=921600)
        """Bits per second; a module forgets any other than 115200 without power."""
        region: REGIONS_NAMED | None = None
        """Band to use; without one a module that lost its power reads nothing. None: as the module was left."""
        power_dbm: float | None = Field(default=None, ge=0, le=31.5)
        """Output power; a Nano takes up to 27. None: as the module was left."""
        antennas: list[Literal[1, 2, 3, 4]] = Field(default=[1], min_length=1)
        """Ports to read by, in turn."""

    settings: ClassVar[type[driver.Settings]] = Settings

    @staticmethod
    def decoder(reader: str, settings: Thingmagic.Settings) -> ThingmagicDecoder:
        """Bytes in, sightings of ``reader`` out."""
        return ThingmagicDecoder(reader)

    def _conversation(self, now: float) -> ThingmagicConversation:
        s: Thingmagic.Settings = self._settings
        return ThingmagicConversation(self._reader, now, s.region, s.power_dbm, tuple(s.antennas))
