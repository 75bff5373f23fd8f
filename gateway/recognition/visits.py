"""Which visit is this? Back within the re-entry time is the same one."""

from __future__ import annotations

from collections.abc import Callable


class Visits:
    """Hands out visit ids and remembers the last departure of each customer for as long as it matters."""

    def __init__(self, new_visit: Callable[[], str], reentry_s: float) -> None:
        self._new_visit = new_visit
        self._reentry_s = reentry_s
        self._recent: dict[str, tuple[str, float]] = {}

    def open(self, customer: str, at: float) -> tuple[str, float | None]:
        """The visit of an arrival at ``at``, and when it was left if this is a return (seconds since 1970 UTC)."""
        visit, departed_at = self._recent.get(customer, ("", 0.0))
        if visit and at - departed_at <= self._reentry_s:
            return visit, departed_at
        return self._new_visit(), None

    def close(self, customer: str, visit: str, departed_at: float) -> None:
        """This customer left; a return within the re-entry time goes on with this visit."""
        self._recent[customer] = (visit, departed_at)

    def forget(self, customer: str) -> None:
        """No later arrival of this customer may be joined to an earlier visit."""
        self._recent.pop(customer, None)

    def onward(self, reentry_s: float) -> Visits:
        """The same, where who is back within so many seconds goes on with the visit."""
        other = Visits(self._new_visit, reentry_s)
        other._recent = self._recent
        return other

    def expire(self, now: float) -> None:
        """Drops departures that are too old to be returned from."""
        old = [c for c, (_, at) in self._recent.items() if now - at > self._reentry_s]
        for customer in old:
            del self._recent[customer]
