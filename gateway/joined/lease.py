"""How long what is lent lasts while the hub is unheard: set aside by the calendar, destroyed by running time alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gateway.events.times import DAY

LEASE_DAYS = 30.0
DESTROY_AFTER_S = 48 * 3600.0  # of running unheard, once it is set aside: no clock that jumps destroys anything
STEP_S = 60.0  # the most that counts between two looks, however far the clock has gone

Word = Literal["fresh", "aside", "over"]


@dataclass(slots=True)
class Lease:
    """``heard_at`` in seconds since 1970 UTC, ``unheard_s`` the running time since it was set aside."""

    heard_at: float
    unheard_s: float = 0.0
    lease_days: float = LEASE_DAYS
    _looked: float | None = None

    def heard(self, now: float) -> None:
        """The hub was heard: the lease begins anew."""
        self.heard_at, self.unheard_s, self._looked = now, 0.0, now

    def look(self, now: float) -> Word:
        """How what is lent stands at ``now``; asked every few seconds while we run."""
        since, self._looked = self._looked, now
        if now < self.heard_at + self.lease_days * DAY:
            return "fresh"
        if since is not None:
            self.unheard_s += min(max(0.0, now - since), STEP_S)
        return "over" if self.unheard_s >= DESTROY_AFTER_S else "aside"
