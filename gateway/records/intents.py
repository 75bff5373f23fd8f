"""What is told before the disk has it, in a file that outlives us: a kill loses none of it, and nobody is told twice.

The file has two halves. What is noted goes into one; once that is large, into the other. A half whose events are all
written is overwritten with zeros, so that nothing stays there longer than a change waits for the disk. Nothing is
synced: it is for the end of a process, not of the power. It stands in ``$RUNTIME_DIRECTORY`` (memory, of which no disk
can hold us up) where systemd gives one, else in the data folder.

    half   = record*, zeros
    record = length as u32 big-endian, nonce 12, AES-256-GCM(JSON of the events and of what they overtook)
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.events.event import Event
from gateway.records.compact import compact
from gateway.records.seal import Keyring
from gateway.records.sqlite_file import private_file

log = logging.getLogger(__name__)

INTENTS_FILE = "told"
HALF = 8 * 1024 * 1024  # bytes, some 3,000 alerts: what comes while a disk hangs for longer is in memory alone
TURN = 256 * 1024  # bytes after which the other half is used, if it is empty
FIELDS = [each.name for each in fields(Event)]
PURPOSE = b"what is told before it is written"


class Intent(NamedTuple):
    """Events that were about to be told, and the sequences of what they overtook."""

    events: list[Event]
    over: list[int]


@dataclass(slots=True)
class _Half:
    begins: int
    used: int = 0
    waiting: int = 0


class Intents:
    """The file of one gateway; ``add`` belongs to the loop, what it returns to the writer's thread."""

    def __init__(self, folder: Path, keyring: Keyring, *, lasting: bool = False) -> None:
        """With ``lasting`` nothing is ever cleared: what is written here is still to be written elsewhere."""
        self._lasting = lasting
        path = folder / INTENTS_FILE
        self._keys = keyring.keys_for(PURPOSE)
        self._cipher = AESGCM(self._keys[0])
        self._lock = threading.Lock()
        self._halves = [_Half(0), _Half(HALF)]
        self._into = self._halves[0]
        self._said = False
        self._file = -1
        with suppress(OSError):  # a disk that takes nothing: what comes is in memory alone
            private_file(path)
            self._file = os.open(path, os.O_RDWR | os.O_CLOEXEC)

    def left(self) -> list[Intent]:
        """What was noted and never cleared, in order; what was half noted was not told."""
        found = [intent for half in self._halves for intent in self._of(half)] if self._file >= 0 else []
        return sorted(found, key=lambda intent: intent.events[0].sequence)

    def clear(self) -> None:
        """Begins anew: what was ``left`` is written down."""
        if self._lasting or self._file < 0:
            return
        for half in self._halves:
            half.used = 0
        with suppress(OSError):
            os.ftruncate(self._file, 0)

    def add(self, events: Sequence[Event], over: Sequence[int]) -> Callable[[], None]:
        """Notes events that are about to be told; the answer is to be called once they are written or never will be."""
        text = compact([[[getattr(event, name) for name in FIELDS] for event in events], list(over)]).encode()
        nonce = os.urandom(12)
        body = nonce + self._cipher.encrypt(nonce, text, PURPOSE)
        with self._lock:
            half = self._half_for(len(body) + 4)
            if half is None or not self._put(half.begins + half.used, len(body).to_bytes(4, "big") + body):
                return _nothing
            half.used += len(body) + 4
            half.waiting += 1
        return lambda: self._written(half)

    def close(self) -> None:
        """Lets go of the file."""
        if self._file >= 0:
            os.close(self._file)
        self._file = -1

    def _half_for(self, size: int) -> _Half | None:
        other = self._halves[1 - self._halves.index(self._into)]
        if self._into.used >= TURN and not other.used:
            self._into = other
        return self._into if self._into.used + size <= HALF - 4 else None

    def _written(self, half: _Half) -> None:
        with self._lock:
            half.waiting -= 1
            if not half.waiting:
                self._wipe(half)

    def _wipe(self, half: _Half) -> None:
        if half.used and not self._lasting and self._put(half.begins, bytes(half.used)):
            half.used = 0

    def _put(self, at: int, raw: bytes) -> bool:
        if self._file < 0:
            return False
        try:
            return os.pwrite(self._file, raw, at) == len(raw)
        except OSError as error:
            if not self._said:
                log.warning("what is told before it is written is in memory alone: %s", error.strerror)
            self._said = True
            return False

    def _of(self, half: _Half) -> list[Intent]:
        found: list[Intent] = []
        at = half.begins
        while (length := int.from_bytes(os.pread(self._file, 4, at), "big")) and length <= HALF:
            intent = self._open(os.pread(self._file, length, at + 4))
            if intent is None:
                break
            found.append(intent)
            at += 4 + length
        half.used = at - half.begins
        return found

    def _open(self, body: bytes) -> Intent | None:
        for key in self._keys:
            with suppress(InvalidTag, ValueError):
                events, over = json.loads(AESGCM(key).decrypt(body[:12], body[12:], PURPOSE))
                return Intent([Event(*event) for event in events], over)
        return None


def _nothing() -> None:
    """Nothing was noted: there is nothing to clear."""
