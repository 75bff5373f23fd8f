"""Events as they leave: whole facts become what a screen shows, made on the way out, as of now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gateway.core import shapes
from gateway.core.shapes import Shape, iso_or_none
from gateway.core.state import Memory
from gateway.core.views import Views
from gateway.events.event import Event
from gateway.events.times import seconds
from gateway.records import preferences
from gateway.service.alert import Alert, Refused
from gateway.service.asks import Ask
from gateway.service.decision import OUTLIVES_VISIT
from gateway.service.owed import Owed


class Renderer:
    """Makes of an event what may be sent of it; what each audience sees of that is the catalogue's to say."""

    def __init__(self, memory: Memory, views: Views) -> None:
        self._memory = memory
        self._views = views

    def sent(self, event: Event) -> Shape:
        """What the event says, with names and cards where its type has them."""
        return {**self._said(event), **FOLLOWS.get(event.type, Renderer._nothing)(self, event)}

    def resumed(self, event: Event) -> Shape:
        """The same for a tablet that was away: as of now, so that nothing rings or shows that is over."""
        sent = self.sent(event)
        return self._as_of_now(sent) if event.type.startswith("alert.") else sent

    def history(self, event: Event) -> Shape:
        """What a customer's page says of the event: all of it but what is secret, and no card."""
        if event.carried or not event.data:
            return {key: value for key, value in event.data.items() if key != "card"}
        if event.type in WHOLE:
            return {key: value for key, value in event.data.items() if key not in SECRET}
        return {key: value for key, value in self._said(event).items() if key != "card"}

    def _said(self, event: Event) -> Shape:
        return RENDERED.get(event.type, Renderer._as_it_is)(self, event)

    def _as_of_now(self, data: Shape) -> Shape:
        try:
            alert = self._memory.desk.get(data.get("alert", ""))
        except Refused:
            return {**data, "to": [], "card": None, "about": {}}
        if alert.state == "closed":
            return {**data, "to": [], "card": None, "about": {}, "aged_s": 0.0}
        as_it_is = data.get("state") == alert.state
        age = round(max(0.0, self._memory.now() - alert.opened_at), 1)
        return {**data, "to": list(alert.to) if as_it_is else [], "aged_s": age}

    # --- who is here ---------------------------------------------------------------------------------------------

    def _visit(self, event: Event) -> Shape:
        data = event.data
        state = "departed" if event.type == "visit.departed" else "present"
        sent = {
            **self._views.named(data["customer"]),
            **_where(data),
            **self._views.attendance(data["visit"]),
            "state": state,
            "quiet_since": None,  # whoever comes, moves or leaves has just been heard, or is not here
        }
        return {**sent, "late": True} if data["late"] else sent

    def _hinted(self, event: Event) -> Shape:
        """One person is told that somebody may be at the door, and nobody who it is."""
        data, hint = event.data, event.data["alert"]
        unseen = {
            "visit": data["visit"], "customer": None, "zone": data["zone"], "stage": "hint", "card": None, "to": [],
        }  # fmt: skip
        return {**(self._views.alert(Alert.from_data(hint)) if hint else unseen), **_where(data)}

    def _companions(self, event: Event) -> Shape:
        return {**event.data, "by": event.actor}

    def _reviewed(self, event: Event) -> Shape:
        return {**event.data, "by_name": self._memory.floor.name_of(event.data["by"])}

    # --- who looks after them ------------------------------------------------------------------------------------

    def _alert(self, event: Event) -> Shape:
        attendance = self._views.attendance(event.data["visit"])
        attended = {key: attendance[key] for key in ("attended_by", "waiting_since")}
        return {**self._views.alert(Alert.from_data(event.data)), **attended}

    def _ask(self, event: Event) -> Shape:
        return shapes.ask(Ask.from_data(event.data), self._memory.floor)

    def _owed(self, event: Event) -> Shape:
        return shapes.owed(Owed.from_data(event.data))

    def _preference(self, event: Event) -> Shape:
        fact = preferences.from_data(event.data)
        sent = shapes.preference(fact, self._memory.floor)
        return {**sent, **{key: event.data[key] for key in ("served_by", "served_at") if key in event.data}}

    # --- what is known of them -----------------------------------------------------------------------------------

    def _customer(self, event: Event) -> Shape:
        named = self._views.named(event.subject)
        return {key: named[key] for key in ("customer", "name", "address_as", "language", "tier")}

    def _wish(self, event: Event) -> Shape:
        return {**self._customer(event), "wishes": event.data["wishes"]}

    def _consent(self, event: Event) -> Shape:
        return {"customer": event.subject, "purpose": event.data["purpose"], "expires": event.data.get("expires")}

    def _credential(self, event: Event) -> Shape:
        return {key: event.data[key] for key in ("customer", "credential", "scheme")}

    def _erased(self, event: Event) -> Shape:
        return {"customer": event.subject}

    # --- the house -----------------------------------------------------------------------------------------------

    def _staff(self, event: Event) -> Shape:
        staff = event.data["staff"]
        gone = {"removed": True} if event.type == "staff.removed" else {}
        return {**shapes.staff(staff, self._memory.floor, self._memory.now()), **gone}

    def _tablet(self, event: Event) -> Shape:
        return {"tablet": event.data["tablet"], "name": event.data["name"]}

    def _as_it_is(self, event: Event) -> Shape:
        return event.data

    # --- what follows from it on screens -------------------------------------------------------------------------

    def _nothing(self, _: Event) -> Shape:
        return {}

    def _cards(self, event: Event) -> Shape:
        return {"alerts": self._views.alerts_about(event.subject)}

    def _known(self, event: Event) -> Shape:
        here = self._memory.presence.where(event.subject)
        return {"preferences": self._views.shown(event.subject) if here else None, **self._cards(event)}

    def _agreed(self, event: Event) -> Shape:
        """What may be shown follows from one purpose; with the others a visit begins or ends by itself."""
        return self._known(event) if event.data["purpose"] == "keep_preferences" else {}

    def _begins(self, event: Event) -> Shape:
        """A visit that begins, or goes on after a while away."""
        if event.type == "visit.moved" and not event.data["resumed"]:
            return {}
        asks = [shapes.ask(a, self._memory.floor) for a in self._memory.asks.of_visit(event.data["visit"])]
        return {"preferences": self._views.shown(event.subject), "asks": asks, **self._cards(event)}

    def _ends(self, event: Event) -> Shape:
        """The alerts that outlive a visit: those about what is owed. Each other one ends with an event of its own."""
        return {"alerts": [a for a in self._views.alerts_about(event.subject) if a["kind"] in OUTLIVES_VISIT]}


def _where(data: Mapping[str, Any]) -> Shape:
    kept = {key: data[key] for key in ("visit", "zone", "since", "confidence", "reason", "evidence")}
    return {**kept, "sightings_at": iso_or_none(seconds(data["at"]))}


WHOLE = frozenset({"customer.enrolled", "customer.changed", "consent.granted", "consent.revoked", "credential.given"})
SECRET = frozenset({"identifier", "tid"})
_OF_ALERTS = ("opened", "escalated", "claimed", "released", "handed_over", "closed", "rated", "waited", "reconsidered")
RENDERED: Mapping[str, Callable[[Renderer, Event], Shape]] = {
    "visit.hinted": Renderer._hinted,
    **dict.fromkeys(("visit.arrived", "visit.moved", "visit.departed"), Renderer._visit),
    "visit.companions": Renderer._companions,
    "visit.reviewed": Renderer._reviewed,
    **dict.fromkeys((f"alert.{each}" for each in _OF_ALERTS), Renderer._alert),
    **dict.fromkeys(("ask.opened", "ask.answered", "ask.served"), Renderer._ask),
    **dict.fromkeys(
        (
            "promise.made", "promise.kept", "promise.handed_over",
            "complaint.opened", "complaint.closed", "complaint.handed_over",
        ),
        Renderer._owed,
    ),
    "preference.recorded": Renderer._preference,
    "preference.served": Renderer._preference,
    "customer.enrolled": Renderer._customer,
    "customer.changed": Renderer._customer,
    "customer.erased": Renderer._erased,
    "wish.changed": Renderer._wish,
    "consent.granted": Renderer._consent,
    "consent.revoked": Renderer._consent,
    "credential.given": Renderer._credential,
    "credential.taken": Renderer._credential,
    **dict.fromkeys(
        ("staff.changed", "staff.removed", "staff.connected", "shift.started", "shift.ended"), Renderer._staff
    ),
    "tablet.paired": Renderer._tablet,
    "tablet.revoked": Renderer._tablet,
}  # fmt: skip
FOLLOWS: Mapping[str, Callable[[Renderer, Event], Shape]] = {
    "visit.arrived": Renderer._begins,
    "visit.moved": Renderer._begins,
    "visit.departed": Renderer._ends,
    **dict.fromkeys(
        (
            "promise.made", "promise.kept", "promise.handed_over",
            "complaint.opened", "complaint.closed", "complaint.handed_over", "customer.erased",
        ),
        Renderer._cards,
    ),
    **dict.fromkeys(
        ("preference.recorded", "customer.changed", "customer.doubted", "wish.changed", "credential.given"),
        Renderer._known,
    ),
    "consent.granted": Renderer._agreed,
    "consent.revoked": Renderer._agreed,
}  # fmt: skip
