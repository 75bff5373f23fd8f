"""Others beside the gateway who hear what the readers hear: a recording, a walk test, an enrolment."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.operations.keeper import Keeper
from reader_drivers import Sighting

Hear = Callable[[Sighting], None]


class Listeners:
    """Lets others hear what the readers hear; while nobody does, a read costs nothing more."""

    def __init__(self, keepers: Sequence[Keeper], first: Hear) -> None:
        self._keepers = keepers
        self._first = first
        self._others: list[Hear] = []

    def lend(self, hear: Hear) -> None:
        """From now on ``hear`` hears every read, before the gateway does."""
        self._others.append(hear)
        self._set()

    def take_back(self, hear: Hear) -> None:
        """No longer."""
        self._others.remove(hear)
        self._set()

    def again(self) -> None:
        """There are other readers now: whoever hears, hears those too."""
        self._set()

    def _set(self) -> None:
        hearers = [*self._others, self._first]

        def see(sighting: Sighting) -> None:
            for hear in hearers:
                hear(sighting)

        for keeper in self._keepers:
            keeper.see = see if self._others else self._first
