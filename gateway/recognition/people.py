"""Everybody recognition has in memory, by customer and by identifier."""

from __future__ import annotations

from gateway.recognition import belief
from gateway.recognition.evidence import Credential, Link
from gateway.recognition.person import Person

FORGET_S = 900.0  # a customer who is away and unheard for so long is dropped from memory

_TIMES = frozenset(
    {"arrived_at", "at", "decided_at", "due", "first_at", "heard_at", "hinted_at", "left_at", "left_unseen_at"}
    | {"met_at", "outside_at", "overdue", "seen_at", "silent_from", "since", "sure_at", "updated_at", "wake"}
)


class People:
    """The customers heard lately or present, and whose each credential is."""

    __slots__ = ("_zones", "by_customer", "by_identifier")

    def __init__(self, zones: int) -> None:
        self._zones = zones
        self.by_customer: dict[str, Person] = {}
        self.by_identifier: dict[str, tuple[Person, Credential]] = {}

    def of(self, customer: str) -> Person:
        """This customer, known or new."""
        person = self.by_customer.get(customer)
        if person is None:
            person = self.by_customer[customer] = Person(customer, belief.unknown(self._zones))
        return person

    def meet(self, identifier: str, customer: str) -> tuple[Person, Credential]:
        """A credential heard for the first time, or given to another customer since."""
        former = self.by_identifier.get(identifier)
        if former is not None:
            former[0].credentials.pop(identifier, None)
        person = self.of(customer)
        credential = person.credentials[identifier] = Credential(identifier)
        known = self.by_identifier[identifier] = (person, credential)
        return known

    def drop(self, customer: str) -> Person | None:
        """Forgets this customer and everything they carry."""
        person = self.by_customer.pop(customer, None)
        if person is not None:
            for identifier in person.credentials:
                self.by_identifier.pop(identifier, None)
        return person

    def rewind(self, now: float, future: float) -> None:
        """Times later than ``future`` were a fast clock's: they become ``now``."""
        for person in self.by_customer.values():
            things: list[Person | Credential | Link] = [person, *person.credentials.values(), *person.links()]
            for thing in things:
                for name in _TIMES & set(thing.__slots__):
                    if future < getattr(thing, name) < float("inf"):
                        setattr(thing, name, now)

    def sweep(self, now: float) -> None:
        """Forgets customers who are away and have not been heard for long."""
        for person in list(self.by_customer.values()):
            if not person.present and now - max(person.seen_at, person.left_unseen_at) > FORGET_S:
                self.drop(person.customer)
