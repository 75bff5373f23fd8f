"""Chunks in, whole frames out; resynchronises; never raises on input."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from reader_drivers.sighting import Rejected

MORE = 0
"""What a measure answers while too few bytes are there to tell."""

LONGEST = 4096  # no frame of any serial reader comes near it: what is held for longer is not a frame


class Bad(NamedTuple):
    """No good frame starts here: ``reason`` is ``kind: details``.

    ``spans`` is how many bytes the bad frame laid claim to, so that what is found inside it is not told as a second
    fault; 0 where nothing looked like a frame at all. ``skips`` is how many of them surely begin no other.
    """

    reason: str
    spans: int = 0
    skips: int = 1


NOISE = Bad("noise: no frame starts here")

Measure = Callable[[bytes, int], int | Bad]
"""Length of the good frame that starts at this place of these bytes, MORE, or Bad; may look at every byte there is."""


class Framer:
    """Cuts a stream of bytes into good frames by a protocol's ``measure``, which is asked wherever a start byte stands.

    On a failed check it moves on by one byte and looks again, so that a good frame after, between or inside garbage is
    found. A run of garbage becomes one Rejected, told when the run ends: at the next frame, on silence, or when it is
    LONGEST bytes long. What waits for more is never longer than ``longest`` bytes. ``marked`` is whether a start byte
    tells a frame from noise: where nothing does, an unfinished frame among garbage is no fault of its own.
    """

    __slots__ = ("_blamed", "_dropped", "_held", "_longest", "_marked", "_measure", "_next_start", "_reason", "_starts")

    def __init__(self, starts: bytes, measure: Measure, longest: int = LONGEST, *, marked: bool = True) -> None:
        self._starts = starts
        self._next_start = re.compile(b"[" + re.escape(starts) + b"]").search
        self._measure = measure
        self._longest = longest
        self._marked = marked
        self._held = b""
        self._dropped = 0
        self._blamed = 0  # bytes ahead that belong to the bad frame of this run
        self._reason = ""

    @property
    def holding(self) -> int:
        """Bytes that wait for more, or that wait to be told as garbage; 0 when silence would change nothing."""
        return len(self._held) + self._dropped

    def feed(self, chunk: bytes) -> list[bytes | Rejected]:
        """The good frames that are whole after this chunk, and what was garbage between them, in order."""
        return self._scan(self._held + chunk if self._held else chunk, silent=False)

    def idle(self) -> list[bytes | Rejected]:
        """What a silence makes of the bytes held back: an unfinished frame is none; inside it a good one may be."""
        found = self._scan(self._held, silent=True)
        self._tell(found)
        return found

    def forget(self) -> None:
        """Drops what is held without a word: someone else knew what it was."""
        self._held = b""
        self._dropped = self._blamed = 0

    def _scan(self, buffer: bytes, *, silent: bool) -> list[bytes | Rejected]:
        found: list[bytes | Rejected] = []
        starts, measure = self._starts, self._measure
        position, size = 0, len(buffer)
        while position < size:
            verdict = measure(buffer, position) if buffer[position] in starts else NOISE
            if isinstance(verdict, int):
                if verdict:
                    if self._dropped:
                        self._tell(found)
                    end = position + verdict
                    found.append(buffer[position:end])
                    position = end
                    continue
                if not silent and size - position < self._longest:
                    break
                waiting = size - position
                verdict = Bad(f"cut short: {waiting} bytes, then silence", waiting if self._marked else 0)
            start = self._next_start(buffer, position + verdict.skips)
            following = start.start() if start else size
            self._drop(following - position, verdict, found)
            position = following
        self._held = buffer[position:]
        return found

    def _drop(self, count: int, bad: Bad, found: list[bytes | Rejected]) -> None:
        if self._dropped and bad.spans and not self._blamed:
            self._tell(found)
        if not self._dropped:
            self._reason = bad.reason
        if not self._blamed:
            self._blamed = bad.spans
        self._dropped += count
        self._blamed = max(0, self._blamed - count)
        if self._dropped >= LONGEST:
            self._tell(found)

    def _tell(self, found: list[bytes | Rejected]) -> None:
        if self._dropped:
            found.append(Rejected(f"{self._reason} ({self._dropped} bytes dropped)"))
        self._dropped = self._blamed = 0
