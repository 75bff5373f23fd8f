"""Who is expected today: likelier to come in than a stranger of those heard at the door, and no surer to be inside."""

from __future__ import annotations

from dataclasses import dataclass

EXPECTED = 1.0  # nats: of those who are expected, and heard at the door, not one in twenty comes in, but one in eight
EARLY_S = 3600.0  # people come before their time, …
LATE_S = 7200.0  # … and after it


@dataclass(slots=True, frozen=True)
class ExpectedVisit:
    """A customer who is expected, from when until when (seconds since 1970 UTC, on the house's clock), and where.

    ``record`` is the customer under whom that stands, where one person has several. ``missed``: they did not come.
    """

    id: str
    customer: str
    record: str
    begins: float
    ends: float
    place: str | None = None
    note: str | None = None
    missed: bool = False

    def may_be(self, at: float) -> bool:
        """Whether somebody who comes at ``at`` comes for this."""
        return self.begins - EARLY_S <= at <= self.ends + LATE_S


class Expected:
    """The visits that are expected.

    ``moved`` is what the house's clock is ahead of the one that recognition goes by.
    """

    __slots__ = ("_of", "_visits", "moved")

    def __init__(self) -> None:
        self.moved = 0.0
        self._visits: dict[str, ExpectedVisit] = {}
        self._of: dict[str, list[ExpectedVisit]] = {}

    def put(self, visit: ExpectedVisit) -> None:
        """This visit is expected, in place of what its id said before."""
        self.remove(visit.id)
        self._visits[visit.id] = visit
        self._of.setdefault(visit.customer, []).append(visit)

    def remove(self, id: str) -> None:  # noqa: A002
        """This visit is expected no more."""
        gone = self._visits.pop(id, None)
        if gone is not None:
            rest = [each for each in self._of.pop(gone.customer) if each.id != id]
            if rest:
                self._of[gone.customer] = rest

    def forget(self, record: str) -> None:
        """What stands under this customer is forgotten."""
        for visit in [each for each in self._visits.values() if each.record == record]:
            self.remove(visit.id)

    def sweep(self, before: float) -> None:
        """Forgets the visits whose time was over before then."""
        for visit in [each for each in self._visits.values() if each.ends < before]:
            self.remove(visit.id)

    def get(self, id: str) -> ExpectedVisit | None:  # noqa: A002
        """The expected visit of this id."""
        return self._visits.get(id)

    def all(self) -> list[ExpectedVisit]:
        """Every visit that was said to be expected, by when they begin, then as they were said."""
        return sorted(self._visits.values(), key=lambda each: (each.begins, each.ends, each.id))

    def of(self, customer: str) -> list[ExpectedVisit]:
        """Those of one customer."""
        return list(self._of.get(customer, ()))

    def nats(self, customer: str, at: float) -> float:
        """What being expected says for coming in at ``at``."""
        there = self._of.get(customer)
        return EXPECTED if there and any(each.may_be(at + self.moved) for each in there) else 0.0
