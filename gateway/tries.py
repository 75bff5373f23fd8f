"""Few tries at guessing, counted for whoever makes them: nobody waits for what another did."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

FIRST_WAIT = 1.0
LONGEST_WAIT = 300.0  # 1, 2, 4 … 300 s: ten tries in ten minutes
FORGIVEN_AFTER = 900.0
MOST = 10_000  # who tried wrongly and is remembered; the longest ago is forgotten first


class TooSoon(Exception):
    """Something wrong was tried just before; ``wait`` is how many seconds to let pass."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"wait {wait:.0f} s")
        self.wait = wait


@dataclass(slots=True)
class _Wrong:
    count: int
    at: float


class Tries:
    """Counts wrong tries by who made them at whom: each doubles the wait of just those."""

    def __init__(self) -> None:
        self._wrong: dict[str, _Wrong] = {}

    def may_try(self, who: str, now: float) -> None:
        """Raises TooSoon while one must wait; ``now`` is monotonic, in seconds."""
        wrong = self._wrong.get(who)
        if wrong is None:
            return
        if now - wrong.at > FORGIVEN_AFTER:
            del self._wrong[who]
            return
        wait = wrong.at + min(FIRST_WAIT * 2 ** (wrong.count - 1), LONGEST_WAIT) - now
        if wait > 0:
            raise TooSoon(wait)

    def wrong(self, who: str, now: float) -> None:
        """One more wrong try."""
        before = self._wrong.get(who)
        self._wrong.pop(who, None)
        self._wrong[who] = _Wrong((before.count if before else 0) + 1, now)
        if len(self._wrong) > MOST:
            del self._wrong[next(iter(self._wrong))]

    def count(self, who: str) -> int:
        """How many wrong tries in a row."""
        wrong = self._wrong.get(who)
        return wrong.count if wrong else 0

    def right(self, who: str) -> None:
        """The right one: all is forgiven."""
        self._wrong.pop(who, None)


class Few:
    """So many wrong tries of one within so many seconds, whatever at; then that one waits until the first is old."""

    def __init__(self, most: int, within: float) -> None:
        self._most = most
        self._within = within
        self._wrong: dict[str, deque[float]] = {}

    def may_try(self, who: str, now: float) -> None:
        """Raises TooSoon while one must wait; ``now`` is monotonic, in seconds."""
        tried = self._recent(who, now)
        if tried is not None and len(tried) >= self._most:
            raise TooSoon(tried[0] + self._within - now)

    def wrong(self, who: str, now: float) -> bool:
        """One more wrong try; whether from now on this one must wait."""
        tried = self._recent(who, now) or deque()
        self._wrong.pop(who, None)
        self._wrong[who] = tried
        tried.append(now)
        if len(self._wrong) > MOST:
            del self._wrong[next(iter(self._wrong))]
        return len(tried) >= self._most

    def _recent(self, who: str, now: float) -> deque[float] | None:
        tried = self._wrong.get(who)
        while tried and now - tried[0] >= self._within:
            tried.popleft()
        return tried

    def right(self, who: str) -> None:
        """The last try was not wrong after all."""
        tried = self._wrong.get(who)
        if tried:
            tried.pop()
