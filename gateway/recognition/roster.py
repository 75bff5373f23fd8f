"""Whose identifier is this? Only of people who agreed to be recognised; everybody else is a stranger."""

from __future__ import annotations

from math import inf


class Roster:
    """Identifier → customer, in memory; filled from the records and emptied the moment a consent ends."""

    __slots__ = ("_entries", "_of_customer")

    def __init__(self) -> None:
        self._entries: dict[str, tuple[str, float]] = {}
        self._of_customer: dict[str, tuple[str, ...]] = {}

    def admit(self, identifier: str, customer: str, expires: float | None = None) -> None:
        """From now on this identifier is this customer's, until ``expires`` (seconds since 1970 UTC; None: no end)."""
        before = self._entries.get(identifier)
        if before is not None and before[0] != customer:
            self.withdraw(identifier)
        self._entries[identifier] = (customer, inf if expires is None else expires)
        if before is None or before[0] != customer:
            self._of_customer[customer] = (*self._of_customer.get(customer, ()), identifier)

    def withdraw(self, identifier: str) -> None:
        """This identifier is a stranger's from now on; one that is not admitted is no error."""
        entry = self._entries.pop(identifier, None)
        if entry is None:
            return
        left = tuple(i for i in self._of_customer[entry[0]] if i != identifier)
        if left:
            self._of_customer[entry[0]] = left
        else:
            del self._of_customer[entry[0]]

    def withdraw_customer(self, customer: str) -> None:
        """All identifiers of this customer are strangers' from now on."""
        for identifier in self._of_customer.pop(customer, ()):
            del self._entries[identifier]

    def who(self, identifier: str, at: float) -> str | None:
        """The customer, or None for a stranger and for a consent that has run out at ``at``."""
        entry = self._entries.get(identifier)
        if entry is None or at >= entry[1]:
            return None
        return entry[0]

    def __len__(self) -> int:
        return len(self._entries)
