"""Whom other venues have lent to this one, and whether they may be shown just now."""

from __future__ import annotations

from collections.abc import Callable

from gateway.records import lent
from gateway.records.connection import SealedDatabase


class Borrowed:
    """Customers of other venues by their ids; ``fingerprint`` is the keyed hash of an identifier."""

    def __init__(self, fingerprint: Callable[[str], bytes]) -> None:
        self._fingerprint = fingerprint
        self._venues: dict[str, str] = {}
        self._names: dict[str, dict[str, str]] = {}
        self._elsewhere: dict[str, dict[str, str]] = {}
        self._were_there: set[str] = set()
        self._disputed: frozenset[bytes] = frozenset()
        self.held = False
        """The hub has to be heard first: they may have been taken back meanwhile."""
        self.aside = False
        """The hub was not heard of for as long as they are lent."""

    def restore(self, reader: SealedDatabase) -> None:
        """Makes it of the tables."""
        self._venues = {each.customer: each.venue for each in lent.every(reader)}
        self._names = lent.called(reader)
        self._elsewhere = lent.elsewhere(reader)
        self._were_there = lent.written_elsewhere(reader)
        self._disputed = frozenset(row[2] for row in lent.disputed(reader))

    def changed(self, reader: SealedDatabase, customer: str) -> set[str]:
        """One of them is lent otherwise; the others who carry what they carry, or did."""
        found = lent.get(reader, customer)
        if found is None:
            self._venues.pop(customer, None)
        else:
            self._venues[customer] = found.venue
        self._names = lent.called(reader)
        self._elsewhere[customer] = lent.venues_of(reader, customer)
        if lent.is_written_elsewhere(reader, customer):
            self._were_there.add(customer)
        else:
            self._were_there.discard(customer)
        before, self._disputed = self._disputed, frozenset(row[2] for row in lent.disputed(reader))
        return {
            row[0]
            for each in before ^ self._disputed
            for row in reader.conn.execute("SELECT customer FROM credentials WHERE fingerprint = ?", (each,))
        } - {customer}

    def look(self, reader: SealedDatabase) -> None:
        """What is in dispute is read anew: something was given or taken back here."""
        if self._venues:
            self._disputed = frozenset(row[2] for row in lent.disputed(reader))

    def venue(self, customer: str) -> str | None:
        """Whose customer this is; None of our own."""
        return self._venues.get(customer)

    def name(self, venue: str | None) -> dict[str, str] | None:
        """How another venue is called, by language; None where it has not said."""
        return self._names.get(venue) if venue is not None else None

    def recorded(self, customer: str, id_: str) -> tuple[str | None, dict[str, str] | None]:
        """In which other venue a fact or a debt of a customer was recorded, and how it is called; None: here."""
        venue = self._elsewhere.get(customer, {}).get(id_)
        return venue, self.name(venue)

    def was_elsewhere(self, customer: str) -> bool:
        """Whether another venue of the house knows them as its guest."""
        return customer in self._venues or customer in self._were_there

    def all(self) -> list[str]:
        """Everybody who is lent."""
        return list(self._venues)

    def silent(self, customer: str) -> bool:
        """Whether they are lent and may not be shown or announced just now."""
        return (self.held or self.aside) and customer in self._venues

    def disputed(self, identifier: str) -> bool:
        """Whether two customers carry this by what is heard: it is of neither until somebody decides."""
        return bool(self._disputed) and self._fingerprint(identifier) in self._disputed
