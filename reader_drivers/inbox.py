"""What has come from a broker and waits to be looked at: bounded in number and in bytes, the newest kept."""

from __future__ import annotations

import threading
from collections import deque
from typing import NamedTuple

MOST_MESSAGES = 20_000  # that wait: 1 s of the most a broker brings
MOST_BYTES = 32 * 1024 * 1024


class Message(NamedTuple):
    """One MQTT message; ``at`` is when it was received, seconds since 1970 UTC."""

    topic: str
    payload: bytes
    at: float
    retained: bool


class Inbox:
    """Messages between two threads, in order."""

    def __init__(self) -> None:
        self._messages: deque[Message] = deque()
        self._bytes = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._messages)

    def put_all(self, messages: list[Message]) -> int:
        """Adds some, in order; how many of the oldest had to go for them."""
        with self._lock:
            self._messages.extend(messages)
            self._bytes += sum([len(message.payload) for message in messages])
            gone = 0
            while len(self._messages) > MOST_MESSAGES or self._bytes > MOST_BYTES:
                self._bytes -= len(self._messages.popleft().payload)
                gone += 1
            return gone

    def take(self, most: int | None = None) -> list[Message]:
        """Takes the oldest, at most so many, or all."""
        with self._lock:
            count = len(self._messages) if most is None else min(most, len(self._messages))
            taken = [self._messages.popleft() for _ in range(count)]
            self._bytes -= sum(len(message.payload) for message in taken)
            return taken
