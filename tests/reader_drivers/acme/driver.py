"""Acme QX1, a UHF reader that does not exist: what a driver looks like, whole.

Source: QX1 Protocol, edition 3. The line is 38400 8N1. Every frame, both ways, is

    7E  length of the data  command  data  CRC (2, high byte first)

The CRC (CRC-16/MCRF4XX) runs over all bytes before it. A tag's data is RSSI (1, signed, dBm), antenna (1), EPC.
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from reader_drivers import driver
from reader_drivers.framing import MORE, Bad, Framer
from reader_drivers.rfid.checks import crc_chafon, in_dbm
from reader_drivers.rfid.conversation import Command, Conversation, Reply, printable
from reader_drivers.rfid.talking import TalkingDecoder, TalkingReader
from reader_drivers.sighting import Found, Ignored, Rejected, Sighting

HEAD, LENGTH, CMD, DATA = 0x7E, 1, 2, 3
AROUND = 5  # bytes of a frame beside its data
LONGEST = 64  # bytes of data
VERSION, POWER, START, STOP, TAG = 0x01, 0x02, 0x10, 0x11, 0x90
RSSI, ANTENNA, EPC = 0, 1, 2
SHORTEST_EPC = 4  # bytes; shorter is no identity
SILENT_AFTER = 3.0  # seconds; an empty field is silent, so the reader is asked whether it lives


def frame(command: int, data: bytes = b"") -> bytes:
    """A command frame."""
    body = bytes((HEAD, len(data), command)) + data
    return body + crc_chafon(body).to_bytes(2)


def measure(buffer: bytes, start: int) -> int | Bad:
    """Length of the good frame at ``start``."""
    if len(buffer) - start <= LENGTH:
        return MORE
    if buffer[start + LENGTH] > LONGEST:
        return Bad("length: more than any frame has")
    end = start + AROUND + buffer[start + LENGTH]
    if len(buffer) < end:
        return MORE
    if crc_chafon(buffer[start : end - 2]) != buffer[end - 2] << 8 | buffer[end - 1]:
        return Bad("CRC: not that of the frame", end - start)
    return end - start


class AcmeDecoder(TalkingDecoder):
    """Bytes of a QX1 in, sightings out."""

    def __init__(self, reader: str) -> None:
        super().__init__(reader, Framer(bytes((HEAD,)), measure))

    def _meaning(self, frame: bytes, at: float) -> list[Found]:
        command, data = frame[CMD], frame[DATA:-2]
        self._reply(command, 0, b"" if command == TAG else data)  # each frame: the conversation lives by them
        if command != TAG:
            return [Ignored(f"reply to {command:02X}")]
        if len(data) < EPC:
            return [Rejected(f"structure: {len(data)} bytes are no tag")]
        epc = data[EPC:]
        if len(epc) < SHORTEST_EPC:
            return [Ignored(f"a tag with an EPC of {len(epc)} bytes: too short to tell it from others")]
        rssi = in_dbm(int.from_bytes(data[RSSI:ANTENNA], signed=True))
        return [Sighting(self._reader, data[ANTENNA] or None, "epc:" + epc.hex().upper(), rssi, None, at)]


class AcmeConversation(Conversation):
    """Stops a reader, asks who it is, sets its power, starts it, and asks again when it is silent."""

    kind: ClassVar[str] = "an Acme QX1"
    closing: bytes = frame(STOP)
    closed_by: int | None = STOP

    def __init__(self, reader: str, now: float, power_dbm: int | None) -> None:
        steps = [
            Command(frame(STOP), STOP, "stop"),
            Command(frame(VERSION), VERSION, "tell its version", required=True),
        ]
        if power_dbm is not None:
            steps.append(Command(frame(POWER, bytes((power_dbm,))), POWER, f"use {power_dbm} dBm"))
        super().__init__(reader, [*steps, Command(frame(START), START, "start", required=True)], now)

    def _learn(self, reply: Reply, now: float) -> None:
        if reply.command == VERSION:
            self.firmware = printable(reply.data)

    def _upcoming(self, now: float) -> list[Command]:
        return [Command(frame(VERSION), VERSION, "answer", required=True)] if now >= self._upcoming_at() else []

    def _upcoming_at(self) -> float:
        return self._heard_at + SILENT_AFTER


class Acme(TalkingReader):
    """A QX1 on a serial port or behind a serial server."""

    class Settings(driver.Settings):
        """``[readers.settings]`` of a QX1."""

        baud: int = Field(default=38400, ge=9600, le=115200)
        """Bits per second."""
        power_dbm: int | None = Field(default=None, ge=0, le=30)
        """Output power; none: as the reader was left."""

    settings: ClassVar[type[driver.Settings]] = Settings

    @staticmethod
    def decoder(reader: str, settings: Acme.Settings) -> AcmeDecoder:
        """Bytes in, sightings of ``reader`` out."""
        return AcmeDecoder(reader)

    def _conversation(self, now: float) -> AcmeConversation:
        return AcmeConversation(self._reader, now, self._settings.power_dbm)
