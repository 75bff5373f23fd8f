"""What to say to a UHF Prime reader and when: start it, keep it going, notice that it is gone."""

from __future__ import annotations

import logging
from typing import ClassVar, Literal

from reader_drivers.rfid.checks import crc_chafon
from reader_drivers.rfid.conversation import Command, Conversation, Reply, printable

log = logging.getLogger(__name__)

HEAD, BROADCAST = 0xCF, 0xFF
INVENTORY, STOP, POWER, INFORMATION, SET_ALL, GET_ALL = 0x0001, 0x0002, 0x0053, 0x0070, 0x0071, 0x0072
FOR_EVER = bytes(5)  # by time, 0 seconds: until it is stopped

NO_TAG = 0x12
STATUSES = {
    0x00: "done",
    0x01: "wrong parameter",
    0x02: "the reader failed",
    NO_TAG: "no tag in the field, or the inventory is over",
    0x14: "a tag did not answer in time",
    0x15: "a tag could not be understood",
    0x16: "a tag refused the protocol",
    0x17: "wrong password",
    0xFF: "no more data",
}

# --- all parameters, as GET_ALL tells and SET_ALL takes them ---------------------------------------------------------

PARAMETERS = 25  # bytes
WORK_MODE, BAND = 2, slice(7, 15)
MODES = ("answer", "active", "trigger")

BANDS = Literal["us", "kr", "eu", "eu3", "cn-840", "cn-920"]
# Region, lowest channel in MHz and kHz, step in kHz, highest channel: with its own number, as readers tell it.
CHANNELS: dict[str, tuple[int, int, int, int, int]] = {
    "us": (1, 902, 750, 500, 49),
    "kr": (2, 917, 100, 200, 31),
    "eu": (3, 865, 100, 200, 14),
    "eu3": (6, 865, 700, 600, 3),
    "cn-840": (7, 840, 125, 250, 19),
    "cn-920": (8, 920, 125, 250, 19),
}

# --- device information: hardware (32), firmware (32), serial number (12), module … ----------------------------------

HARDWARE, FIRMWARE = slice(0, 32), slice(32, 64)

OVER_AFTER = 0.5  # seconds of silence after NO_TAG: the inventory was over, not one round of it
SILENT_AFTER = 3.0  # seconds; an empty field may be silent, so the reader is stopped, which it answers, and started


def frame(command: int, data: bytes = b"") -> bytes:
    """A command frame to whichever reader is there."""
    body = bytes((HEAD, BROADCAST, command >> 8, command & 0xFF, len(data))) + data
    return body + crc_chafon(body).to_bytes(2, "big")


def band(region: str) -> bytes:
    """The eight bytes that say which channels to use."""
    number, mhz, khz, step, last = CHANNELS[region]
    return bytes((number,)) + b"".join(each.to_bytes(2, "big") for each in (mhz, khz, step)) + bytes((last,))


STOPPING = Command(frame(STOP), STOP, "stop")
ASKING = Command(frame(INFORMATION), INFORMATION, "tell its model", required=True)
STARTING = Command(frame(INVENTORY, FOR_EVER), None, "start", within=0.0)  # answered by what it starts


class UhfPrimeConversation(Conversation):
    """Stops a reader, asks who it is, sets it up where it is otherwise, and starts it for ever."""

    kind: ClassVar[str] = "a UHF Prime reader"
    advice: ClassVar[str] = "Or does the reader send text? Set it to answer mode"
    closing: bytes = frame(STOP)
    closed_by: int | None = STOP

    def __init__(
        self, reader: str, now: float, region: str | None, power_dbm: int | None, *, answer_mode: bool
    ) -> None:
        self._region = region
        self._answer_mode = answer_mode
        self._over_at: float | None = None
        self._says_it_stops = False
        opening = [STOPPING, ASKING]
        if region is not None or answer_mode:
            opening.append(Command(frame(GET_ALL), GET_ALL, "tell its parameters"))
        if power_dbm is not None:
            opening.append(Command(frame(POWER, bytes((power_dbm, 0))), POWER, f"use {power_dbm} dBm"))
        super().__init__(reader, [*opening, STARTING], now)

    def _answers(self, command: Command, reply: Reply) -> bool:
        # The manual prints 0071 over the answer to 0072; readers were seen to send 0072.
        same = {command.answer, reply.command} == {GET_ALL, SET_ALL} and len(reply.data) == PARAMETERS
        return reply.command == command.answer or same

    def _refusal(self, reply: Reply) -> str | None:
        return STATUSES.get(reply.status, f"status {reply.status:02X}") if reply.status else None

    def _learn(self, reply: Reply, now: float) -> None:
        if reply.command == STOP:
            self._says_it_stops = True
        elif reply.command == INFORMATION:
            self.firmware = ", ".join(filter(None, (printable(reply.data[part]) for part in (HARDWARE, FIRMWARE))))
        elif reply.command in (GET_ALL, SET_ALL) and len(reply.data) == PARAMETERS:
            self._set_up(reply.data, now)

    def _set_up(self, stored: bytes, now: float) -> None:
        # Written only where it differs: the reader keeps it in flash, which wears.
        wanted = bytearray(stored)
        if self._answer_mode and stored[WORK_MODE]:
            mode = MODES[stored[WORK_MODE]] if stored[WORK_MODE] < len(MODES) else f"work mode {stored[WORK_MODE]}"
            log.warning("%s: it was left in %s mode, and is set to answer", self._reader, mode)
            wanted[WORK_MODE] = 0
        if self._region is not None:
            wanted[BAND] = band(self._region)
        if wanted != stored:
            purpose = "take its mode" if self._region is None else f"use region {self._region}"
            self._ask([Command(frame(SET_ALL, bytes(wanted)), SET_ALL, purpose)], now)

    def _unasked(self, reply: Reply, now: float) -> None:
        if reply.command != INVENTORY:
            return
        self.quiet = None
        if reply.status == NO_TAG:
            self._over_at = now
            return
        self._over_at = None
        if reply.status:
            self.quiet = f"the inventory fails: {STATUSES.get(reply.status, f'status {reply.status:02X}')}"

    def _upcoming(self, now: float) -> list[Command]:
        if now < self._upcoming_at():
            return []
        if self._over_at is not None:
            self._over_at = None
            return [STARTING]
        return [STOPPING._replace(required=True) if self._says_it_stops else ASKING, STARTING]

    def _upcoming_at(self) -> float:
        silent_at = self._heard_at + SILENT_AFTER
        return silent_at if self._over_at is None else min(silent_at, self._over_at + OVER_AFTER)
