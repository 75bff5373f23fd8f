"""What memory keeps of customers' preferences: read once while they are here, with what holds of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from gateway.core.people import People
from gateway.records import preferences
from gateway.records.connection import SealedDatabase
from gateway.records.facts import Merged, merge
from gateway.records.preferences import Preference
from gateway.records.values import Catalogue, starter


class Known(NamedTuple):
    """Every preference ever recorded of a customer, and what holds; ``agreed_until``: until when they are kept."""

    facts: list[Preference]
    merged: Merged
    agreed_until: float


KEEP = "keep_preferences"
NOBODY: tuple[str, Known | None] = ("", None)


class KnownFacts:
    """``visit`` says in which visit a customer is here, None: they are not."""

    def __init__(
        self, reader: Callable[[], SealedDatabase], visit: Callable[[str], str | None], people: People
    ) -> None:
        self._reader = reader
        self._visit = visit
        self._people = people
        self._here: dict[str, Known] = {}
        self._looked_at = NOBODY  # of those who are not here, the one who was looked at last
        self._served: dict[str, list[Preference]] = {}
        self.catalogue: Catalogue = starter()
        """The values that facts may have: the starter's, and the venue's own."""

    def of(self, customer: str) -> Known:
        """What is known of a customer's preferences, by all of their records."""
        customer = self._people.family.root(customer)
        found = self._here.get(customer) or (self._looked_at[1] if self._looked_at[0] == customer else None)
        if found is None:
            reader, visits = self._reader(), self.open_visits(customer)
            facts = [f for record in self._people.family.all_of(customer) for f in preferences.facts_of(reader, record)]
            merged = merge(facts, visits, self.catalogue)
            found = Known(facts, merged, self._people.agreed_until(customer, KEEP))
            if visits:
                self._here[customer] = found
            else:
                self._looked_at = customer, found
        return found

    def open_visits(self, customer: str) -> list[str]:
        """The customer's visit that goes on, where there is one."""
        visit = self._visit(self._people.family.root(customer))
        return [visit] if visit is not None else []

    def served(self, visit: str) -> list[Preference]:
        """What the customer had in this visit of what they like."""
        return self._served.get(visit, [])

    def serve(self, fact: Preference) -> None:
        """Remembers that the customer had this, as long as they are here."""
        for visit in self.open_visits(fact.customer):
            self._served.setdefault(visit, []).append(fact)

    def over(self, visit: str) -> None:
        """Forgets what was served in a visit that is over."""
        self._served.pop(visit, None)

    def forget(self, customer: str) -> None:
        """What is known of this customer is read anew."""
        for each in (customer, self._people.family.root(customer)):
            self._here.pop(each, None)
        self._looked_at = NOBODY

    def forget_who_left(self) -> None:
        """What is known of those who are not here is read anew."""
        self._looked_at = NOBODY

    def forget_all(self) -> None:
        """What is known of everybody is read anew."""
        self._here.clear()
        self._looked_at = NOBODY

    def read_by(self, catalogue: Catalogue) -> None:
        """From now on facts are read by this catalogue."""
        self.catalogue = catalogue
        self._here.clear()
        self._looked_at = NOBODY
