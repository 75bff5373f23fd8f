"""A tag that is fixed at a door and nobody's: while it is read, the door sees; its silence is told as blindness.

Its rhythm is learnt: how long at most it is silent while all is well, hour by hour, over a day. Who stands before it
for a while and goes on teaches that too, up to a minute.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence

from reader_drivers import Sighting

BLIND = "blind: the tag that is fixed here is not read any more"
NEVER = "blind: the tag that is fixed here was never read since the start"
BEYOND = 10.0  # seconds beyond its rhythm
LEARNS = 20  # reads from which a rhythm is one
UNTIL_LEARNT = 60.0  # seconds of silence that are no news before
LONGEST = 60.0  # seconds of silence that are ever taken for a rhythm
HOUR = 3600.0  # seconds
HOURS = 24


class Canary:
    """The fixed tag of one reader, and those of ``others`` that it may hear too; times are steady ones."""

    def __init__(self, tag: str | None, others: Collection[str], now: float) -> None:
        self._tag = tag
        self._fixed = frozenset({*others, *([tag] if tag else ())})
        self._began = self._hour_at = now
        self._heard_at: float | None = None
        self._reads = 0
        self._gaps: deque[float] = deque([0.0], HOURS)
        self._counts: deque[int] = deque([0], HOURS)

    def apart(self, batch: Sequence[Sighting]) -> Sequence[Sighting]:
        """What of a batch is no fixed tag; a fixed one is nobody's, whoever is enrolled with it."""
        if not self._fixed or all(each.identifier not in self._fixed for each in batch):
            return batch
        for each in batch:
            if each.identifier == self._tag:
                self._heard(each.at)
        return [each for each in batch if each.identifier not in self._fixed]

    def quiet(self, now: float) -> str | None:
        """Why this door is blind at ``now``; None while it sees, and where no tag is fixed."""
        if self._tag is None:
            return None
        if self._heard_at is None:
            return NEVER if now - self._began > UNTIL_LEARNT else None
        return BLIND if now - self._heard_at > self.limit else None

    def began(self, now: float) -> None:
        """The reader is there again: what was silent while it was away taught nothing."""
        self._began, self._heard_at = now, None

    @property
    def limit(self) -> float:
        """Seconds of silence from which the door is blind."""
        return UNTIL_LEARNT if self._reads < LEARNS else max(self._gaps) + BEYOND

    @property
    def reads_per_h(self) -> float | None:
        """Reads an hour, of the hours that are over, or as far as this one tells; None where no tag is fixed."""
        if self._tag is None:
            return None
        over = list(self._counts)[:-1]
        return float(sum(over) / len(over)) if over else float(self._counts[-1])

    def _heard(self, at: float) -> None:
        while at - self._hour_at >= HOUR:
            self._hour_at += HOUR
            self._gaps.append(0.0)
            self._counts.append(0)
        if self._heard_at is not None and 0.0 < (gap := at - self._heard_at) <= LONGEST:
            self._gaps[-1] = max(self._gaps[-1], gap)
        self._heard_at = at if self._heard_at is None else max(at, self._heard_at)
        self._reads += 1
        self._counts[-1] += 1
