"""Who is here with whom: parties that came together, and companions whom nobody names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from gateway.recognition.parties import Parties, Tie


@dataclass(slots=True)
class Stay:
    """What a visit has beside its zone; ``arrived_at`` in seconds since 1970 UTC, ``companions`` are only counted."""

    visit: str
    customer: str
    arrived_at: float
    party: str
    companions: int = 0
    zone: str | None = None


class Stays:
    """The stays of those who are here."""

    def __init__(self, new_id: Callable[[], str]) -> None:
        self._new_id = new_id
        self._parties = Parties()
        self._stays: dict[str, Stay] = {}
        self._visit_of: dict[str, str] = {}

    def joining(self, visit: str, customer: str, zone: str, at: float, tie: Tie = lambda _one, _other: None) -> Stay:
        """The stay that would begin, in the party of those who came within seconds; one that goes on as it is.

        ``tie`` says of two customers whether they belong together, as far as that is known.
        """
        found = self._stays.get(visit)
        if found is not None:
            return replace(found, zone=zone)
        together = self._parties.arrived(customer, zone, at, tie)
        others = (self.of_customer(c) for c in together.customers if c != customer)
        party = next((other.party for other in others if other is not None), None) or self._new_id()
        return Stay(visit, customer, at, party, zone=zone)

    def moved(self, visit: str, zone: str) -> None:
        """The stay goes on in another zone."""
        stay = self._stays.get(visit)
        if stay is not None:
            stay.zone = zone

    def restore(self, stay: Stay) -> None:
        """Takes in a stay: one that begins, or one from before a restart or a short absence."""
        self._stays[stay.visit] = stay
        self._visit_of[stay.customer] = stay.visit

    def of(self, visit: str) -> Stay | None:
        """The stay of this visit; None when it is over."""
        return self._stays.get(visit)

    def of_customer(self, customer: str) -> Stay | None:
        """The stay of this customer."""
        return self._stays.get(self._visit_of.get(customer, ""))

    def shift_times(self, by: float) -> None:
        """The clock was set by so many seconds: who is here came as long ago as before."""
        for stay in self._stays.values():
            stay.arrived_at += by
        self._parties.shift_times(by)

    def left(self, visit: str) -> None:
        """The visit is over."""
        stay = self._stays.pop(visit, None)
        if stay is not None and self._visit_of.get(stay.customer) == visit:
            del self._visit_of[stay.customer]
