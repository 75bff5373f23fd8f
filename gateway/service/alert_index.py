"""Every alert that is not history yet, and which of them ring."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gateway.service.alert import Alert, Refused, State
from gateway.service.rules import ADVICE


class AlertIndex:
    """Alerts by id, visit, customer and party, oldest first; ``steps`` is how often one moves on until it is late."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._alerts: dict[str, Alert] = {}
        self._of_visit: dict[str, dict[str, Alert]] = {}
        self._of_customer: dict[str, dict[str, Alert]] = {}
        self._of_party: dict[str, dict[str, Alert]] = {}
        self._naming: dict[str, dict[str, Alert]] = {}
        self._given: dict[str, Alert] = {}

    def find(self, alert: str) -> Alert | None:
        """The alert with this id, or None."""
        return self._alerts.get(alert)

    def get(self, alert: str) -> Alert:
        """The alert with this id; raises Refused(404)."""
        found = self.find(alert)
        if found is None:
            raise Refused(404, "there is no such alert, or it is history")
        return found

    def all(self, state: State | None = None) -> list[Alert]:
        """Alerts in this state; without one, those that are not closed."""
        return [a for a in self._alerts.values() if (a.state == state if state else a.state != "closed")]

    def of_visit(self, visit: str) -> list[Alert]:
        """The alerts of a visit."""
        return list(self._of_visit.get(visit, {}).values())

    def of_customer(self, customer: str) -> list[Alert]:
        """The alerts about a customer."""
        return list(self._of_customer.get(customer, {}).values())

    def of_party(self, party: str) -> list[Alert]:
        """The alerts about those who came together."""
        return list(self._of_party.get(party, {}).values())

    def naming(self, customer: str) -> list[Alert]:
        """The alerts about a customer, and those about others that name them."""
        return [*self.of_customer(customer), *self._naming.get(customer, {}).values()]

    def rings(self, alert: Alert) -> bool:
        """Whether a card keeps those it rings with from others: one that rang its time out keeps nobody."""
        if alert.kind in ADVICE:
            return False
        return bool(alert.to) and alert.state == "open" and alert.stage == "card" and alert.level < self._steps

    def ringing(self) -> list[Alert]:
        """The cards that ring."""
        ringing = [a for a in self._given.values() if self.rings(a)]
        if len(ringing) < len(self._given) // 2:
            self._given = {a.id: a for a in ringing}
        return ringing

    def put(self, alert: Alert) -> None:
        """Takes in an alert, in place of what it was."""
        before = self._alerts.get(alert.id)
        if before is not None and before.party is not None and before.party != alert.party:
            del self._of_party[before.party][alert.id]
        self._alerts[alert.id] = alert
        for index, key in self._places(alert):
            index.setdefault(key, {})[alert.id] = alert
        if alert.to:
            self._given[alert.id] = alert
        else:  # what it was must not ring on
            self._given.pop(alert.id, None)

    def shift_times(self, by: float) -> None:
        """The clock was set by so many seconds: every alert is as old as before."""
        for alert in list(self._alerts.values()):
            self.put(alert.shifted(by))

    def forget(self, alert: Alert) -> None:
        """Forgets an alert that is history."""
        del self._alerts[alert.id]
        self._given.pop(alert.id, None)
        self._take_out(alert)

    def _places(self, alert: Alert) -> Iterator[tuple[dict[str, dict[str, Alert]], str]]:
        yield self._of_visit, alert.visit
        yield self._of_customer, alert.customer
        if alert.party is not None:
            yield self._of_party, alert.party
        for customer in alert.about.get("with", ()):
            yield self._naming, customer

    def _take_out(self, alert: Alert) -> None:
        for index, key in self._places(alert):
            index[key].pop(alert.id, None)
            if not index[key]:
                del index[key]


class Draft:
    """The alerts as they would be while something is decided; the index itself stays as it is."""

    def __init__(self, index: AlertIndex) -> None:
        self._index = index
        self._changed: dict[str, Alert] = {}

    def edit(self, alert: Alert) -> Alert:
        """A copy of the alert that may be changed, and stands in its place from now on."""
        if alert.id not in self._changed:
            self._changed[alert.id] = alert.copy()
        return self._changed[alert.id]

    def add(self, alert: Alert) -> Alert:
        """A new alert."""
        self._changed[alert.id] = alert
        return alert

    def get(self, alert: str) -> Alert:
        """The alert with this id; raises Refused(404)."""
        return self._changed.get(alert) or self._index.get(alert)

    def all(self, state: State | None = None) -> list[Alert]:
        """Alerts in this state; without one, those that are not closed."""
        if not self._changed:
            return self._index.all(state)
        every = [*self._seen(self._index.all()), *self._new()]
        if state == "closed":
            return [a for a in every if a.state == "closed"] + self._index.all("closed")
        return [a for a in every if (a.state == state if state else a.state != "closed")]

    def of_visit(self, visit: str) -> list[Alert]:
        """The alerts of a visit, oldest first."""
        return [*self._seen(self._index.of_visit(visit)), *(a for a in self._new() if a.visit == visit)]

    def of_customer(self, customer: str) -> list[Alert]:
        """The alerts about a customer, oldest first."""
        return [*self._seen(self._index.of_customer(customer)), *(a for a in self._new() if a.customer == customer)]

    def of_party(self, party: str) -> list[Alert]:
        """The alerts about those who came together, oldest first."""
        return [*self._seen(self._index.of_party(party)), *(a for a in self._new() if a.party == party)]

    def ringing(self) -> list[Alert]:
        """The cards that ring."""
        others = [a for a in self._index.ringing() if a.id not in self._changed]
        return [*others, *(a for a in self._changed.values() if self._index.rings(a))]

    def _seen(self, alerts: Iterable[Alert]) -> Iterator[Alert]:
        return (self._changed.get(a.id, a) for a in alerts)

    def _new(self) -> list[Alert]:
        return [a for a in self._changed.values() if self._index.find(a.id) is None]
