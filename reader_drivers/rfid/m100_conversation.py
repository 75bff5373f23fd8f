"""What to say to an M100 and when: start it, keep it going, notice that it is gone. Knows no port and no clock."""

from __future__ import annotations

import logging
from typing import NamedTuple

from reader_drivers.driver import ReaderLost

log = logging.getLogger(__name__)

END = {0xBB: 0x7E, 0xAA: 0xDD}  # last byte of a frame by its first
HEADS = {"auto": (0xBB, 0xAA), "BB": (0xBB,), "AA": (0xAA,)}

IDENTIFY, REGION, START, STOP, POWER = 0x03, 0x07, 0x27, 0x28, 0xB6
FAULT = 0xFF  # command of an error response; its first parameter says which
NO_TAG = 0x15  # an empty round: no fault, a heartbeat
HARDWARE, FIRMWARE, MAKER = b"\x00", b"\x01", b"\x02"
ROUNDS = b"\x22\xff\xff"  # 65535 rounds, the most there is; after that the reader falls silent
REGIONS = {"cn-920": 1, "us": 2, "eu": 3, "cn-840": 4, "kr": 6}

ANSWER = 0.5  # seconds a reader may take to answer; they take 5 ms, and a first byte may be lost after sleep
TRIES = 3
STALLED_AFTER = 0.1  # a frame takes 2 ms: the rest of an unfinished one will not come


# What a silence of so many seconds calls for. An empty round takes some 30 ms and is told, so the first is 30 of them.
LAPSED, STOPPED = 0, 1
SILENCES = ((1.0, START), (2.0, STOP), (2.3, START), (4.0, None))


class Step(NamedTuple):
    """One command, and what is said when the reader does not do it."""

    command: int
    parameters: bytes
    purpose: str


def frame(head: int, command: int, parameters: bytes) -> bytes:
    """A command frame in the dialect of ``head``."""
    body = bytes((0, command, *len(parameters).to_bytes(2, "big"))) + parameters
    return bytes((head,)) + body + bytes((sum(body) & 0xFF, END[head]))


def opening(region: str | None, power_dbm: float | None) -> list[Step]:
    """What is said after every open: a reader that slept or lost power has forgotten its region and power."""
    steps = [
        Step(STOP, b"", "stop"),
        Step(IDENTIFY, HARDWARE, "tell its model"),
        Step(IDENTIFY, FIRMWARE, "tell its firmware"),
        Step(IDENTIFY, MAKER, "tell its maker"),
    ]
    if region is not None:
        steps.append(Step(REGION, bytes((REGIONS[region],)), f"use region {region}"))
    if power_dbm is not None:
        steps.append(Step(POWER, round(power_dbm * 100).to_bytes(2, "big"), f"use {power_dbm} dBm"))
    return [*steps, Step(START, ROUNDS, "start")]


class Conversation:
    """One outstanding command at a time, each tried TRIES times; all times are seconds of one monotonic clock."""

    def __init__(self, dialect: str, region: str | None, power_dbm: float | None, now: float, reader: str) -> None:
        self._reader = reader
        self._heads = HEADS[dialect]
        self._head = self._heads[0]
        self._steps = opening(region, power_dbm)
        self._tries = 0
        self._ask_at = now
        self._heard_at = now
        self._silences = LAPSED
        self._start_now = False
        self._names: dict[bytes, str] = {}
        self.answered = False
        """Whether any good frame has come since the port was opened."""

    @property
    def firmware(self) -> str | None:
        """Model, firmware and maker as far as the reader told them."""
        return ", ".join(self._names[each] for each in sorted(self._names)) or None

    @property
    def quiet(self) -> str | None:
        """Why the reader is open and yet deaf; None while frames come."""
        return "no frame of any kind for 2 s: started again" if self._silences > STOPPED else None

    def heard(self, head: int, now: float) -> None:
        """A good frame came: the reader lives, and this is how it speaks."""
        self._heard_at = now
        self._silences = LAPSED
        if not self.answered:
            self.answered = True
            self._tries = min(self._tries, 1)
        if head != self._head and head in self._heads:
            self._head = head
            self._tries = 0
            self._ask_at = now

    def replied(self, command: int, parameters: bytes, now: float) -> None:
        """A response came; one that answers nothing we asked is passed over."""
        if not self._steps:
            self._start_now = self._start_now or command == STOP
            return
        step = self._steps[0]
        if command == FAULT and parameters[:1] != bytes((NO_TAG,)) and self._tries:
            log.warning("%s: will not %s (error %s)", self._reader, step.purpose, parameters[:1].hex().upper())
            self._next(now)
        elif command == step.command == IDENTIFY:
            if parameters[:1] == step.parameters:
                text = parameters[1:].decode("ascii", "replace")
                self._names[step.parameters] = "".join(each for each in text if each.isprintable()).strip()
                self._next(now)
        elif command == step.command:
            self._next(now)

    def due(self, now: float) -> list[bytes]:
        """The frames to send now; raises ReaderLost when there is nothing left to try."""
        if self._steps:
            return self._ask(now) if now >= self._ask_at else []
        if self._start_now:
            self._start_now = False
            return [frame(self._head, START, ROUNDS)]
        after, command = SILENCES[self._silences]
        if now - self._heard_at < after:
            return []
        if command is None:
            raise ReaderLost("the reader stopped answering")
        self._silences += 1
        return [frame(self._head, command, ROUNDS if command == START else b"")]

    def wait(self, now: float, *, holding: bool) -> float:
        """Seconds until something is due if nothing is heard; at least a millisecond."""
        if self._steps:
            until = self._ask_at - now
        else:
            until = 0.0 if self._start_now else self._heard_at + SILENCES[self._silences][0] - now
        return max(0.001, min(until, STALLED_AFTER) if holding else until)

    def stop(self) -> bytes:
        """The frame that switches the reader's field off."""
        return frame(self._head, STOP, b"")

    def _ask(self, now: float) -> list[bytes]:
        step = self._steps[0]
        if step.command == START:  # answered by what it starts, not by a reply
            self._steps.clear()
            self._heard_at = now
            return [frame(self._head, START, ROUNDS)]
        if self._tries >= (TRIES if self.answered else len(self._heads) * (1 if step.command == STOP else TRIES)):
            if not self.answered and step.command != STOP:  # some say nothing to that, and nothing to stop is no fault
                raise ReaderLost("the reader does not answer: is it on, is it an M100, is its baud rate right?")
            if step.command != STOP:
                log.warning("%s: does not %s", self._reader, step.purpose)
            self._next(now)
            return self._ask(now)
        if not self.answered:
            self._head = self._heads[self._tries % len(self._heads)]
        self._tries += 1
        self._ask_at = now + ANSWER
        return [frame(self._head, step.command, step.parameters)]

    def _next(self, now: float) -> None:
        self._steps.pop(0)
        self._tries = 0
        self._ask_at = now
