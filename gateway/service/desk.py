"""The desk: a moment becomes an alert, and an alert becomes somebody's customer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from gateway.service import routing
from gateway.service.floor import Floor
from gateway.service.routing import Wanted

Outcome = Literal["greeted", "not_found", "declined", "left", "revoked"]
State = Literal["open", "claimed", "closed"]

FORGET_AFTER = 86400.0  # longer than a visit: who steps out hours after the greeting is not greeted anew


class Refused(Exception):
    """An act that cannot be done; ``status`` is its HTTP meaning, ``extra`` what the person should see with it."""

    def __init__(self, status: int, reason: str, **extra: Any) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.extra = extra


@dataclass(slots=True)
class Alert:
    """A moment given to a member of staff; times in seconds since 1970 UTC."""

    id: str
    kind: str
    visit: str
    customer: str
    wanted: Wanted
    opened_at: float
    state: State = "open"
    to: list[str] = field(default_factory=list)
    by: str | None = None
    claimed_at: float | None = None
    closed_at: float | None = None
    level: int = 0
    outcome: Outcome | None = None
    note: str | None = None
    asked: set[str] = field(default_factory=set)
    offered_at: float | None = None
    """When it was handed to the person in ``to`` by a colleague; None otherwise."""

    @property
    def zone(self) -> str:
        """Where the customer is."""
        return self.wanted.zone

    def row(self) -> dict[str, Any]:
        """Its facts as plain values, for the table of alerts."""
        facts = asdict(self)
        return {"alert": facts.pop("id"), **facts, "asked": sorted(self.asked)}

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Alert:
        """What ``row`` gave, an alert again."""
        facts = {**row, "wanted": Wanted(**row["wanted"]), "asked": set(row["asked"])}
        return cls(facts.pop("alert"), **facts)


@dataclass(slots=True)
class AlertNews:
    """An alert changed: ``type`` is the event's, ``actor`` who did it (a staff id, or ``gateway``)."""

    type: str
    alert: Alert
    actor: str = "gateway"


class Desk:
    """Holds every alert that is not history yet; first claim wins, and nobody is forgotten."""

    def __init__(self, floor: Floor, escalate_after_s: Iterable[float], *, new_id: Callable[[], str]) -> None:
        self._floor = floor
        self._steps = tuple(escalate_after_s)
        self._new_id = new_id
        self._alerts: dict[str, Alert] = {}
        self._of_visit: dict[str, str] = {}

    # --- what can be asked -------------------------------------------------------------------------------------

    def get(self, alert: str) -> Alert:
        """The alert with this id; raises Refused(404)."""
        try:
            return self._alerts[alert]
        except KeyError:
            raise Refused(404, "there is no such alert, or it is history") from None

    def alerts(self, state: str | None = None) -> list[Alert]:
        """Alerts in this state, oldest first; without one, those that are not closed."""
        return [a for a in self._alerts.values() if (a.state == state if state else a.state != "closed")]

    def of_visit(self, visit: str) -> Alert | None:
        """The latest alert of a visit."""
        return self._alerts.get(self._of_visit.get(visit, ""))

    # --- moments -----------------------------------------------------------------------------------------------

    def arrived(self, visit: str, customer: str, wanted: Wanted, now: float) -> list[AlertNews]:
        """Opens an alert, unless this visit has one that was dealt with: who is back within a visit was greeted."""
        last = self.of_visit(visit)
        if last is not None and last.outcome != "left":
            return self.moved(visit, wanted.zone)
        alert = Alert(self._new_id(), "arrival", visit, customer, wanted, opened_at=now)
        self._give(alert, routing.first(self._floor, wanted, self._load(), now))
        self.restore(alert)
        return [AlertNews("alert.opened", alert)]

    def moved(self, visit: str, zone: str) -> list[AlertNews]:
        """An un-greeted customer moved: the card says where, and nobody is rung again."""
        alert = self.of_visit(visit)
        if alert is not None and alert.state != "closed":
            alert.wanted = Wanted(zone, alert.wanted.associate, alert.wanted.deputy, alert.wanted.language)
        return []

    def left(self, visit: str, now: float) -> list[AlertNews]:
        """The customer has gone: the alert ends by itself."""
        return self._end(visit, "left", now)

    def revoked(self, visit: str, now: float) -> list[AlertNews]:
        """The customer no longer agrees to be recognised: the alert ends by itself."""
        return self._end(visit, "revoked", now)

    def restore(self, alert: Alert) -> None:
        """Takes back an alert, such as one that was open when the gateway stopped."""
        self._alerts[alert.id] = alert
        self._of_visit[alert.visit] = alert.id

    def forget_customer(self, customer: str) -> None:
        """The customer was erased."""
        for alert in [a for a in self._alerts.values() if a.customer == customer]:
            self._forget(alert)

    def pulse(self, now: float) -> list[AlertNews]:
        """What un-claimed time brings: the next person, then the managers; a hand-over nobody took, likewise."""
        news: list[AlertNews] = []
        for alert in list(self._alerts.values()):
            if alert.state == "open":
                news += self._escalate(alert, now)
            elif alert.state == "closed" and now - (alert.closed_at or now) > FORGET_AFTER:
                self._forget(alert)
        return news

    # --- acts --------------------------------------------------------------------------------------------------

    def claim(self, alert: str, staff: str, now: float) -> list[AlertNews]:
        """I have this customer. First wins: raises Refused(409) naming who has it; claiming twice is the same claim."""
        a = self._not_closed(alert)
        if a.state == "claimed":
            if a.by == staff:
                return []
            raise Refused(409, f"{self._floor.name_of(a.by)} has this customer", alert=a)
        a.state, a.by, a.claimed_at, a.offered_at = "claimed", staff, now, None
        return [AlertNews("alert.claimed", a, staff)]

    def release(self, alert: str, staff: str, now: float, *, lead: bool = False) -> list[AlertNews]:
        """Someone else, please; only who has the customer, or a manager, can say so."""
        a = self._held(alert, staff, lead=lead)
        a.state, a.by, a.claimed_at, a.offered_at = "open", None, None, None
        a.asked.add(staff)
        a.level, a.opened_at = 0, now
        self._give(
            a,
            routing.next_after(self._floor, a.wanted, self._load(), a.asked, now)
            or routing.escalate(self._floor, a.asked, now),
        )
        return [AlertNews("alert.released", a, staff)]

    def hand_over(self, alert: str, staff: str, to: str, now: float, *, lead: bool = False) -> list[AlertNews]:
        """To a named colleague, who accepts by claiming; un-accepted it escalates as any open alert does."""
        a = self._held(alert, staff, lead=lead)
        if self._floor.member(to) is None:
            raise Refused(422, f"there is no member of staff {to!r}")
        if not self._floor.connected(to):
            raise Refused(409, f"{self._floor.name_of(to)} has no live tablet just now")
        a.state, a.by, a.claimed_at = "open", None, None
        a.level, a.opened_at, a.offered_at = 0, now, now
        self._give(a, [to])
        return [AlertNews("alert.handed_over", a, staff)]

    def close(
        self, alert: str, staff: str, outcome: Outcome, note: str | None, now: float, *, lead: bool = False
    ) -> list[AlertNews]:
        """How it ended; only who has the customer, or a manager, can say so. Closing alike twice is the same close."""
        a = self.get(alert)
        if a.state == "closed":
            if a.outcome == outcome and a.by == staff:
                return []
            raise Refused(409, f"this alert is closed: {a.outcome}", alert=a)
        if a.state == "claimed" and a.by != staff and not lead:
            raise Refused(409, f"{self._floor.name_of(a.by)} has this customer", alert=a)
        a.by = a.by or staff
        a.state, a.outcome, a.note, a.closed_at = "closed", outcome, note, now
        return [AlertNews("alert.closed", a, staff)]

    # --- inside ------------------------------------------------------------------------------------------------

    def _escalate(self, alert: Alert, now: float) -> list[AlertNews]:
        """One step at a time; an alert that nobody could be told of is given as soon as somebody can."""
        if not alert.to or not any(self._floor.connected(s) for s in alert.to):
            return self._reroute(alert, now)
        waited = now - alert.opened_at
        if alert.level >= len(self._steps) or waited < self._steps[alert.level]:
            return []
        alert.level += 1
        last_step = alert.level == len(self._steps)
        to = [] if last_step else routing.next_after(self._floor, alert.wanted, self._load(), alert.asked, now)
        to = to or (routing.escalate(self._floor, alert.asked, now) if last_step else [])
        if not to:
            return []
        alert.offered_at = None
        self._give(alert, to)
        return [AlertNews("alert.escalated", alert)]

    def _reroute(self, alert: Alert, now: float) -> list[AlertNews]:
        load = self._load()
        to = (
            routing.next_after(self._floor, alert.wanted, load, alert.asked, now)
            or routing.next_after(self._floor, alert.wanted, load, (), now)
            or routing.escalate(self._floor, (), now)
        )
        if not to or to == alert.to:
            return []
        self._give(alert, to)
        return [AlertNews("alert.escalated", alert)]

    def _give(self, alert: Alert, to: list[str]) -> None:
        alert.to = to
        alert.asked.update(to)

    def _load(self) -> Counter[str]:
        """How many un-claimed cards each person has before them."""
        return Counter(staff for a in self._alerts.values() if a.state == "open" for staff in a.to)

    def _end(self, visit: str, outcome: Outcome, now: float) -> list[AlertNews]:
        alert = self.of_visit(visit)
        if alert is None or alert.state == "closed":
            return []
        alert.state, alert.outcome, alert.closed_at = "closed", outcome, now
        return [AlertNews("alert.closed", alert)]

    def _not_closed(self, alert: str) -> Alert:
        a = self.get(alert)
        if a.state == "closed":
            raise Refused(409, f"this alert is closed: {a.outcome}", alert=a)
        return a

    def _held(self, alert: str, staff: str, *, lead: bool) -> Alert:
        a = self._not_closed(alert)
        if a.state != "claimed" or (a.by != staff and not lead):
            holder = self._floor.name_of(a.by)
            raise Refused(409, f"{holder} has this customer" if holder else "nobody has claimed this alert", alert=a)
        return a

    def _forget(self, alert: Alert) -> None:
        del self._alerts[alert.id]
        if self._of_visit.get(alert.visit) == alert.id:
            del self._of_visit[alert.visit]
