"""How what happened is told and written: what happens by itself is told first, what people do is written first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial

from gateway.events.catalogue import CATALOGUE
from gateway.events.event import Event, News
from gateway.events.sequencer import Sequencer
from gateway.records import told
from gateway.records.journal import Journal
from gateway.records.store import Store, Tx


class Telling:
    """The line in which events leave, and what is noted for the disk beside it."""

    def __init__(self, store: Store, journal: Journal, publish: Callable[[Event], None]) -> None:
        self._store = store
        self._journal = journal
        self._line = Sequencer(publish, journal.number)
        self._over: list[int] = []

    def take(self, news: News, actor: str, now: float) -> Event:
        """An event that is told without waiting for the disk: it has its place in the line."""
        event = self._journal.event(news, actor, now)
        self._over += self._line.hold(event)
        return event

    def release(self, event: Event) -> None:
        """This one may leave."""
        self._line.release(event)

    def at_once(self, events: Sequence[Event]) -> None:
        """Tells these now and writes them behind; they are noted before, so that a kill in between loses none."""
        if not events:
            return
        over, self._over = self._over, []
        written = self._journal.intents.add(events, over)
        try:
            for event in events:
                self._line.release(event)
        finally:
            self._store.post(partial(self._record, events, over), written)

    def _record(self, events: Sequence[Event], over: Collection[int], tx: Tx) -> None:
        self._journal.record(tx, events, unless_erased=True)
        told.overtaken(tx, over)

    def begin(self, news: Sequence[News], actor: str, now: float) -> list[Event]:
        """Events that are told once they are written: whatever leaves meanwhile overtakes them."""
        events = [self._journal.event(each, actor, now) for each in news]
        for event in events:
            self._line.begin(event)
        return events

    def drop(self, events: Sequence[Event]) -> None:
        """These could not be written, and never leave."""
        for event in events:
            self._line.drop(event)

    def written(self, events: Sequence[Event]) -> None:
        """These are on the disk: they take their places, under new numbers where they were overtaken."""
        moved, over = self._line.settle(events)
        if moved:
            self._store.post(partial(_moved, moved, over))

    def since(self, sequence: int, limit: int) -> list[Event] | None:
        """Every written event that was told after ``sequence``, in order; None where that is unknown or too far.

        Of what a newer program has written beside them nobody here knows what to tell.
        """
        events, flying = self._journal.since(sequence, limit), self._line.flying
        return None if events is None else [e for e in events if e.sequence not in flying and e.type in CATALOGUE]


def _moved(moved: Sequence[tuple[int, int]], over: Collection[int], tx: Tx) -> None:
    told.left(tx, moved)
    told.overtaken(tx, over)
