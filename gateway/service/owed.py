"""What is owed to a customer: promises and complaints, each with an owner and a due time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from gateway.service.alert import Refused

Kind = Literal["promise", "complaint"]


@dataclass(slots=True)
class Owed:
    """A promise or a complaint; times in seconds since 1970 UTC."""

    id: str
    kind: Kind
    customer: str
    visit: str | None
    text: str
    owner: str
    by: str
    at: float
    due: float | None = None
    state: Literal["open", "closed"] = "open"
    closed_by: str | None = None
    closed_at: float | None = None
    note: str | None = None
    recovery_cost: dict[str, Any] | None = None
    """What making it good came to: ``amount`` and ``currency``."""
    handed_from: str | None = None
    """Who owned it before."""
    handed_because: Literal["shift_ended"] | None = None
    """Why it was handed on, where nobody decided to."""


class Ledger:
    """Open promises and complaints, in memory, until they are kept or closed."""

    def __init__(self) -> None:
        self._open: dict[str, Owed] = {}

    def restore(self, owed: Iterable[Owed]) -> None:
        """Takes back what was open before the gateway stopped."""
        self._open.update((o.id, o) for o in owed)

    def add(self, owed: Owed) -> Owed:
        """One more thing owed."""
        self._open[owed.id] = owed
        return owed

    def get(self, kind: Kind, owed: str, customer: str) -> Owed:
        """What is owed under this id; raises Refused(404) where there is no such open thing."""
        found = self._open.get(owed)
        if found is None or found.kind != kind or found.customer != customer:
            raise Refused(404, f"there is no such open {kind}")
        return found

    def find(self, owed: str) -> Owed | None:
        """What is owed under this id; None once it is closed."""
        return self._open.get(owed)

    def owned_by(self, staff: str) -> list[Owed]:
        """What this person owes, oldest first."""
        return sorted((o for o in self._open.values() if o.owner == staff), key=lambda o: o.at)

    def close(self, kind: Kind, owed: str, customer: str, by: str, note: str | None, at: float) -> Owed:
        """Kept, or settled; raises Refused(404) where there is no such open thing."""
        found = self.get(kind, owed, customer)
        del self._open[owed]
        found.state, found.closed_by, found.closed_at, found.note = "closed", by, at, note
        return found

    def of_customer(self, customer: str, kind: Kind) -> list[Owed]:
        """What is owed to this customer, the most urgent first."""
        return sorted(
            (o for o in self._open.values() if o.customer == customer and o.kind == kind),
            key=lambda o: (o.due is None, o.due or 0.0, o.at),
        )

    def all(self, kind: Kind) -> list[Owed]:
        """Everything of this kind that is open."""
        return [o for o in self._open.values() if o.kind == kind]

    def forget_customer(self, customer: str) -> None:
        """The customer was erased."""
        self._open = {k: o for k, o in self._open.items() if o.customer != customer}
