"""Records that are of one person: who counts for whom."""

from __future__ import annotations

from collections.abc import Iterable


class Family:
    """Which customers are part of which other, by the merges that hold; kept in memory."""

    def __init__(self) -> None:
        self._into: dict[str, str] = {}
        self._parts: dict[str, tuple[str, ...]] = {}
        self._since: dict[str, float] = {}

    def root(self, customer: str) -> str:
        """The one who is kept; a customer who was not merged themselves."""
        into = self._into
        while customer in into:
            customer = into[customer]
        return customer

    def all_of(self, customer: str) -> tuple[str, ...]:
        """Every record of the person whose this one is, the one that is kept first."""
        return self._with_parts(self.root(customer))

    def roots(self) -> list[str]:
        """Those of whom there is more than one record."""
        return list(dict.fromkeys(self.root(customer) for customer in self._into))

    def since(self, customer: str) -> float:
        """When the last of this person's records was merged, in seconds since 1970 UTC; 0.0 where there is but one."""
        return max((self._since.get(each, 0.0) for each in self.all_of(customer)), default=0.0)

    def merge(self, kept: str, other: str, at: float) -> None:
        """All of ``other`` counts for ``kept`` from ``at`` on (seconds since 1970 UTC)."""
        self._into[other], self._since[other] = kept, at
        self._parts[kept] = (*self._parts.get(kept, ()), other)

    def renew(self, merges: Iterable[tuple[str, str, float]]) -> None:
        """These are all that hold: kept, other, since when."""
        self._into.clear()
        self._parts.clear()
        self._since.clear()
        for kept, other, at in merges:
            self.merge(kept, other, at)

    def part(self, other: str) -> None:
        """``other`` is somebody else after all."""
        kept = self._into.pop(other, None)
        self._since.pop(other, None)
        if kept is not None:
            self._parts[kept] = tuple(each for each in self._parts[kept] if each != other)

    def forget(self, customer: str) -> None:
        """The customer was erased."""
        self.part(customer)
        for other in self._parts.pop(customer, ()):
            self._into.pop(other, None)
            self._since.pop(other, None)

    def _with_parts(self, customer: str) -> tuple[str, ...]:
        found = [customer]
        for other in self._parts.get(customer, ()):
            found += self._with_parts(other)
        return tuple(found)
