"""What to say to a UHFReader18 or 288 and when: poll it or let it send, notice that it is gone."""

from __future__ import annotations

import logging
from typing import ClassVar, Literal

from reader_drivers.rfid.checks import crc_chafon
from reader_drivers.rfid.conversation import Command, Conversation, Reply

log = logging.getLogger(__name__)

INVENTORY, INFORMATION, REGION, SCAN_TIME, POWER = 0x01, 0x21, 0x22, 0x25, 0x2F
PARAMETERS, MODE, GET_MODE, HEARTBEAT_TIME, STOP, REAL_TIME = 0x75, 0x76, 0x77, 0x78, 0x93, 0xEE

BANDS = Literal["cn-920", "us", "kr", "eu", "cn-840", "eu3", "us3"]
BAND_NUMBERS = {  # and the last channel
    "cn-920": (1, 19), "us": (2, 49), "kr": (3, 31), "eu": (4, 14), "cn-840": (8, 19), "eu3": (9, 3), "us3": (12, 52),
}  # fmt: skip
TYPES = {
    0x03: "RU5102",
    0x08: "RU5102",
    0x09: "UHFReader18",
    0x0C: "UHFReader288M",
    0x0F: "UHFReader86",
    0x10: "UHFReader86",
    0x16: "RRU9883M",
    0x20: "UHFReader288MP",
}

SHORTEST_SCAN = 3  # times 0.1 s: how long an inventory of an empty field takes
LONGEST_SCAN = 3.0  # seconds, as it comes from the maker
Q4, SMART_SESSION, S0 = 0x04, 0xFF, 0x00
EVERY_TAG_AGAIN = bytes((0, 0, 0, Q4, S0))  # Gen2, 10 ms pause, no filter, Q, session: a filter hides who stays
EVERY_30_S = 0x80 | 1  # bit 7: set it

MORE_FOLLOW, STATISTICS, HEARTBEAT = 0x03, 0x26, 0x28
WRONG_PASSWORD, ANTENNA_ERROR, FAILED, WRONG_LENGTH, ILLEGAL, WRONG_PARAMETER = 0x05, 0xF8, 0xF9, 0xFD, 0xFE, 0xFF
REFUSALS = {
    WRONG_PASSWORD: "it asks for a password",
    FAILED: "it failed",
    WRONG_LENGTH: "it finds its length wrong",
    ILLEGAL: "it does not know the command",
    WRONG_PARAMETER: "it does not accept the value",
}
UNREADABLE = 0x100  # no status of a reader: its tags are not told as the dialect has them
FAULTS = {
    UNREADABLE: "its tags are told otherwise: is the dialect right?",
    ANTENNA_ERROR: "antenna error: is the antenna connected?",
    FAILED: "every inventory fails (status F9)",
    ILLEGAL: "it does not know this inventory: is the dialect right?",
    WRONG_LENGTH: "it does not know this inventory: is the dialect right?",
    WRONG_PARAMETER: "it does not know this inventory: is the dialect right?",
}
IDLE, GOOD, DISCONNECTED = 0, 1, 2  # of an antenna, in a heartbeat
START = "send on its own"
PROBE_AFTER = 4.0  # seconds; a real-time reader without tags says nothing for 30 s, but answers to INFORMATION


def frame(address: int, command: int, data: bytes = b"") -> bytes:
    """A command frame."""
    body = bytes((4 + len(data), address, command)) + data
    return body + crc_chafon(body).to_bytes(2, "little")


def band(region: str) -> bytes:
    """MaxFre and MinFre: the highest and lowest channel, and the band's number in the two highest bits of each."""
    number, last = BAND_NUMBERS[region]
    return bytes((number >> 2 << 6 | last, (number & 3) << 6))


class Uhfreader18Conversation(Conversation):
    """Polls a reader, or sets it to real-time mode and asks it for a sign of life when it says nothing."""

    kind: ClassVar[str] = "a UHFReader18 or 288"

    def __init__(
        self, reader: str, now: float, *, is_288: bool, address: int, region: str | None, power_dbm: int | None,
        real_time: bool, poll_s: float,
    ) -> None:  # fmt: skip
        self._address = address
        self._real_time = real_time
        self._poll_s = poll_s
        self._poll_at = now
        self._scan_s = LONGEST_SCAN
        self._deaf: tuple[int, ...] = ()
        data = bytes((Q4, SMART_SESSION)) if is_288 else b""
        self._poll = self._command(INVENTORY, data, "make an inventory", required=True, tries=2)
        super().__init__(reader, self._opening(is_288, region, power_dbm), now)
        if real_time:
            self.closing, self.closed_by = frame(address, MODE, b"\x00"), MODE

    def _opening(self, is_288: bool, region: str | None, power_dbm: int | None) -> list[Command]:
        steps = [self._command(INFORMATION, b"", "tell its model", required=True)]  # which all answer, in any mode
        if is_288:
            steps.insert(0, Command(frame(self._address, STOP), None, "stop", within=0.05))
            steps.append(self._command(GET_MODE, b"", "tell its mode"))
        if region is not None:
            steps.append(self._command(REGION, band(region), f"use region {region}"))
        if power_dbm is not None:
            steps.append(self._command(POWER, bytes((power_dbm,)), f"use {power_dbm} dBm"))
        if self._real_time:
            steps.append(self._command(PARAMETERS, EVERY_TAG_AGAIN, "tell every tag again and again"))
            steps.append(self._command(HEARTBEAT_TIME, bytes((EVERY_30_S,)), "send heartbeats"))
            steps.append(self._command(MODE, b"\x01", START, required=True))
        return steps

    def _command(self, command: int, data: bytes, purpose: str, *, required: bool = False, tries: int = 3) -> Command:
        return Command(frame(self._address, command, data), command, purpose, required, tries)

    def _answers(self, command: Command, reply: Reply) -> bool:
        return reply.command == command.answer or (reply.command == 0 and reply.status == ILLEGAL)

    def _refusal(self, reply: Reply) -> str | None:
        if reply.command == INVENTORY:
            return None
        refusal = REFUSALS.get(reply.status)
        if refusal and self._queue[0].purpose == START:
            self.quiet = f"{refusal} for real-time mode: is it a 288? Otherwise poll it"
        return refusal

    def replied(self, reply: Reply, now: float) -> None:
        """A frame came; an inventory's frame that is not its last leaves it under way."""
        if reply.command == INVENTORY and reply.status == MORE_FOLLOW:
            self._patience(now)
        elif (reply.command, reply.status) != (INVENTORY, STATISTICS):
            super().replied(reply, now)

    def _learn(self, reply: Reply, now: float) -> None:
        if reply.command == INVENTORY:
            self._poll_at = now + self._poll_s
            self.quiet = FAULTS.get(reply.status)
        elif reply.command == INFORMATION:
            self._know(reply.data, now)
        elif reply.command == SCAN_TIME:
            self._scan_s = SHORTEST_SCAN / 10
        elif reply.command == GET_MODE and reply.data[:1] not in (b"", b"\x00"):
            self._ask([self._command(MODE, b"\x00", "leave real-time mode")], now)

    def _know(self, data: bytes, now: float) -> None:
        if len(data) >= 3:
            major, minor, kind = data[:3]
            self.firmware = f"{TYPES.get(kind, f'reader type {kind:02X}')}, firmware {major}.{minor:02d}"
        scan = data[7] if len(data) > 7 else 0
        self._scan_s = scan / 10 or LONGEST_SCAN
        if not self._real_time and scan != SHORTEST_SCAN:
            # Left at its 2 or 3 s, an empty field is told so seldom that a lost reader is noticed too late.
            shorter = self._command(SCAN_TIME, bytes((SHORTEST_SCAN,)), "scan for 0.3 s at a time")
            if self._queue and self._queue[0].answer == GET_MODE:
                self._queue.insert(1, shorter)  # in real-time mode it would not answer that
            else:
                self._ask([shorter], now)

    def _unasked(self, reply: Reply, now: float) -> None:
        if reply.command != REAL_TIME:
            return
        if reply.status != HEARTBEAT:
            self.quiet = None
            return
        states = reply.data[4:-4]  # between the packet's number and the count of tags
        deaf = tuple(port for port, state in enumerate(states, 1) if state == DISCONNECTED)
        if deaf and deaf != self._deaf:
            log.warning("%s: antenna %s is not connected", self._reader, ", ".join(map(str, deaf)))
        self._deaf = deaf
        self.quiet = "no antenna is connected" if deaf and GOOD not in states else None

    def _upcoming(self, now: float) -> list[Command]:
        if now < self._upcoming_at():
            return []
        if self._real_time:
            return [self._command(INFORMATION, b"", "answer", required=True)]
        return [self._poll._replace(within=self._scan_s + 1.0)]

    def _upcoming_at(self) -> float:
        return self._heard_at + PROBE_AFTER if self._real_time else self._poll_at
