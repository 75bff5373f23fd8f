"""Who is here with whom: parties that came together, and companions whom nobody names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.recognition.parties import Parties, Tie


@dataclass(slots=True)
class Stay:
    """What a visit has beside its zone; ``arrived_at`` in seconds since 1970 UTC, ``companions`` are only counted."""

    visit: str
    customer: str
    arrived_at: float
    group: str
    companions: int = 0
    zone: str | None = None


class Stays:
    """The stays of those who are here."""

    def __init__(self, new_id: Callable[[], str]) -> None:
        self._new_id = new_id
        self._parties = Parties()
        self._stays: dict[str, Stay] = {}
        self._visit_of: dict[str, str] = {}

    def arrived(self, visit: str, customer: str, zone: str, at: float, tie: Tie = lambda _one, _other: None) -> Stay:
        """A stay begins, in the group of those who came within seconds; one that goes on stays as it was.

        ``tie`` says of two customers whether they belong together, as far as that is known.
        """
        found = self._stays.get(visit)
        if found is None:
            party = self._parties.arrived(customer, zone, at, tie)
            mates = (self.of_customer(c) for c in party.customers if c != customer)
            group = next((m.group for m in mates if m is not None), None) or self._new_id()
            found = Stay(visit, customer, at, group)
            self.restore(found)
        found.zone = zone
        return found

    def moved(self, visit: str, zone: str) -> str | None:
        """The stay goes on in another zone; answers the one before, None where it is not known."""
        stay = self._stays.get(visit)
        before = stay.zone if stay else None
        if stay is not None:
            stay.zone = zone
        return before

    def restore(self, stay: Stay) -> None:
        """Takes back a stay from before a restart or a short absence."""
        self._stays[stay.visit] = stay
        self._visit_of[stay.customer] = stay.visit

    def of(self, visit: str) -> Stay | None:
        """The stay of this visit; None when it is over."""
        return self._stays.get(visit)

    def of_customer(self, customer: str) -> Stay | None:
        """The stay of this customer."""
        return self._stays.get(self._visit_of.get(customer, ""))

    def left(self, visit: str) -> None:
        """The visit is over."""
        stay = self._stays.pop(visit, None)
        if stay is not None and self._visit_of.get(stay.customer) == visit:
            del self._visit_of[stay.customer]
