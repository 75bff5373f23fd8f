"""Whose identifier is this? Only of people who agreed to be recognised; everybody else is a stranger."""

from __future__ import annotations

from math import inf


class Roster:
    """Identifier → customer, in memory; filled from the records and emptied the moment a consent ends."""

    __slots__ = ("_entries",)

    def __init__(self) -> None:
        self._entries: dict[str, tuple[str, float]] = {}

    def admit(self, identifier: str, customer: str, expires: float | None = None) -> None:
        """From now on this identifier is this customer's, until ``expires`` (seconds since 1970 UTC)."""
        self._entries[identifier] = (customer, inf if expires is None else expires)

    def withdraw(self, identifier: str) -> None:
        """This identifier is a stranger's from now on; one that is not admitted is no error."""
        self._entries.pop(identifier, None)

    def withdraw_customer(self, customer: str) -> None:
        """All identifiers of this customer are strangers' from now on."""
        self._entries = {i: entry for i, entry in self._entries.items() if entry[0] != customer}

    def who(self, identifier: str, at: float) -> str | None:
        """The customer, or None for a stranger and for a consent that has run out at ``at``."""
        entry = self._entries.get(identifier)
        if entry is None or at >= entry[1]:
            return None
        return entry[0]

    def __len__(self) -> int:
        return len(self._entries)
