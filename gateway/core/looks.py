"""Who looked at whom: a person who opens a customer, a search that shows people, a program that asks for names."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gateway.core.state import Memory
from gateway.events.event import News

if TYPE_CHECKING:
    from gateway.events.customers import Why

LISTED_AGAIN = 43_200.0  # seconds: a list that is open through a shift shows who is not here once
ONE_LOOK = 300.0  # seconds: a page that refreshes itself is one look
MOST_LOOKS = 10_000


class Looks:
    """Writes each look down once; ``note`` records what happened by itself."""

    def __init__(self, memory: Memory, venue: str, note: Callable[[Sequence[News]], None]) -> None:
        self._memory = memory
        self._venue = venue
        self._note = note
        self._looked: dict[tuple[str, str], float] = {}
        self._listed: dict[tuple[str, str], float] = {}

    def at(self, customer: str, who: str, why: Why) -> None:
        """Somebody opened this customer, and from where."""
        now = self._memory.steady()
        if now - self._looked.get((who, customer), float("-inf")) < ONE_LOOK:
            return
        if len(self._looked) >= MOST_LOOKS:
            self._looked.clear()
        self._looked[who, customer] = now
        self._note([News("customer.viewed", customer, {"customer": customer, "why": why}, who)])

    def found(self, customers: Collection[str], who: str) -> None:
        """A search showed somebody these customers."""
        if customers:
            self._note([News("customers.searched", self._venue, {"found": list(customers)}, who)])

    def shown(self, rows: Iterable[Mapping[str, Any]], who: str, *, program: bool, called: str = "name") -> None:
        """A list showed somebody these rows, each of a ``customer`` who is named where ``called`` is not None."""
        named = list(dict.fromkeys(row["customer"] for row in rows if row["customer"] and row[called] is not None))
        (self.read if program else self.listed)(named, who)

    def listed(self, customers: Collection[str], who: str) -> None:
        """A list showed somebody these customers, by name: once for each of their visits, or in half a day."""
        new = [each for each in customers if self._is_new(each, who)]
        for customer in new:
            self._listed[who, customer] = self._memory.steady()
        if len(self._listed) > MOST_LOOKS:
            self._listed.clear()
        if new:
            self._note([News("customers.listed", self._venue, {"listed": new, "where": "present"}, who)])

    def _is_new(self, customer: str, who: str) -> bool:
        here, last = self._memory.presence.where(customer), self._listed.get((who, customer), float("-inf"))
        if here is None:
            return self._memory.steady() - last >= LISTED_AGAIN
        return last < here.since - self._memory.clock.moved

    def read(self, customers: Collection[str], who: str) -> None:
        """A program, which is sent no names, was given those of these customers: once for each of their visits."""
        for customer in customers:
            here = self._memory.presence.where(customer)
            if (
                here is not None
                and self._looked.get((who, customer), float("-inf")) < here.since - self._memory.clock.moved
            ):
                self.at(customer, who, "program")
