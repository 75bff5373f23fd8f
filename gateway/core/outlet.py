"""Where events leave the gateway."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from gateway.events.event import Event

KEPT = 10_000  # events; whoever comes back with an older number is told from the journal


class Outlet:
    """Events leave in order; readers are heard before there is a door, so what leaves until then is kept for it."""

    def __init__(self, sequence: int) -> None:
        self.sequence = sequence
        """The number of the newest event that has left."""
        self._kept: deque[Event] = deque(maxlen=KEPT)
        self._to: Callable[[Event], None] = self._kept.append

    def publish(self, event: Event) -> None:
        """One event leaves."""
        self.sequence = event.number
        self._to(event)

    def open(self, to: Callable[[Event], None]) -> None:
        """Gives out what was kept; from now on events go straight ``to`` there."""
        while self._kept:
            to(self._kept.popleft())
        self._to = to
