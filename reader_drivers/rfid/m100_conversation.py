"""What to say to an M100 and when: find its dialect, start it, keep it going, notice that it is gone."""

from __future__ import annotations

from typing import ClassVar

from reader_drivers.driver import ReaderLost
from reader_drivers.rfid.conversation import TRIES, Command, Conversation, Reply, printable

END = {0xBB: 0x7E, 0xAA: 0xDD}  # last byte of a frame by its first
HEADS = {"auto": (0xBB, 0xAA), "BB": (0xBB,), "AA": (0xAA,)}

IDENTIFY, REGION, START, STOP, POWER = 0x03, 0x07, 0x27, 0x28, 0xB6
FAULT = 0xFF  # command of an error response; its first parameter says which
NO_TAG = 0x15  # an empty round: no fault, a heartbeat
HARDWARE, FIRMWARE, MAKER = b"\x00", b"\x01", b"\x02"
WHICH = slice(5, 6)  # of an IDENTIFY frame: what it asks for; the answer begins with it
ROUNDS = b"\x22\xff\xff"  # 65535 rounds, the most there is; after that the reader falls silent
REGIONS = {"cn-920": 1, "us": 2, "eu": 3, "cn-840": 4, "kr": 6}


def frame(head: int, command: int, parameters: bytes) -> bytes:
    """A command frame in the dialect of ``head``."""
    body = bytes((0, command, *len(parameters).to_bytes(2, "big"))) + parameters
    return bytes((head,)) + body + bytes((sum(body) & 0xFF, END[head]))


def in_dialect(head: int, said: bytes) -> bytes:
    """A frame as the dialect of ``head`` has it: only the two outer bytes differ."""
    return bytes((head,)) + said[1:-1] + bytes((END[head],))


def asked(command: int, parameters: bytes, purpose: str) -> Command:
    """A command that is answered; in the first dialect, until it is sent."""
    return Command(frame(0xBB, command, parameters), command, purpose)


STOPPING = asked(STOP, b"", "stop")
STARTING = Command(frame(0xBB, START, ROUNDS), None, "start", within=0.0)  # answered by what it starts

# What silence calls for: after so many seconds more without a frame, this. An empty round takes some 30 ms and is
# told, so the first second is 30 of them. A stop is answered at once, and then the start does not wait either.
SILENCES = ((1.0, STARTING), (1.0, STOPPING._replace(answer=None, within=0.0)), (0.3, STARTING), (1.7, None))
RESTARTED = 2  # silences, and the reader is called quiet


def opening(region: str | None, power_dbm: float | None) -> list[Command]:
    """What is said after every open: a reader that slept or lost power has forgotten its region and power."""
    steps = [
        STOPPING,
        asked(IDENTIFY, HARDWARE, "tell its model"),
        asked(IDENTIFY, FIRMWARE, "tell its firmware"),
        asked(IDENTIFY, MAKER, "tell its maker"),
    ]
    if region is not None:
        steps.append(asked(REGION, bytes((REGIONS[region],)), f"use region {region}"))
    if power_dbm is not None:
        steps.append(asked(POWER, round(power_dbm * 100).to_bytes(2, "big"), f"use {power_dbm} dBm"))
    return [*steps, STARTING]


class M100Conversation(Conversation):
    """Speaks each dialect in turn until one is answered, sets the reader up, and starts it as often as it lapses."""

    kind: ClassVar[str] = "an M100"
    closed_by: int | None = STOP

    def __init__(self, reader: str, now: float, dialect: str, region: str | None, power_dbm: float | None) -> None:
        self._heads = HEADS[dialect]
        self._names: dict[bytes, str] = {}
        self._silences = 0
        self._speak(self._heads[0])
        super().__init__(reader, opening(region, power_dbm), now)

    def heard(self, now: float) -> None:
        """A good frame came: the reader lives."""
        super().heard(now)
        self._silences, self.quiet = 0, None

    def replied(self, reply: Reply, now: float) -> None:
        """A frame came; the dialect that the reader speaks is the one to speak to it."""
        if reply.dialect != self._head and reply.dialect in self._heads:
            self._speak(reply.dialect)
            self._tries, self._ask_at = 0, now
        super().replied(reply, now)

    def _speak(self, head: int) -> None:
        self._head, self.closing = head, in_dialect(head, STOPPING.frame)

    def _said(self, command: Command) -> bytes:
        if not self.answered:
            self._speak(self._heads[(self._tries - 1) % len(self._heads)])
        return in_dialect(self._head, command.frame)

    def _most_tries(self, command: Command) -> int:
        return TRIES if self.answered else len(self._heads) * (1 if command is STOPPING else TRIES)

    def _give_up(self, command: Command, now: float) -> None:
        if command is STOPPING:  # some say nothing to that, and nothing to stop is no fault
            self._next(now)
        else:  # one that streams and answers nothing is heard all the same
            super()._give_up(command._replace(required=not self.answered), now)

    def _answers(self, command: Command, reply: Reply) -> bool:
        if reply.command == FAULT:
            return reply.data[:1] != bytes((NO_TAG,))
        is_other = command.answer == IDENTIFY and reply.data[:1] != command.frame[WHICH]
        return reply.command == command.answer and not is_other

    def _refusal(self, reply: Reply) -> str | None:
        return f"error {reply.data[:1].hex().upper()}" if reply.command == FAULT else None

    def _learn(self, reply: Reply, now: float) -> None:
        if reply.command == IDENTIFY:
            self._names[reply.data[:1]] = printable(reply.data[1:])
            self.firmware = ", ".join(self._names[each] for each in sorted(self._names))

    def _unasked(self, reply: Reply, now: float) -> None:
        if reply.command == STOP and self._opened:
            self._ask([STARTING], now)

    def _upcoming(self, now: float) -> list[Command]:
        if now < self._upcoming_at():
            return []
        _, command = SILENCES[self._silences]
        if command is None:
            raise ReaderLost("the reader stopped answering")
        self._silences += 1
        if self._silences >= RESTARTED:
            self.quiet = "no frame of any kind for 2 s: started again"
        return [command]

    def _upcoming_at(self) -> float:
        return max(self._heard_at, self._turn_at) + SILENCES[self._silences][0]
