"""The hybrid logical clock: times that only grow within one origin and stay near the wall clock.

A stamp is ``milliseconds << 16 | counter`` (Kulkarni et al., Logical Physical Clocks, 2014); written as 16 hex digits.
"""

from __future__ import annotations

COUNTER_BITS = 16
AHEAD_MS = 300_000  # five minutes: a clock further ahead is wrong


class ClockAhead(ValueError):
    """A stamp is further ahead of our clock than a good clock may be; the text says by how much."""


class HybridClock:
    """Stamps what happens here; ``now`` is in seconds since 1970 UTC."""

    def __init__(self, last: int = 0) -> None:
        self.last = last

    def tick(self, now: float) -> int:
        """The next stamp; a clock that was far ahead once and is right again starts anew."""
        wall = int(now * 1000) << COUNTER_BITS
        if self.last >> COUNTER_BITS > int(now * 1000) + AHEAD_MS:
            self.last = wall
        else:
            self.last = max(wall, self.last + 1)
        return self.last

    def receive(self, stamp: int, now: float) -> int:
        """Takes note of another's stamp; raises ClockAhead where that is more than five minutes ahead of ours."""
        ahead = (stamp >> COUNTER_BITS) - int(now * 1000)
        if ahead > AHEAD_MS:
            raise ClockAhead(
                f"its clock is {ahead / 1000:.0f} s ahead of ours; at most {AHEAD_MS // 1000} s is accepted"
            )
        self.last = max(self.last, stamp)
        return self.tick(now)


def of(at: float) -> int:
    """The stamp of a moment, in seconds since 1970 UTC, alone."""
    return int(at * 1000) << COUNTER_BITS


def text(stamp: int) -> str:
    """A stamp as 16 hex digits: as a JSON number its last digits would be lost."""
    return f"{stamp:016x}"


def parse(hexadecimal: str) -> int:
    """The stamp that ``text`` wrote; raises ValueError."""
    if len(hexadecimal) != 16:
        raise ValueError(f"{hexadecimal!r} is no hybrid clock: expected 16 hex digits")
    return int(hexadecimal, 16)
