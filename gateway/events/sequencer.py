"""Events leave in the order of their numbers, and none waits for what is still being written.

What happens by itself takes its place in the line as it gets its number. What a person records takes none until it is
written: whatever has left meanwhile has overtaken it, and then it leaves under a new number, behind that. A tablet
resumes from the last number it has, so the numbers of what leaves only ever grow.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from gateway.events.event import Event


@dataclass(slots=True)
class _Place:
    event: Event
    settled: bool = False


class Sequencer:
    """The line in which events leave; ``number`` gives the next number."""

    def __init__(self, out: Callable[[Event], None], number: Callable[[], int]) -> None:
        self._out = out
        self._number = number
        self._places: deque[_Place] = deque()
        self._by_number: dict[int, _Place] = {}
        self._last = 0
        self._flying: dict[int, bool] = {}  # what is being written, and whether it was overtaken

    @property
    def flying(self) -> Collection[int]:
        """The sequences of what is being written: the disk may have it already, and nobody was told."""
        return self._flying.keys()

    def begin(self, event: Event) -> None:
        """This event is being written, and may be overtaken."""
        self._flying[event.sequence] = False

    def drop(self, event: Event) -> None:
        """This event will never leave: what it told of was not committed."""
        self._flying.pop(event.sequence, None)

    def hold(self, event: Event) -> list[int]:
        """Takes a place for an event that has its number; the sequences of what it is the first to overtake."""
        return self._place(event)

    def settle(self, events: Sequence[Event]) -> tuple[list[tuple[int, int]], list[int]]:
        """Takes places for events that are written now: those that were overtaken, with their new numbers, and what
        these are the first to overtake."""
        moved, over = [], []
        for event in events:
            if self._flying.pop(event.sequence, False) or event.sequence <= self._last:
                event.told = self._number()
                moved.append((event.sequence, event.told))
            over += self._place(event)
        return moved, over

    def release(self, event: Event) -> None:
        """This event may leave."""
        self._by_number.pop(event.number).settled = True
        while self._places and self._places[0].settled:
            self._out(self._places.popleft().event)

    def _place(self, event: Event) -> list[int]:
        self._last = event.number
        self._by_number[event.number] = place = _Place(event)
        self._places.append(place)
        over = [each for each, overtaken in self._flying.items() if not overtaken and each < event.number]
        self._flying.update(dict.fromkeys(over, True))
        return over
