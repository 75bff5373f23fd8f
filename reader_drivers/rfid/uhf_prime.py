"""Chafon "UHF Prime": CF591, CF600, CF661, CF691, H103 and gate readers whose frames start with CF.

Source: UHF Prime Reader User Manual V1.3. The line is 115200 8N1, or TCP; numbers are big-endian:

    to the reader    CF  Addr  Cmd (2)  Len  data             CRC (2)
    from it          CF  Addr  Cmd (2)  Len  Status  data     CRC (2)

Len counts status and data. The CRC (CRC-16/MCRF4XX, high byte first) runs from CF to the last of them. A tag's data is

    RSSI (2, signed)  antenna  channel  length of the EPC  EPC

The manual calls the RSSI dBm; what readers send makes sense only in tenths of a dBm (FD8A is -63.0).
"""

from __future__ import annotations

from struct import unpack_from
from typing import ClassVar, Literal

from pydantic import Field

from reader_drivers import driver
from reader_drivers.framing import MORE, NOISE, Bad, Framer
from reader_drivers.rfid.checks import crc_chafon
from reader_drivers.rfid.tags import tag
from reader_drivers.rfid.talking import TalkingDecoder, TalkingReader
from reader_drivers.rfid.uhf_prime_conversation import BANDS, HEAD, INVENTORY, NO_TAG, STATUSES, UhfPrimeConversation
from reader_drivers.sighting import Found, Ignored, Rejected

# --- the frame ------------------------------------------------------------------------------------------------------

ADDR, CMD, LEN, STATUS, DATA = 1, 2, 4, 5, 6
AROUND = 7  # bytes of a frame beside status and data
BROADCAST = 0xFF  # only commands have this address
LAST_CMD = 0x00FF

# --- a tag: RSSI (2), antenna, channel, length, EPC -----------------------------------------------------------------

EPC = 5
STRONGEST, WEAKEST = -20.0, -120.0  # dBm; beyond them it is no strength of a tag


def measure(buffer: bytes, start: int) -> int | Bad:
    """Length of the good frame at ``start``, by its own length and its CRC."""
    there = len(buffer) - start
    if there > CMD and buffer[start + CMD]:
        return NOISE  # no command is as high as 0100
    if there <= LEN:
        return MORE
    end = start + AROUND + buffer[start + LEN]
    if len(buffer) < end:
        return MORE
    sent = buffer[end - 2] << 8 | buffer[end - 1]
    crc = crc_chafon(buffer[start : end - 2])
    if crc != sent:
        return Bad(f"CRC: {sent:04X} where the frame gives {crc:04X}", end - start)
    return end - start


class UhfPrimeDecoder(TalkingDecoder):
    """Bytes of a UHF Prime reader in, sightings out."""

    def __init__(self, reader: str, *, tids_only: bool) -> None:
        super().__init__(reader, Framer(bytes((HEAD,)), measure))
        self._tids_only = tids_only

    def _meaning(self, frame: bytes, at: float) -> list[Found]:
        command = frame[CMD] << 8 | frame[CMD + 1]
        if frame[ADDR] == BROADCAST or not frame[LEN]:
            return [Ignored(f"a command to a reader, {command:04X}")]
        status, data = frame[STATUS], frame[DATA:-2]
        is_tag = command == INVENTORY and status == 0 and bool(data)
        self._reply(command, status, b"" if is_tag else data)
        if is_tag:
            return [self._tag(data, at)]
        if command == INVENTORY and status == NO_TAG:
            return [Ignored(STATUSES[NO_TAG])]
        return [Ignored(f"reply to {command:04X}: {STATUSES.get(status, 'a status that is not in the manual')}")]

    def _tag(self, data: bytes, at: float) -> Found:
        if len(data) < EPC or data[EPC - 1] != len(data) - EPC:
            return Rejected(f"structure: {len(data)} bytes are not a tag with the length that it says")
        tenths, antenna = unpack_from(">hB", data)
        rssi = tenths / 10
        strength = rssi if WEAKEST <= rssi <= STRONGEST else None
        epc, tid = (b"", data[EPC:]) if self._tids_only else (data[EPC:], None)
        return tag(self._reader, antenna, epc, strength, at, tid)


class UhfPrime(TalkingReader):
    """A UHF Prime reader on a serial port or in a network."""

    class Settings(driver.Settings):
        """``[readers.settings]`` of a UHF Prime reader."""

        baud: int = Field(default=115200, ge=9600, le=115200)
        """Bits per second."""
        region: BANDS | None = None
        """Band to use; none: as the reader was left."""
        power_dbm: int | None = Field(default=None, ge=0, le=30)
        """Output power; models for 26 dBm take more as 26. None: as the reader was left."""
        answer_mode: bool = True
        """Whether a reader that was left to send text on its own, or by a trigger, is set to answer."""
        id_holds: Literal["epc", "tid"] = "epc"
        """Which of a tag's two numbers it sends: ``tid`` where its maker's tool has told it to report only that."""

    settings: ClassVar[type[driver.Settings]] = Settings

    @staticmethod
    def decoder(reader: str, settings: UhfPrime.Settings) -> UhfPrimeDecoder:
        """Bytes in, sightings of ``reader`` out."""
        return UhfPrimeDecoder(reader, tids_only=settings.id_holds == "tid")

    def _conversation(self, now: float) -> UhfPrimeConversation:
        s: UhfPrime.Settings = self._settings
        return UhfPrimeConversation(self._reader, now, s.region, s.power_dbm, answer_mode=s.answer_mode)
