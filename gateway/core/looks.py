"""Who looked at whom: a person who opens a customer, a search that shows people, a program that asks for names."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from gateway.core.state import Memory
from gateway.events.customers import Why
from gateway.events.event import News

ONE_LOOK = 300.0  # seconds: a page that refreshes itself is one look
MOST_LOOKS = 10_000


class Looks:
    """Writes each look down once; ``note`` records what happened by itself."""

    def __init__(self, memory: Memory, venue: str, note: Callable[[Sequence[News]], None]) -> None:
        self._memory = memory
        self._venue = venue
        self._note = note
        self._looked: dict[tuple[str, str], float] = {}

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

    def read(self, customers: Collection[str], who: str) -> None:
        """A program, which is sent no names, was given those of these customers: once for each of their visits."""
        for customer in customers:
            here = self._memory.presence.where(customer)
            if (
                here is not None
                and self._looked.get((who, customer), float("-inf")) < here.since - self._memory.clock.moved
            ):
                self.at(customer, who, "program")
