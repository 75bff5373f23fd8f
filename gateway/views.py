"""What a screen needs in one piece: a card, a customer's page, the whole state for a tablet that comes back."""

from __future__ import annotations

from collections.abc import Callable

from gateway import shapes
from gateway.config import VenueConfig
from gateway.memory import Memory
from gateway.recognition.moments import Here
from gateway.records import people, preferences, visits
from gateway.records.people import Customer
from gateway.records.store import Store
from gateway.records.times import iso
from gateway.service import card
from gateway.service.desk import Alert
from gateway.shapes import Shape, iso_or_none


class Views:
    """Reads memory and the store's small look-ups; changes nothing."""

    def __init__(self, config: VenueConfig, memory: Memory, store: Store) -> None:
        self._config = config
        self._memory = memory
        self._store = store
        self.readers: Callable[[], list[Shape]] = list
        """The state of every reader; set by whoever keeps them."""

    def preferences(self, customer: str) -> list[Shape]:
        """What to do and to avoid, current facts only."""
        facts = preferences.of_customer(self._store.reader, customer, self._memory.now())
        return [shapes.preference(f, self._memory.floor) for f in facts]

    def alert(self, alert: Alert) -> Shape:
        """An alert with its card; a closed one needs none."""
        return shapes.alert(alert, None if alert.state == "closed" else self.card(alert))

    def card(self, alert: Alert) -> Shape | None:
        """What staff see of a customer in three seconds; None when the customer is no longer known."""
        customer = self._memory.person(alert.customer)
        if customer is None:
            return None
        here = self._memory.presence.where(customer.id)
        verify = bool(here and here.evidence.get("verify"))
        facts = [] if verify else preferences.of_customer(self._store.reader, customer.id, self._memory.now())
        floor, ledger = self._memory.floor, self._memory.ledger
        promises = ledger.of_customer(customer.id, "promise")
        complaints = ledger.of_customer(customer.id, "complaint")
        last_visit = self.last_visit(customer.id)
        suggestion = card.suggest(
            likes=card.best_likes(facts),
            promises=promises,
            complaints=complaints,
            last_visit=last_visit,
            now=self._memory.now(),
        )
        return {
            **shapes.person(customer),
            **self._whereabouts(alert, here),
            "associate": customer.associate,
            "verify": verify,
            "avoid": [shapes.preference(f, floor) for f in card.avoid_first(facts)],
            "likes": [shapes.preference(f, floor) for f in card.best_likes(facts)],
            "asks": [shapes.ask(a, floor) for a in self._memory.asks.of_visit(alert.visit)],
            "promises": [shapes.owed(o) for o in promises],
            "complaints": [shapes.owed(o) for o in complaints],
            "last_visit": iso_or_none(last_visit),
            "suggestion": {**suggestion, "at": iso_or_none(suggestion["at"])},
        }

    def present(self) -> list[Shape]:
        """Who is here."""
        return [
            shapes.presence(here, customer)
            for here in self._memory.presence.here()
            if (customer := self._memory.person(here.customer)) is not None
        ]

    def customer(self, customer: Customer) -> Shape:
        """Everything known of a customer, for the page that a person opened."""
        memory, reader = self._memory, self._store.reader
        here = memory.presence.where(customer.id)
        return {
            "id": customer.id,
            "name": customer.name,
            "address_as": customer.address_as,
            "language": customer.language,
            "tier": customer.tier,
            "associate": customer.associate,
            "deputy": customer.deputy,
            "wishes": list(customer.wishes),
            "credentials": [
                {"id": c.id, "scheme": c.scheme, "label": c.label} for c in people.credentials_of(reader, customer.id)
            ],
            "consents": [self.consent(c) for c in people.consents_of(reader, customer.id, memory.now())],
            "preferences": self.preferences(customer.id),
            "asks": [shapes.ask(a, memory.floor) for a in memory.asks.of_visit(here.visit)] if here else [],
            "promises": [shapes.owed(o) for o in memory.ledger.of_customer(customer.id, "promise")],
            "complaints": [shapes.owed(o) for o in memory.ledger.of_customer(customer.id, "complaint")],
            "presence": shapes.presence(here, customer) if here else None,
            "last_visit": iso_or_none(self.last_visit(customer.id)),
            "visits": visits.count(reader, customer.id),
        }

    def last_visit(self, customer: str) -> float | None:
        """When the customer's last visit that is over began."""
        last = visits.last_visit(self._store.reader, customer)
        return last.opened_at if last else None

    @staticmethod
    def consent(consent: people.Consent) -> Shape:
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

        ``service`` sees everything, ``program`` no names and no cards, ``technical`` the readers alone.
        """
        memory = self._memory
        served = audience != "technical"
        present = self.present() if served else []
        alerts = [self.alert(a) for a in memory.desk.alerts()] if served else []
        if audience == "program":
            present = [{k: v for k, v in p.items() if k not in ("name", "address_as")} for p in present]
            alerts = [{k: v for k, v in a.items() if k != "card"} for a in alerts]
        now = memory.now()
        return {
            "venue": self.venue(),
            "me": me,
            "present": present,
            "alerts": alerts,
            "asks": [shapes.ask(a, memory.floor) for a in memory.asks.all()] if served else [],
            "promises": [shapes.owed(o) for o in memory.ledger.all("promise")] if served else [],
            "complaints": [shapes.owed(o) for o in memory.ledger.all("complaint")] if served else [],
            "preferences": {p["customer"]: self.preferences(p["customer"]) for p in present},
            "readers": self.readers(),
            "staff": [shapes.staff(m.id, memory.floor, now) for m in memory.floor.members()],
            "alerting": {"escalate_after_s": list(self._config.alerts.escalate_after_s)},
        }

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
