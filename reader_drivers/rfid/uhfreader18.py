"""Chafon UHFReader18 and UHFReader288: CF-RU5102, RU5106, CF-MU801 to 904, UHFReader86, 288 and Ex10 readers.

Source: UHF RFID Reader Series User Manual V2.20 and UHFReader18 manual. The line is 57600 8N1, or RS-485, or TCP:

    to the reader    Len  Adr  Cmd  data             CRC low  CRC high
    from it          Len  Adr  Cmd  Status  data     CRC low  CRC high

Len counts the bytes after itself. The CRC runs over all before it (CRC-16/MCRF4XX); over a whole good frame it is 0.
Nothing marks a start: silence parts the frames, and after a fault every byte may be one. The two dialects tell tags
differently, and a good CRC does not tell them apart: whoever sets up the reader says its model.

    18     Num, then Num times: Len, EPC
    288    Ant, Num, then Num times: Len, EPC and perhaps TID, RSSI, and perhaps phase (4) and frequency (3)
"""

from __future__ import annotations

from typing import ClassVar, Literal, NamedTuple

from pydantic import Field, ValidationInfo, field_validator

from reader_drivers import driver
from reader_drivers.framing import MORE, NOISE, Bad, Framer
from reader_drivers.rfid.checks import crc_chafon
from reader_drivers.rfid.tags import SHORTEST_EPC, tag
from reader_drivers.rfid.talking import TalkingDecoder, TalkingReader
from reader_drivers.rfid.uhfreader18_conversation import (
    BANDS,
    INVENTORY,
    REAL_TIME,
    UNREADABLE,
    Uhfreader18Conversation,
)
from reader_drivers.sighting import Found, Ignored, Rejected

# --- the frame ------------------------------------------------------------------------------------------------------

SHORTEST = 4  # what Len is at least; only a command without data is so short
LENGTHS = bytes(range(SHORTEST, 256))
ADR, CMD, STATUS, DATA = 1, 2, 3, 4
BROADCAST = 0xFF  # only commands have this address
LAST_CMD = 0x9F  # beyond it there is only REAL_TIME
LAST_STATUS, FIRST_FAULT = 0x2F, 0xF8  # between them there is none

# --- tags -----------------------------------------------------------------------------------------------------------

WITH_TID, WITH_PHASE, LENGTH = 0x80, 0x40, 0x3F  # of a record's Len, dialect 288
TID = 12  # bytes, after the EPC
PHASE = 7  # bytes of phase and frequency, after the RSSI

# --- status ---------------------------------------------------------------------------------------------------------

TAGS = (0x01, 0x02, 0x03, 0x04)  # finished, out of time, more follow, buffer full
HEARTBEAT, NO_TAG = 0x28, 0xFB
STATUSES = {
    0x00: "done",
    0x05: "wrong password",
    0x26: "statistics of an inventory",
    0xF8: "antenna error",
    0xF9: "the command failed",
    0xFA: "a tag was there but spoke too weakly",
    NO_TAG: "no tag in the field",
    0xFC: "a tag answered with an error",
    0xFD: "wrong length of a command",
    0xFE: "illegal command",
    0xFF: "wrong parameter",
}


def measure(buffer: bytes, start: int) -> int | Bad:
    """Length of the good frame at ``start``: nothing but its CRC tells it from anything else."""
    there = len(buffer) - start
    if there > CMD and LAST_CMD < buffer[start + CMD] != REAL_TIME:
        return NOISE
    is_response = there > STATUS and buffer[start] > SHORTEST and buffer[start + ADR] != BROADCAST
    if is_response and LAST_STATUS < buffer[start + STATUS] < FIRST_FAULT:
        return NOISE
    end = start + 1 + buffer[start]
    if len(buffer) < end:
        return MORE
    if crc_chafon(buffer[start:end]):
        return Bad("CRC: no frame whose CRC is right starts here")
    return end - start


class Record(NamedTuple):
    """One tag as the reader tells it."""

    epc: bytes
    tid: bytes | None


def records_18(data: bytes) -> list[Record] | None:
    """The tags after a status, dialect 18; None where they do not use up the data exactly."""
    return _records(data[1:], data[0], extended=False)


def records_288(data: bytes) -> list[Record] | None:
    """The tags after a status and an antenna, dialect 288; None where they do not use up the data exactly."""
    return _records(data[1:], data[0], extended=True) if data else None


def _records(data: bytes, count: int, *, extended: bool) -> list[Record] | None:
    found = []
    place = 0
    for _ in range(count):
        if place >= len(data):
            return None
        flags = data[place] if extended else 0
        length = data[place] & LENGTH if extended else data[place]
        epc = data[place + 1 : place + 1 + length]
        place += 1 + length + (extended and 1) + (PHASE if flags & WITH_PHASE else 0)
        if length % 2:  # a tag's memory is in words
            return None
        tid = None
        if flags & WITH_TID:
            if length < TID:
                return None
            epc, tid = epc[:-TID], epc[-TID:]
        found.append(Record(epc, tid))
    return found if place == len(data) else None


class Uhfreader18Decoder(TalkingDecoder):
    """Bytes of a UHFReader18 or 288 in, sightings out."""

    def __init__(self, reader: str, settings: Uhfreader18.Settings) -> None:
        super().__init__(reader, Framer(LENGTHS, measure, marked=False))
        self._is_288 = settings.dialect == "288"
        self._numbered = settings.antenna_ports == 16
        self._address = settings.address
        self._tids_only = settings.id_holds == "tid"

    def _meaning(self, frame: bytes, at: float) -> list[Found]:
        if frame[ADR] == BROADCAST or frame[0] == SHORTEST:
            return [Ignored(f"a command to a reader, {frame[CMD]:02X}")]
        if self._address not in (BROADCAST, frame[ADR]):
            return [Ignored(f"a frame of another reader on this line, address {frame[ADR]}")]
        command, status, data = frame[CMD], frame[STATUS], frame[DATA:-2]
        if command == INVENTORY and status in TAGS:
            found = self._tags(data, at)
            self._reply(command, UNREADABLE if isinstance(found[0], Rejected) else status)
            return found
        self._reply(command, status, data)
        if command == REAL_TIME and status == 0:
            return self._real_time(data, at)
        if command == REAL_TIME and status == HEARTBEAT:
            return [Ignored("heartbeat: no tag for a while")]
        name = STATUSES.get(status, "a status that is not in the manual")
        return [Ignored(f"reply to {command:02X}: {name}" if status != NO_TAG else name)]

    def _tags(self, data: bytes, at: float) -> list[Found]:
        if not data:
            return [Ignored("no tag in the field")]
        if len(data) == 1 and data[0]:  # Q and session, where both directions were recorded: no count of tags ends so
            return [Ignored(f"a command to a reader, {INVENTORY:02X}")]
        other = records_288(data[1:])
        if self._is_288:
            records, antennas = other, self._antennas(data[0])
        else:
            records, antennas = records_18(data), [None]
            if other is not None and all(len(each.epc) >= SHORTEST_EPC for each in other):
                records = None  # it reads as 288 too, which 18 frames with more than empty EPCs never do
        if records is None:
            dialect = "288" if self._is_288 else "18"
            return [Rejected(f"structure: {len(data)} bytes are no tags of dialect {dialect}: is it the right one?")]
        if not records:
            return [Ignored("no tag in the field")]
        return [each for record in records for each in self._sightings(record, antennas, at)]

    def _real_time(self, data: bytes, at: float) -> list[Found]:
        records = _records(data[1:], 1, extended=True)
        if records is None:
            return [Rejected(f"structure: {len(data)} bytes are no tag of a reader in real-time mode")]
        return self._sightings(records[0], self._antennas(data[0]), at)

    def _sightings(self, record: Record, antennas: list[int | None], at: float) -> list[Found]:
        # The strength is a raw byte without a unit: larger is stronger, and it is not dBm.
        epc, tid = (b"", record.epc) if self._tids_only and record.tid is None else (record.epc, record.tid)
        return [tag(self._reader, each, epc, None, at, tid) for each in antennas]

    def _antennas(self, byte: int) -> list[int | None]:
        """Who heard it: a number on readers with 16 ports, on others a bit for each antenna."""
        if self._numbered:
            return [byte + 1]
        return [bit + 1 for bit in range(8) if byte >> bit & 1] or [None]


class Uhfreader18(TalkingReader):
    """A UHFReader18 or UHFReader288 on a serial port or in a network."""

    class Settings(driver.Settings):
        """``[readers.settings]`` of a UHFReader18 or 288."""

        dialect: Literal["18", "288"]
        """By the model: 18 for UHFReader18 and RU5102 class, 288 for UHFReader86, 288 and Ex10 class."""
        baud: int = Field(default=57600, ge=9600, le=115200)
        """Bits per second; a reader keeps what command 28 once set."""
        address: int = Field(default=BROADCAST, ge=0, le=BROADCAST)
        """Of the reader, where several share one line; 255 is whichever is there."""
        region: BANDS | None = None
        """Band to use; none: as the reader was left."""
        power_dbm: int | None = Field(default=None, ge=0, le=33)
        """Output power; most models take up to 30, those with an E710 33. None: as the reader was left."""
        mode: Literal["poll", "real-time"] = "poll"
        """Whether it is asked again and again, or sends on its own (dialect 288 only)."""
        poll_s: float = Field(default=0.05, ge=0, le=10)
        """Pause between the end of one inventory and the next."""
        antenna_ports: Literal[1, 4, 8, 16] = 4
        """How many the model has; those with 16 number the antenna, the others give a bit for each."""

        id_holds: Literal["epc", "tid"] = "epc"
        """Which of a tag's two numbers it sends: ``tid`` where its maker's tool has told it to report only that."""

        @field_validator("dialect", mode="before")
        @classmethod
        def _by_its_number(cls, dialect: object) -> object:
            return str(dialect) if type(dialect) is int else dialect

        @field_validator("mode")
        @classmethod
        def _known_to_the_dialect(cls, mode: str, info: ValidationInfo) -> str:
            if mode == "real-time" and info.data.get("dialect") == "18":
                raise ValueError("real-time is known of dialect 288 only")
            return mode

    settings: ClassVar[type[driver.Settings]] = Settings

    @staticmethod
    def decoder(reader: str, settings: Uhfreader18.Settings) -> Uhfreader18Decoder:
        """Bytes in, sightings of ``reader`` out."""
        return Uhfreader18Decoder(reader, settings)

    def _conversation(self, now: float) -> Uhfreader18Conversation:
        s: Uhfreader18.Settings = self._settings
        return Uhfreader18Conversation(
            self._reader, now, is_288=s.dialect == "288", address=s.address, region=s.region, power_dbm=s.power_dbm,
            real_time=s.mode == "real-time", poll_s=s.poll_s,
        )  # fmt: skip
