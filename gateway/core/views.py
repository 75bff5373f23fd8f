"""What a screen needs in one piece: a card, a customer's page, the whole state for a tablet that comes back."""

from __future__ import annotations

from collections.abc import Callable

from gateway.core import shapes
from gateway.core.moment_rules import MomentRules
from gateway.core.shapes import Shape, iso_or_none
from gateway.core.state import Memory
from gateway.events.catalogue import state_for_programs
from gateway.events.times import iso
from gateway.recognition.moments import Here
from gateway.records import consents, customers, house_documents, preferences, visits
from gateway.records.customers import Customer
from gateway.records.preferences import Preference
from gateway.records.store import Store
from gateway.service import card
from gateway.service.alert import Alert
from gateway.service.rules import in_words
from gateway.settings.venue import VenueConfig


class Views:
    """Reads memory and the store's small look-ups; changes nothing."""

    def __init__(self, config: VenueConfig, memory: Memory, store: Store, moment_rules: MomentRules) -> None:
        self._config = config
        self._memory = memory
        self._store = store
        self._moment_rules = moment_rules
        self.readers: Callable[[], list[Shape]] = list
        """The state of every reader; set by whoever keeps them."""

    def preferences(self, customer: str) -> list[Shape]:
        """What to do and to avoid, current facts only; nothing of who no longer agrees that it is kept."""
        return [shapes.preference(f, self._memory.floor) for f in self._facts(customer)]

    def shown(self, customer: str) -> list[Shape]:
        """The same as a screen shows it unasked: nothing of who is to be verified by sight."""
        return [] if customer in self._memory.doubts else self.preferences(customer)

    def alerts_about(self, customer: str) -> list[Shape]:
        """The open alerts of a customer, and those of others that name them."""
        return [self.alert(a) for a in self._memory.desk.naming(customer) if a.stage == "card"]

    def _facts(self, customer: str) -> list[Preference]:
        known, memory = self._memory.known(customer), self._memory
        return preferences.current(known.facts, memory.now()) if memory.certain() < known.withdrawn_from else []

    def alert(self, alert: Alert, *, aged_s: float = 0.0) -> Shape:
        """An alert with its card; a closed one needs none, and a hint has none."""
        bare = alert.state == "closed" or alert.stage == "hint"
        return shapes.alert(alert, None if bare else self.card(alert), self._about(alert), aged_s=aged_s)

    def named(self, customer: str) -> Shape:
        """How a customer is named on a screen; without a name where they want none, or are not known any more."""
        found = self._memory.meet(customer)
        return shapes.person(found) if found is not None else shapes.nobody(customer)

    def attendance(self, visit: str) -> Shape:
        """With whom a customer is here, and who looks after them."""
        stay = self._memory.stays.of(visit)
        return {
            "party": stay.party if stay else None,
            "companions": stay.companions if stay else 0,
            "waiting_since": iso_or_none(self._moment_rules.waiting_since(visit)),
            "attended_by": self._memory.desk.attends(visit),
        }

    def card(self, alert: Alert) -> Shape | None:
        """What staff see of a customer in three seconds; None when the customer is no longer known."""
        customer = self._memory.meet(alert.customer)
        if customer is None:
            return None
        here = self._memory.presence.where(customer.id)
        doubt = self._memory.doubts.get(customer.id)
        facts = self._facts(customer.id) if doubt is None else []
        today = here.visit if here else alert.visit  # an alert about a promise may be older than the visit
        floor, ledger, stay = self._memory.floor, self._memory.ledger, self._memory.stays.of(today)
        promises = ledger.of_customer(customer.id, "promise")
        complaints = ledger.of_customer(customer.id, "complaint")
        last = visits.last_visit(self._store.reader, customer.id, besides=today, before=alert.opened_at)
        last_visit = last.opened_at if last else None
        suggestion = card.suggest(
            likes=card.best_likes(facts),
            promises=promises,
            complaints=complaints,
            last_visit=last_visit,
        )
        return {
            **shapes.person(customer),
            **self._whereabouts(alert, here),
            "associate": customer.associate,
            "companions": stay.companions if stay else 0,
            "visits": 1 + visits.count(self._store.reader, customer.id, besides=today),
            "new": self._moment_rules.what_is_new(customer, last_visit, self._memory.now()),
            "verify": doubt is not None,
            "verify_reason": doubt.kind if doubt else None,
            "avoid": [shapes.preference(f, floor) for f in card.avoid_first(facts)],
            "likes": [shapes.preference(f, floor) for f in card.best_likes(facts)],
            "asks": [shapes.ask(a, floor) for a in self._memory.asks.of_visit(today)],
            "promises": [shapes.owed(o) for o in promises],
            "complaints": [shapes.owed(o) for o in complaints],
            "last_visit": iso_or_none(last_visit),
            "suggestion": {**suggestion, "at": iso_or_none(suggestion["at"])},
        }

    def present(self) -> list[Shape]:
        """Who is here."""
        return [
            shapes.presence(here, customer, self.attendance(here.visit))
            for here in self._memory.presence.here()
            if (customer := self._memory.person(here.customer)) is not None
        ]

    def quiet(self) -> dict[str, str]:
        """By visit, who is here and has not been heard for longer than is usual, and since when."""
        here = {each.visit: shapes.quiet_since(each) for each in self._memory.presence.here()}
        return {visit: since for visit, since in here.items() if since is not None}

    def customer(self, customer: Customer, *, named: bool) -> Shape:
        """Everything known of a customer, for the page that a person opened; ``named`` even who wants no name."""
        memory, reader = self._memory, self._store.reader
        here = memory.presence.where(customer.id)
        hidden = shapes.unnamed(customer) and not named
        return {
            "id": customer.id,
            "name": None if hidden else customer.name,
            "address_as": None if hidden else customer.address_as,
            "language": customer.language,
            "tier": customer.tier,
            "associate": customer.associate,
            "deputy": customer.deputy,
            "wishes": list(customer.wishes),
            "birthday": customer.birthday,
            "meets": list(customer.meets),
            "credentials": [
                {"id": c.id, "scheme": c.scheme, "label": c.label}
                for c in customers.credentials_of(reader, customer.id)
            ],
            "consents": [self.consent(c) for c in consents.consents_of(reader, customer.id, memory.certain())],
            "preferences": self.preferences(customer.id),
            "asks": [shapes.ask(a, memory.floor) for a in memory.asks.of_visit(here.visit)] if here else [],
            "promises": [shapes.owed(o) for o in memory.ledger.of_customer(customer.id, "promise")],
            "complaints": [shapes.owed(o) for o in memory.ledger.of_customer(customer.id, "complaint")],
            "presence": shapes.presence(here, customer, self.attendance(here.visit)) if here else None,
            "last_visit": iso_or_none(self.last_visit(customer.id)),
            "visits": visits.count(reader, customer.id),
        }

    def last_visit(self, customer: str) -> float | None:
        """When the customer's last visit that is over began."""
        last = visits.last_visit(self._store.reader, customer)
        return last.opened_at if last else None

    @staticmethod
    def consent(consent: consents.Consent) -> Shape:
        """A consent as the customer's page shows it."""
        return {
            "purpose": consent.purpose,
            "method": consent.method,
            "document": consent.document,
            "granted_at": iso(consent.granted_at),
            "expires": iso_or_none(consent.expires),
        }

    def venue(self) -> Shape:
        """The venue's own facts."""
        v = self._config.venue
        return {
            "id": v.id,
            "name": v.name.by_language(),
            "kind": v.kind,
            "timezone": v.timezone,
            "zones": [{"id": z.id, "name": z.name.by_language()} for z in self._config.zones],
        }

    def state(self, me: Shape, *, audience: str) -> Shape:
        """The whole state for a tablet that starts or was away too long, as far as its audience may see it.

        ``service`` sees everything, ``program`` no names and no words, ``technical`` the equipment and colleagues.
        """
        memory = self._memory
        served = audience != "technical"
        present = self.present() if served else []
        now = memory.now()
        mine = [a for a in memory.desk.alerts() if a.stage == "card" or me["staff"] in (None, *a.to)] if served else []
        alerts = [self.alert(a, aged_s=max(0.0, now - a.opened_at)) for a in mine]
        if audience == "program":
            alerts = [{**shown, "customer": a.customer} for shown, a in zip(alerts, mine, strict=True)]
        state = {
            "venue": self.venue(),
            "me": me,
            "present": present,
            "alerts": alerts,
            "asks": [shapes.ask(a, memory.floor) for a in memory.asks.all()] if served else [],
            "promises": [shapes.owed(o) for o in memory.ledger.all("promise")] if served else [],
            "complaints": [shapes.owed(o) for o in memory.ledger.all("complaint")] if served else [],
            "preferences": {p["customer"]: self.shown(p["customer"]) for p in present},
            "readers": self.readers(),
            "staff": [shapes.staff(m.id, memory.floor, now) for m in memory.floor.members()],
            "alerting": {"escalate_after_s": list(self._config.alerts.escalate_after_s)},
            "moments": in_words(self._moment_rules.rules),
            "plan": self.plan(),
        }
        return state_for_programs(state) if audience == "program" else state

    def plan(self) -> Shape | None:
        """The venue's plan as somebody drew it; None before anybody did."""
        found: Shape | None = house_documents.get(self._store.reader, house_documents.PLAN)
        return found

    def _about(self, alert: Alert) -> Shape:
        """What a kind beside arrival is about, with names where they may be shown."""
        about = dict(alert.about)
        if "promise" in about:
            owed = self._memory.ledger.find(about["promise"])
            about["promise"] = shapes.owed(owed) if owed else None
        if "with" in about:
            about["with"] = [self._shown_name(customer) for customer in about["with"]]
        return about

    def _shown_name(self, customer: str) -> str | None:
        found = self._memory.meet(customer)
        return found.address_as or found.name if found and not shapes.unnamed(found) else None

    @staticmethod
    def _whereabouts(alert: Alert, here: Here | None) -> Shape:
        if here is None:
            return {
                "visit": alert.visit,
                "zone": alert.zone,
                "since": iso(alert.opened_at),
                "confidence": 0.0,
                "reason": "",
                "evidence": {"kind": "ended"},
            }
        return shapes.whereabouts(here)
