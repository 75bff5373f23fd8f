"""What tablets say on the live socket: that a card was painted, and that a person touched the screen."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math

FARTHEST = 10**17  # no journal has so many events
BIGGEST_MESSAGE = 4096  # what a tablet sends us is an acknowledgement

MOST_A_SECOND = 500  # messages of one tablet: a full cabin is painted in a few; more of them wait, and it alone


class Pace:
    """How fast one tablet may speak; what comes faster waits in its own connection."""

    def __init__(self) -> None:
        self._since = float("-inf")
        self._count = 0

    async def turn(self) -> None:
        """Returns when the next message may be looked at."""
        now = asyncio.get_running_loop().time()
        if now - self._since >= 1.0:
            self._since, self._count = now, 0
        self._count += 1
        if self._count > MOST_A_SECOND:
            await asyncio.sleep(self._since + 1.0 - now)


def painted_in(text: str) -> tuple[int, float] | None:
    """The number of the event and the milliseconds to paint, of a tablet's receipt; None for anything else."""
    if len(text) > BIGGEST_MESSAGE:
        return None
    with contextlib.suppress(ValueError, RecursionError, OverflowError):
        said = json.loads(text)
        if isinstance(said, dict) and said.get("type") == "painted":
            sequence, ms = _number(said.get("sequence")), _number(said.get("ms"))
            if 0 <= ms < 60_000 and 0 <= sequence < FARTHEST:
                return int(sequence), ms
    return None


def touched_in(text: str) -> float | None:
    """How many seconds ago a person touched the screen, as it says; None for anything else."""
    if len(text) > BIGGEST_MESSAGE:
        return None
    with contextlib.suppress(ValueError, RecursionError, OverflowError):
        said = json.loads(text)
        if isinstance(said, dict) and said.get("type") == "touched" and _number(said.get("ago")) >= 0:
            return _number(said["ago"])
    return None


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
