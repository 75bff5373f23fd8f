"""Who was expected and did not come: said once, when the time is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gateway.core.state import Memory
from gateway.events.event import News
from gateway.events.times import iso
from gateway.recognition.expected import EARLY_S, ExpectedVisit
from gateway.records import visits
from gateway.records.connection import SealedDatabase

EVERY_S = 5.0  # seconds between two looks at the book


class Missing:
    """Looks at the book as time passes; of what was over before we began nothing is said: nobody was looking."""

    def __init__(self, memory: Memory, reader: SealedDatabase, taken: Callable[[str], bool]) -> None:
        self._memory = memory
        self._reader = reader
        self._taken = taken
        self._begun: float | None = None
        self._next = 0.0
        self._came: set[tuple[str, float]] = set()

    def pulse(self, now: float) -> list[News]:
        """Those whose time is over since it was asked last, and who were not here."""
        if self._begun is None:
            self._begun = now
        steady = self._memory.steady()
        if steady < self._next:
            return []
        self._next = steady + EVERY_S
        return list(self._due(self._begun, now))

    def _due(self, begun: float, now: float) -> Iterator[News]:
        book = self._memory.presence.beside.expected.all()
        self._came &= {(each.id, each.ends) for each in book}
        for each in book:
            key = each.id, each.ends
            if each.missed or not begun <= each.ends < now or key in self._came or self._unknown(each):
                continue
            if self._was_here(each):
                self._came.add(key)
            elif not self._taken(each.record) and not self._taken(each.customer):
                data = {
                    "id": each.id, "customer": each.record, "place": each.place, "begins": iso(each.begins),
                    "ends": iso(each.ends), "note": each.note,
                }  # fmt: skip
                yield News("expected.missed", each.record, data)

    def _unknown(self, visit: ExpectedVisit) -> bool:
        """Whether nobody could know that they came: nothing of theirs is recognised, or they are known no more."""
        memory = self._memory
        return memory.meet(visit.customer) is None or not memory.roster.admits(visit.customer)

    def _was_here(self, visit: ExpectedVisit) -> bool:
        memory = self._memory
        if memory.presence.where(visit.customer) is not None:
            return True
        records = memory.family.all_of(visit.customer)
        return visits.any_between(self._reader, records, visit.begins - EARLY_S, visit.ends)
