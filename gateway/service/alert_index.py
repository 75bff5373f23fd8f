"""Every alert that is not history yet, and which of them ring."""

from __future__ import annotations

from gateway.service.alert import Alert, Refused, State


class AlertIndex:
    """Alerts by id, by visit and by customer, oldest first; ``steps`` is how often one moves on until it is late."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._alerts: dict[str, Alert] = {}
        self._of_visit: dict[str, list[Alert]] = {}
        self._of_customer: dict[str, list[Alert]] = {}
        self._given: dict[str, Alert] = {}

    def get(self, alert: str) -> Alert:
        """The alert with this id; raises Refused(404)."""
        try:
            return self._alerts[alert]
        except KeyError:
            raise Refused(404, "there is no such alert, or it is history") from None

    def all(self, state: State | None = None) -> list[Alert]:
        """Alerts in this state; without one, those that are not closed."""
        return [a for a in self._alerts.values() if (a.state == state if state else a.state != "closed")]

    def of_visit(self, visit: str) -> list[Alert]:
        """The alerts of a visit."""
        return self._of_visit.get(visit, [])

    def of_customer(self, customer: str) -> list[Alert]:
        """The alerts about a customer."""
        return self._of_customer.get(customer, [])

    def ringing(self) -> list[Alert]:
        """Cards that keep those they ring with from others: one that rang its time out keeps nobody."""
        given, steps = self._given.values(), self._steps
        rings = [a for a in given if a.to and a.state == "open" and a.stage == "card" and a.level < steps]
        if len(rings) < len(self._given) // 2:
            self._given = {a.id: a for a in rings}
        return rings

    def given(self, alert: Alert) -> None:
        """It rings with somebody now."""
        self._given[alert.id] = alert

    def put(self, alert: Alert) -> None:
        """Takes in an alert."""
        if alert.id not in self._alerts:
            self._of_visit.setdefault(alert.visit, []).append(alert)
            self._of_customer.setdefault(alert.customer, []).append(alert)
        self._alerts[alert.id] = alert
        if alert.to:
            self.given(alert)

    def forget(self, alert: Alert) -> None:
        """It is history."""
        del self._alerts[alert.id]
        self._given.pop(alert.id, None)
        for index, key in ((self._of_visit, alert.visit), (self._of_customer, alert.customer)):
            index[key].remove(alert)
            if not index[key]:
                del index[key]
