"""The clock of the house: the wall clock's time of day on the steady clock's seconds.

Between two looks it runs steadily whatever becomes of the wall clock. A wall clock that was set is followed in one
step, with a word and with everything in memory and tables that still lasts; and for a while nobody takes its word for
what has run out.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from gateway.core.spans import span
from gateway.events.times import DAY, iso
from reader_drivers.steady import steady

LEAST = 2.0  # seconds; what a time server mends without a word is less
CLOSED_FOR = 3 * DAY  # so long a house may be closed and its box be off; a longer gap is told, and is doubted
AHEAD = 300.0  # seconds that the newest event may be ahead of us: tablets have clocks of their own
STEADY_FOR = 600.0  # seconds without a jump before anything is deleted
BELIEVED = 4.0  # seconds of a jump that each second of steady running vouches for


class Clock:
    """Times are seconds since 1970 UTC: ``steady`` ones, which only pass, and the ``house``'s, which people read.

    ``moved`` is what to add to a steady time for the house's. ``behind`` is by how much the time that is certain is
    before the house's: what a jump brought and steady running has not yet vouched for; negative after one back.
    """

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = steady) -> None:
        self._wall = wall
        self._steady = steady
        apart = wall() - steady()
        self.moved = apart if abs(apart) >= LEAST else 0.0
        self.behind = 0.0
        self.moves = 0  # since the start
        self.jumps = 0  # of more than AHEAD: after one, whoever vouched for the time does no longer
        self._set_at = self._looked_at = steady()
        self._told: str | None = None

    def steady(self) -> float:
        """The time that only passes."""
        return self._steady()

    def now(self) -> float:
        """The house's time."""
        return self._steady() + self.moved

    def certain(self, now: float) -> float:
        """The time at the house's ``now`` by which something may run out: never later, and after a jump earlier."""
        return now - max(0.0, self.behind)

    def shown(self, steady: float) -> float:
        """What the house's clock says of a steady time."""
        return steady + self.moved

    @property
    def to_certain(self) -> float:
        """What to add to a steady time to have the one by which something may run out."""
        return self.moved - max(0.0, self.behind)

    @property
    def trusted(self) -> bool:
        """Whether something may be deleted by this clock: it ran steadily, and nothing of a jump is in doubt."""
        return self.behind <= 0.0 and self._steady() - self._set_at >= STEADY_FOR

    def wake(self, newest: float | None, behind: float) -> float:
        """Begins where the records end: by how many seconds the wall clock disagrees with their newest event.

        ``behind`` is what was in doubt when they ended. 0 where it agrees; else it is to be taken as a jump.
        """
        self.behind = behind
        gap = 0.0 if newest is None else self.now() - newest
        return 0.0 if -AHEAD <= gap <= CLOSED_FOR else gap

    def jump(self) -> float:
        """By how many seconds the wall clock was set since we last followed it; 0: it was not."""
        passed = self._steady() - self._looked_at
        self._looked_at += passed
        vouched = BELIEVED * max(0.0, passed)
        self.behind = max(0.0, self.behind - vouched) if self.behind > 0 else min(0.0, self.behind + vouched)
        if self.why() is None:
            self._told = None
        by = self._wall() - self.now()
        return by if abs(by) >= LEAST else 0.0

    def follow(self, by: float, *, woke: bool = False) -> str:
        """Takes a jump; answers what to tell of it. ``woke``: it was while we were not running."""
        if not woke:
            self.moved += by
        self.behind += by
        self.moves += 1
        self.jumps += abs(by) > AHEAD
        self._set_at = self._steady()
        way = "forward" if by > 0 else "back"
        if woke:
            self._told = f"the clock is {span(by)} {'after' if by > 0 else 'before'} the newest event in the records"
        else:
            self._told = f"the clock was set {way} by {span(by)} at {iso(self.now())}"
        return self._told

    def confirmed(self) -> None:
        """Somebody who can tell said that the house's time is right: nothing of a jump is in doubt any more."""
        self.behind = 0.0

    def why(self) -> str | None:
        """What a person must know of the last jump while it is fresh or in doubt; None once the clock has run on."""
        left = max(self.behind / BELIEVED, STEADY_FOR - (self._steady() - self._set_at))
        if self._told is None or left <= 0:
            return None
        return f"{self._told}; nothing is deleted or runs out by it until it has run steadily for {span(left)} more"
