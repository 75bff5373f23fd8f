"""One command at a time to a serial reader, and what it means when none answers. Knows no port and no clock."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable
from math import inf
from typing import ClassVar, NamedTuple

from reader_drivers.driver import ReaderLost

log = logging.getLogger(__name__)

ANSWER = 0.5  # seconds; readers take 5 to 50 ms, and a first byte may be lost after sleep
TRIES, UNHEARD_TRIES = 3, 2
STALLED_AFTER = 0.1  # seconds; the longest frame takes 50 ms: the rest of an unfinished one will not come
LONGEST_WAIT = 60.0


class Command(NamedTuple):
    """One frame to send, and what is expected of the reader; times in seconds."""

    frame: bytes
    answer: int | None
    """Command code of the reply; None where there is none, and ``within`` is the pause before the next command."""
    purpose: str
    """What the reader does with it, as in "it does not …"."""
    required: bool = False
    """Whether a reader that does not answer this is lost."""
    tries: int = TRIES
    within: float = ANSWER
    after_silence: float = 0.0
    """It waits until the reader has been silent for so long, and at most three times as long."""


class Reply(NamedTuple):
    """What a good frame from the reader says to whoever talks to it."""

    command: int
    status: int = 0
    data: bytes = b""
    dialect: int = 0
    """First byte of the frame, of a protocol that has several dialects."""


class Conversation:
    """One outstanding command at a time; all times are seconds of one monotonic clock.

    A protocol derives its own: ``opening`` is said after every open, ``upcoming`` when nothing else is to be said.
    """

    kind: ClassVar[str] = "the reader that it is said to be"
    """For a person: "is it …?"."""
    advice: ClassVar[str] = ""
    """What else it may be when bytes come that are no frames."""
    closing: bytes = b""
    """What switches the field off."""
    closed_by: int | None = None
    """Command code of the reply to ``closing``; None where nothing answers."""

    def __init__(self, reader: str, opening: Iterable[Command], now: float) -> None:
        self._reader = reader
        self._queue = deque(opening)
        self._tries = 0
        self._turn_at = now  # when the first of the queue became the first
        self._ask_at = now
        self._heard_at = now
        self.answered = False
        """Whether any good frame has come since the port was opened."""
        self.firmware: str | None = None
        self.quiet: str | None = None
        """Why the reader is open and yet deaf; None while all is well."""

    def heard(self, now: float) -> None:
        """A good frame came: the reader lives."""
        self._heard_at = now
        if not self.answered:
            self.answered = True
            self._tries = min(self._tries, 1)

    def replied(self, reply: Reply, now: float) -> None:
        """A frame came; one that answers nothing we asked may still be news."""
        command = self._queue[0] if self._queue and self._tries else None
        if command is None or not self._answers(command, reply):
            self._unasked(reply, now)
            return
        refusal = self._refusal(reply)
        self._next(now)
        if refusal is not None:
            log.warning("%s: will not %s (%s)", self._reader, command.purpose, refusal)
        else:
            self._learn(reply, now)

    def due(self, now: float) -> list[bytes]:
        """The frames to send now; raises ReaderLost when there is nothing left to try."""
        frames: list[bytes] = []
        while True:
            if not self._queue:
                self._ask(self._upcoming(now), now)
            if not self._queue or now < self._sends_at():
                return frames
            command = self._queue[0]
            if self._tries >= self._most_tries(command):
                self._give_up(command, now)
                continue
            self._tries += 1
            self._ask_at = now + command.within
            frames.append(self._said(command))
            if command.answer is None:
                self._next(now)
                self._ask_at = now + command.within

    def wait(self, now: float, *, holding: bool) -> float:
        """Seconds until something is due if nothing is heard; at least a millisecond."""
        until = min((self._sends_at() if self._queue else self._upcoming_at()) - now, LONGEST_WAIT)
        return max(0.001, min(until, STALLED_AFTER) if holding else until)

    # --- what a protocol may say otherwise --------------------------------------------------------------------------

    def _said(self, command: Command) -> bytes:
        """A command's frame, as this reader understands it."""
        return command.frame

    def _answers(self, command: Command, reply: Reply) -> bool:
        return reply.command == command.answer

    def _refusal(self, reply: Reply) -> str | None:
        """Why the reader will not do what was asked; None where it has done it."""
        return f"status {reply.status:02X}" if reply.status else None

    def _learn(self, reply: Reply, now: float) -> None:
        """An answer came to what was asked, and no refusal."""

    def _unasked(self, reply: Reply, now: float) -> None:
        """A frame came that answers nothing."""

    def _upcoming(self, now: float) -> list[Command]:
        """What is to be said now that the opening is over."""
        return []

    def _upcoming_at(self) -> float:
        """When there will be something to say."""
        return inf

    # --- for those that derive --------------------------------------------------------------------------------------

    def _ask(self, commands: Iterable[Command], now: float) -> None:
        """Puts commands before whatever else is to be said."""
        if commands := list(commands):
            self._queue.extendleft(reversed(commands))
            self._tries, self._turn_at, self._ask_at = 0, now, max(now, self._ask_at if self._tries == 0 else now)

    def _patience(self, now: float) -> None:
        """The reader is at work on what was asked: its time starts anew."""
        if self._queue and self._tries:
            self._ask_at = now + self._queue[0].within

    @property
    def _opened(self) -> bool:
        return not self._queue

    def _sends_at(self) -> float:
        silence = self._queue[0].after_silence
        if self._tries or not silence:
            return self._ask_at
        return max(self._ask_at, min(self._heard_at + silence, self._turn_at + 3 * silence))

    def _most_tries(self, command: Command) -> int:
        # One that has not answered yet may be none at all: what it can do without is not asked for long.
        return command.tries if self.answered or command.required else min(command.tries, UNHEARD_TRIES)

    def _give_up(self, command: Command, now: float) -> None:
        if not self.answered and (command.required or len(self._queue) == 1):
            raise ReaderLost(f"the reader does not answer: is it on, is it {self.kind}, is its baud rate right?")
        if command.required:
            raise ReaderLost("the reader stopped answering")
        if self.answered:
            log.warning("%s: does not %s", self._reader, command.purpose)
        self._next(now)

    def _next(self, now: float) -> None:
        self._queue.popleft()
        self._tries = 0
        self._turn_at = self._ask_at = now


def printable(text: bytes) -> str:
    """What a reader says of itself, without what could disturb a terminal."""
    words = text.split(b"\0")[0].decode("ascii", "replace")
    return "".join(each for each in words if each.isprintable()).strip()
