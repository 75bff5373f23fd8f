"""Whose identifier is this? Only of people who agreed to be recognised; everybody else is a stranger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf
from typing import Protocol

IRK = "irk:"


class Beyond(Protocol):
    """The records of a house with more customers than are read at a start: asked at first sight."""

    def whose(self, identifier: str) -> str | None:
        """The customer to whom this belongs, whatever they agree to; None for a stranger's."""
        ...

    def open(self, customer: str) -> None:
        """Admits what this customer carries, as far as they agree to it."""
        ...


class Roster:
    """Identifier → customer, in memory; filled from the records and emptied the moment a consent ends.

    Either everybody is in it, or, with ``beyond``, those who were seen lately, whether they agree or not.
    """

    __slots__ = ("_beyond", "_entries", "_irks", "_of_customer", "_seen", "_tids")

    def __init__(self) -> None:
        self._beyond: Beyond | None = None
        self._seen: set[str] = set()  # customers who need not be asked for beyond
        self._entries: dict[str, tuple[str, float]] = {}
        self._of_customer: dict[str, tuple[str, ...]] = {}
        self._irks: dict[bytes, str] = {}
        self._tids: dict[str, str] = {}

    def admit(self, identifier: str, customer: str, expires: float | None = None, tid: str | None = None) -> None:
        """From now on this identifier is this customer's, until ``expires`` (seconds since 1970 UTC; None: no end).

        ``tid`` is the enrolled chip's own number, where it is known.
        """
        before = self._entries.get(identifier)
        if before is not None and before[0] != customer:
            self.withdraw(identifier)
        self._entries[identifier] = (customer, inf if expires is None else expires)
        if before is None or before[0] != customer:
            self._of_customer[customer] = (*self._of_customer.get(customer, ()), identifier)
        if identifier.startswith(IRK):
            self._irks[_key(identifier)] = identifier
        if tid:
            self._tids[identifier] = tid
        else:
            self._tids.pop(identifier, None)

    def withdraw(self, identifier: str) -> None:
        """This identifier is a stranger's from now on; one that is not admitted is no error."""
        entry = self._entries.pop(identifier, None)
        if entry is None:
            return
        self._forget_secrets(identifier)
        left = tuple(i for i in self._of_customer[entry[0]] if i != identifier)
        if left:
            self._of_customer[entry[0]] = left
        else:
            del self._of_customer[entry[0]]

    def withdraw_customer(self, customer: str) -> None:
        """All identifiers of this customer are strangers' from now on."""
        if self._beyond is not None:
            self._seen.add(customer)
        for identifier in self._of_customer.pop(customer, ()):
            del self._entries[identifier]
            self._forget_secrets(identifier)

    def keep(self, wanted: Callable[[str, str], bool]) -> None:
        """Every identifier that is not ``wanted`` (with whose it is) is a stranger's from now on."""
        for identifier in [each for each, (whose, _) in self._entries.items() if not wanted(each, whose)]:
            self.withdraw(identifier)

    # --- many customers ----------------------------------------------------------------------------------------------

    def ask(self, beyond: Beyond) -> None:
        """Forgets everybody: from now on whoever is seen is asked for there, once."""
        self._beyond = beyond
        self._entries, self._of_customer, self._irks, self._tids, self._seen = {}, {}, {}, {}, set()

    @property
    def seen(self) -> int:
        """How many customers were asked for and are still known, whether they agree or not."""
        return len(self._seen)

    def let_go(self, wanted: Callable[[str], bool]) -> None:
        """Forgets the customers who are not ``wanted``: they are asked for at their next sight."""
        for customer in [each for each in self._seen if not wanted(each)]:
            self.forget(customer)

    def forget(self, customer: str) -> None:
        """Nothing of this customer's is known: they are asked for at their next sight."""
        self.withdraw_customer(customer)
        self._seen.discard(customer)

    def _see(self, identifier: str, beyond: Beyond) -> tuple[str, float] | None:
        customer = beyond.whose(identifier)
        if customer is None or customer in self._seen:
            return None
        beyond.open(customer)
        return self._entries.get(identifier)

    # --- what is asked -----------------------------------------------------------------------------------------------

    @property
    def irks(self) -> Mapping[bytes, str]:
        """The keys of enrolled phones, 16 bytes each, with their identifiers: what resolves a private address."""
        return self._irks

    def tid_of(self, identifier: str) -> str | None:
        """The chip's own number, as it was enrolled with this identifier; None where it was not."""
        return self._tids.get(identifier)

    def _forget_secrets(self, identifier: str) -> None:
        self._tids.pop(identifier, None)
        if identifier.startswith(IRK):
            self._irks.pop(_key(identifier), None)

    def who(self, identifier: str, at: float) -> str | None:
        """The customer, or None for a stranger and for a consent that has run out at ``at``."""
        entry = self._entries.get(identifier)
        if entry is None and self._beyond is not None:
            entry = self._see(identifier, self._beyond)
        return entry[0] if entry is not None and at < entry[1] else None

    def admits(self, customer: str) -> bool:
        """Whether anything of this customer's is recognised."""
        if self._beyond is not None and customer not in self._seen:
            self._beyond.open(customer)
        return customer in self._of_customer

    def __len__(self) -> int:
        return len(self._entries)


def _key(identifier: str) -> bytes:
    return bytes.fromhex(identifier[len(IRK) :])
