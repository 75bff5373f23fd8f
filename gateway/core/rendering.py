"""Events as they leave: whole facts become what a screen shows, made on the way out, as of now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gateway.consent.purposes import RECOGNISE
from gateway.core import shapes
from gateway.core.noticing import noticed
from gateway.core.shapes import Shape, iso_or_none
from gateway.core.state import Memory
from gateway.core.views import Views
from gateway.events.catalogue import CATALOGUE
from gateway.events.event import FORGOTTEN, Event
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
        if event.type == "visit.departed":
            sent["because"] = data["because"]
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

    def _flagged(self, event: Event) -> Shape:
        return {**self._ask(event), "because": event.data["because"]}

    # --- where they sit, and what they are served ----------------------------------------------------------------

    def _seat(self, event: Event) -> Shape:
        data, freed = event.data, event.type == "place.freed"
        kept = {key: data[key] for key in ("visit", "customer", "because", "by", "at")}
        place, was = (None, data["place"]) if freed else (data["place"], data["was"])
        return {**kept, "place": place, "was": was, "zone": None if freed else data["zone"]}

    def _expected(self, event: Event) -> Shape:
        data = event.data
        named, ended = self._views.booked(event.subject)
        kept = {
            "id": data["id"], "place": data["place"], "removed": data.get("removed", False), "ended": ended,
            "missed": event.type == "expected.missed",
        }  # fmt: skip
        note = None if ended else data["note"]
        return {**named, **kept, "note": note, "from": data["begins"], "until": data["ends"]}

    def _menu(self, event: Event) -> Shape:
        menu = self._memory.menus.find(event.data["menu"])
        if menu is None:  # it is removed
            kept = {key: event.data[key] for key in ("menu", "question", "removed")}
            return {**kept, "items": []}
        return {**self._views.dining.menu(menu), "removed": False}

    def _places(self, _: Event) -> Shape:
        return {"places": [shapes.place(each) for each in self._memory.seating.places.values()]}

    def _round(self, event: Event) -> Shape:
        data = event.data
        change = data.get("change") or event.type.removeprefix("round.")
        found = self._memory.rounds.find(data["id"])
        rounds = [self._views.dining.round(found)] if found is not None else []
        return {"id": data["id"], "change": change, "by": data["by"], "at": data["at"], "rounds": rounds}

    def _owed(self, event: Event) -> Shape:
        return self._views.owed(Owed.from_data(event.data))

    def _preference(self, event: Event) -> Shape:
        fact = preferences.from_data(event.data)
        sent = self._views.preference(fact)
        return {**sent, **{key: event.data[key] for key in ("served_by", "served_at") if key in event.data}}

    # --- what is known of them -----------------------------------------------------------------------------------

    def _customer(self, event: Event) -> Shape:
        named = self._views.named(event.subject)
        return {key: named[key] for key in ("customer", "name", "address_as", "language", "tier")}

    def _wish(self, event: Event) -> Shape:
        named, several = self._views.named(event.subject), len(self._memory.family.all_of(event.subject)) > 1
        return {**self._customer(event), "wishes": named["wishes"] if several else event.data["wishes"]}

    def _consent(self, event: Event) -> Shape:
        customer = self._memory.family.root(event.subject)
        said = {name: event.data.get(name) or None for name in ("brand", "partner", "act", "last_day", "expires")}
        return {"customer": customer, "purpose": event.data["purpose"], **said}

    def _notice(self, event: Event) -> Shape:
        return {name: event.data[name] for name in ("id", "version", "purposes", "material")}

    def _credential(self, event: Event) -> Shape:
        said = {key: event.data[key] for key in ("credential", "scheme")}
        return {"customer": self._memory.family.root(event.subject), **said}

    def _over(self, event: Event) -> Shape:
        return {"customer": self._memory.family.root(event.subject), "suggestion": event.data["suggestion"]}

    def _merged(self, event: Event) -> Shape:
        return {key: event.data[key] for key in ("customer", "merge", "other")}

    def _settled(self, event: Event) -> Shape:
        return {"customer": self._memory.family.root(event.subject), "because": event.data["because"]}

    def _erased(self, event: Event) -> Shape:
        return {"customer": event.subject}

    # --- the house -----------------------------------------------------------------------------------------------

    def _staff(self, event: Event) -> Shape:
        staff = event.data["staff"]
        gone = {"removed": True} if event.type == "staff.removed" else {}
        return {**shapes.staff(staff, self._memory.floor, self._memory.now()), **gone}

    def _tablet(self, event: Event) -> Shape:
        return {"tablet": event.data["tablet"], "name": event.data["name"]}

    def _noticed(self, event: Event) -> Shape:
        return noticed(self._memory, event)

    def _catalogue(self, event: Event) -> Shape:
        """That it changed: who shows it reads it anew."""
        return {"version": event.data["version"]}

    def _receipt(self, event: Event) -> Shape:
        """Which one: what it says is read where receipts are shown."""
        return {key: event.data[key] for key in ("customer", "receipt")}

    def _as_it_is(self, event: Event) -> Shape:
        return event.data

    # --- what follows from it on screens -------------------------------------------------------------------------

    def _nothing(self, _: Event) -> Shape:
        return {}

    def _ordered(self, event: Event) -> Shape:
        """Rounds in which it counts, and the menu of which there is less, or more."""
        data, memory = event.data, self._memory
        follows: Shape = {}
        rounds = memory.rounds.of_visit(data["visit"]) if "visit" in data else []
        if rounds:
            follows["rounds"] = self._views.dining.rounds(rounds)
        menu = memory.menus.find(data.get("menu")) if data.get("takes") or data.get("gives_back") else None
        if menu is not None:
            follows["menus"] = [self._views.dining.menu(menu)]
            if any(menu.left(item) in (0, 1) for item in (data["takes"], data["gives_back"]) if item is not None):
                follows["alerts"] = self._views.alerts_of_all()  # what is sold out is suggested to nobody
        if event.type == "ask.served" and "alerts" not in follows:
            follows |= self._cards(event)
        return follows

    def _every_round(self, _: Event) -> Shape:
        """What is declared of a dish has changed, or who ordered it is erased."""
        rounds = self._views.dining.rounds()
        return {"rounds": rounds} if rounds else {}

    def _counted(self, event: Event) -> Shape:
        return {**self._every_round(event), "alerts": self._views.alerts_of_all()}

    def _erased_everywhere(self, event: Event) -> Shape:
        return {**self._cards(event), **self._every_round(event)}

    def _cards(self, event: Event) -> Shape:
        return {"alerts": self._views.alerts_about(event.subject)}

    def _known(self, event: Event) -> Shape:
        here = self._memory.presence.where(self._memory.family.root(event.subject))
        rounds = self._views.dining.of_customer(event.subject)
        follows = {"preferences": self._views.shown(event.subject) if here else None, **self._cards(event)}
        return {**follows, "rounds": rounds} if rounds else follows

    def _agreed(self, event: Event) -> Shape:
        """What may be shown follows from one purpose, whom the book names from two; visits end by themselves."""
        purpose = event.data["purpose"]
        if purpose in RECOGNISE:
            return {"expected": self._views.expected(of=self._memory.family.root(event.subject))}
        if purpose == "insight":
            return self._cards(event)
        return self._known(event) if purpose == "keep_preferences" else {}

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


WHOLE = frozenset(
    {
        "customer.enrolled", "customer.changed", "consent.asked", "consent.granted", "consent.refused",
        "consent.revoked", "credential.given",
    }
)  # fmt: skip
SECRET = frozenset({"identifier", "tid"})
_OF_ALERTS = (
    "opened", "escalated", "claimed", "released", "handed_over", "met", "closed", "rated", "waited",
    "reconsidered",
)  # fmt: skip
RENDERED: Mapping[str, Callable[[Renderer, Event], Shape]] = {
    "visit.hinted": Renderer._hinted,
    "receipt.made": Renderer._receipt,
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
    "order.flagged": Renderer._flagged,
    "places.changed": Renderer._places,
    "place.taken": Renderer._seat,
    "place.freed": Renderer._seat,
    "expected.changed": Renderer._expected,
    "expected.missed": Renderer._expected,
    "menu.changed": Renderer._menu,
    **dict.fromkeys(("round.started", "round.changed", "round.ended"), Renderer._round),
    "preference.recorded": Renderer._preference,
    "preference.served": Renderer._preference,
    "customer.enrolled": Renderer._customer,
    "customer.changed": Renderer._customer,
    "catalogue.changed": Renderer._catalogue,
    **dict.fromkeys(FORGOTTEN, Renderer._erased),
    "lent.changed": Renderer._customer,
    **dict.fromkeys(("customer.merged", "customer.unmerged"), Renderer._merged),
    "customer.settled": Renderer._settled,
    "wish.changed": Renderer._wish,
    **dict.fromkeys(
        ("consent.asked", "consent.granted", "consent.refused", "consent.revoked"), Renderer._consent
    ),
    **dict.fromkeys(("suggestion.done", "suggestion.dismissed"), Renderer._over),
    "notice.published": Renderer._notice,
    "credential.given": Renderer._credential,
    "credential.taken": Renderer._credential,
    **dict.fromkeys(
        ("staff.changed", "staff.removed", "staff.connected", "shift.started", "shift.ended"), Renderer._staff
    ),
    **dict.fromkeys((type_ for type_, row in CATALOGUE.items() if row.lead), Renderer._noticed),
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
            "complaint.opened", "complaint.closed", "complaint.handed_over", "preference.served", "place.taken",
            "place.freed", "expected.changed", "suggestion.done", "suggestion.dismissed",
        ),
        Renderer._cards,
    ),
    **dict.fromkeys(
        (
            "preference.recorded", "customer.changed", "customer.doubted", "customer.settled", "wish.changed",
            "credential.given",
        ),
        Renderer._known,
    ),
    **dict.fromkeys(FORGOTTEN, Renderer._erased_everywhere),
    "lent.changed": Renderer._known,
    **dict.fromkeys(("consent.granted", "consent.refused", "consent.revoked"), Renderer._agreed),
    **dict.fromkeys(("ask.opened", "ask.answered", "ask.served", "order.flagged"), Renderer._ordered),
    "round.changed": Renderer._ordered,
    "menu.changed": Renderer._counted,
}  # fmt: skip
