"""What customers are called outside, and whom such a name means; within the house they have our ids alone.

Doors ask here, in both directions: whom a client means, and how a client is told of somebody.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from gateway.events.times import DAY
from gateway.records import aliases, left_names
from gateway.records.compact import compact
from gateway.records.store import Store

MOST = 50_000  # names kept in memory, some 10 MB
LEFT_FOR = DAY  # how long the name of somebody who was erased is kept in memory, for those who are still to be told
SIGNED = "proof"
"""The member of what is signed: it stays as it was signed, with our ids."""

# What stands before is looked at afterwards: so the search runs from one literal c- to the next.
_WRITTEN = re.compile(rf"{aliases.OURS.pattern}(?![0-9A-Za-z_])", re.ASCII)


class Names:
    """The names of one house's customers. Belongs to the loop's thread."""

    def __init__(self, store: Store, steady: Callable[[], float]) -> None:
        """``steady`` tells the time that only passes, in seconds."""
        self._store = store
        self._steady = steady
        self._called: dict[str, str] = {}
        self._left: dict[str, tuple[str, float]] = {}

    def ours(self, named: str) -> str:
        """The id of whoever is named so, by alias or id; the name itself where that is nobody's alias."""
        return aliases.ours(self._store.reader, named)

    def outside(self, customer: str) -> str:
        """What names this customer to a client: their alias, or the id where there is none."""
        called = self._called.get(customer)
        if called is None and customer in self._left:
            called = self._of_who_left(customer)
        if called is None:
            called = aliases.of(self._store.reader, customer) or left_names.of(self._store.reader, customer)
            if called is None:
                return customer
            if len(self._called) >= MOST:
                self._called.clear()
            self._called[customer] = called
        return called

    def leaves(self, customer: str) -> None:
        """Somebody is to be erased: of the name, which goes with them, whoever has it is still to be told."""
        called = self.outside(customer)
        self._called.pop(customer, None)
        self._left = {id_: kept for id_, kept in self._left.items() if self._steady() < kept[1]}
        if called != customer:
            self._left[customer] = (called, self._steady() + LEFT_FOR)

    def forget(self, customer: str) -> None:
        """Nobody is to be told any more of somebody who was erased."""
        self._called.pop(customer, None)

    def outward(self, text: str) -> str:
        """JSON as a client is told it: customers by what they are called outside, but in what is signed."""
        if "c-" not in text:
            return text
        if f'"{SIGNED}"' in text:
            return compact(self.told(json.loads(text)))
        return self._written(text)

    def told(self, value: Any) -> Any:
        """The same of a value."""
        if isinstance(value, str):
            return self._written(value) if "c-" in value else value
        if isinstance(value, list):
            return [self.told(each) for each in value]
        if isinstance(value, dict):
            return value if SIGNED in value else {self.told(name): self.told(each) for name, each in value.items()}
        return value

    def _written(self, text: str) -> str:
        return _WRITTEN.sub(self._found, text)

    def _found(self, found: re.Match[str]) -> str:
        before = found.string[found.start() - 1 : found.start()]
        return found[0] if before.isalnum() or before == "_" else self.outside(found[0])

    def _of_who_left(self, customer: str) -> str | None:
        called, until = self._left[customer]
        if self._steady() >= until:
            del self._left[customer]
            return None
        return called
