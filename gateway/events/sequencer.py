"""Events leave in the order of their numbers, each as soon as those before it are settled.

What presence brings is settled at once; what a person records is settled when it is committed. A tablet resumes from
the last number it has, so nothing may overtake: an arrival waits the few milliseconds that a commit before it takes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from gateway.events.event import Event


@dataclass(slots=True)
class _Place:
    event: Event
    settled: bool = False
    dropped: bool = False


class Sequencer:
    """Holds a place for every event from the moment it has a number until it may leave."""

    def __init__(self, out: Callable[[Event], None]) -> None:
        self._out = out
        self._places: deque[_Place] = deque()
        self._by_number: dict[int, _Place] = {}

    def hold(self, event: Event) -> None:
        """Takes a place; events take theirs in the order of their numbers."""
        place = _Place(event)
        self._places.append(place)
        self._by_number[event.sequence] = place

    def release(self, event: Event) -> None:
        """This event may leave."""
        self._settle(event, dropped=False)

    def drop(self, event: Event) -> None:
        """This event will never leave: what it told of was not committed."""
        self._settle(event, dropped=True)

    def _settle(self, event: Event, *, dropped: bool) -> None:
        place = self._by_number.pop(event.sequence)
        place.settled, place.dropped = True, dropped
        while self._places and self._places[0].settled:
            first = self._places.popleft()
            if not first.dropped:
                self._out(first.event)
