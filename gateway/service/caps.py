"""How often is too often: per customer and kind, and per person and hour."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.service.alert import Alert

HOUR = 3600.0  # seconds
NONE: Mapping[str, int] = {}
NEVER_TOO_OFTEN = frozenset(
    {"arrival", "promise_due", "verify", "order_flagged"}
)  # what is owed or wrong is told every time


@dataclass(slots=True)
class Caps:
    """Remembers which alerts were opened about whom and given to whom; times in seconds since 1970 UTC."""

    per_customer_s: float = 1800.0
    per_person_per_hour: int = 12
    _opened_at: dict[tuple[str, str, str], float] = field(default_factory=dict)
    _given: dict[str, deque[float]] = field(default_factory=dict)

    def again(self, alert: Alert, now: float) -> bool:
        """Whether such an alert about this customer was opened a moment ago; about one promise there is one only."""
        last = self._opened_at.get(_key(alert))
        return last is not None and (alert.kind == "promise_due" or now - last < self.per_customer_s)

    def opened(self, alert: Alert) -> None:
        """Notes that this alert was opened."""
        if alert.kind != "arrival":
            self._opened_at[_key(alert)] = alert.opened_at

    def given(self, alert: Alert, staff: str, now: float) -> None:
        """Notes that this alert rings with this person."""
        if not tireless(alert):
            self._given.setdefault(staff, deque()).append(now)

    def tired(self, alert: Alert, now: float, beside: Mapping[str, int] = NONE) -> set[str]:
        """Those who have had as many alerts in this hour as anybody bears; ``beside`` are given just now."""
        return set() if tireless(alert) else self.weary(now, beside)

    def weary(self, now: float, beside: Mapping[str, int] = NONE) -> set[str]:
        """The same, of whatever may come too often."""
        for times in self._given.values():
            while times and now - times[0] >= HOUR:
                times.popleft()
        had = {staff: len(times) + beside.get(staff, 0) for staff, times in self._given.items()}
        had |= {staff: count for staff, count in beside.items() if staff not in had}
        return {staff for staff, count in had.items() if count >= self.per_person_per_hour}

    def shift_times(self, by: float) -> None:
        """The clock was set by so many seconds."""
        self._opened_at = {key: at + by for key, at in self._opened_at.items()}
        self._given = {staff: deque(at + by for at in times) for staff, times in self._given.items()}

    def forget(self, alert: Alert) -> None:
        """The alert is history."""
        self._opened_at.pop(_key(alert), None)


def tireless(alert: Alert) -> bool:
    """Whether this is told however much else was."""
    return alert.kind in NEVER_TOO_OFTEN


def _key(alert: Alert) -> tuple[str, str, str]:
    return alert.customer, alert.kind, alert.matter
