"""What is owed to a customer: promises and complaints, each with an owner and a due time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from gateway.events import times
from gateway.service.alert import Refused

Kind = Literal["promise", "complaint"]
TIMES = frozenset({"at", "due", "closed_at"})


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

    def data(self) -> dict[str, Any]:
        """Its facts as an event holds them."""
        return times.written(asdict(self), TIMES)

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Owed:
        """The promise or complaint that ``data`` was made of."""
        return cls(**times.read(data, TIMES))


class Dues:
    """Open promises and complaints, in memory, until they are kept or closed."""

    def __init__(self, whose: Callable[[str], str] = str) -> None:
        """``whose`` says of a record who the person is, where there are several of one."""
        self._open: dict[str, Owed] = {}
        self._whose = whose

    def put(self, owed: Owed) -> None:
        """Takes in what is owed as it is from now on; what is closed is history."""
        if owed.state == "closed":
            self._open.pop(owed.id, None)
        else:
            self._open[owed.id] = owed

    def with_(self, *changed: Owed) -> Dues:
        """What would be owed if these were so; these stay as they are."""
        other = Dues(self._whose)
        other._open = dict(self._open)
        for owed in changed:
            other.put(owed)
        return other

    def get(self, kind: Kind, owed: str, customer: str) -> Owed:
        """What is owed under this id; raises Refused(404) where there is no such open thing."""
        found = self._open.get(owed)
        if found is None or found.kind != kind or self._whose(found.customer) != self._whose(customer):
            raise Refused(404, f"there is no such open {kind}")
        return found

    def find(self, owed: str) -> Owed | None:
        """What is owed under this id; None once it is closed."""
        return self._open.get(owed)

    def owned_by(self, staff: str) -> list[Owed]:
        """What this person owes, oldest first."""
        return sorted((o for o in self._open.values() if o.owner == staff), key=lambda o: o.at)

    def close(
        self, kind: Kind, owed: str, customer: str, by: str, note: str | None, at: float,
        cost: dict[str, Any] | None = None,
    ) -> Owed:  # fmt: skip
        """What is owed, kept or settled; raises Refused(404) where there is no such open thing."""
        found = self.get(kind, owed, customer)
        recovery_cost = cost or found.recovery_cost
        return replace(found, state="closed", closed_by=by, closed_at=at, note=note, recovery_cost=recovery_cost)

    def of_customer(self, customer: str, kind: Kind) -> list[Owed]:
        """What is owed to this customer, the most urgent first."""
        person = self._whose(customer)
        return sorted(
            (o for o in self._open.values() if self._whose(o.customer) == person and o.kind == kind),
            key=lambda o: (o.due is None, o.due or 0.0, o.at),
        )

    def all(self, kind: Kind) -> list[Owed]:
        """Everything of this kind that is open."""
        return [o for o in self._open.values() if o.kind == kind]

    def forget_customer(self, customer: str) -> None:
        """The customer was erased."""
        self._open = {k: o for k, o in self._open.items() if o.customer != customer}
