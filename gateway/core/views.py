"""What a screen needs in one piece: a card, a customer's page, the whole state for a tablet that comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from gateway.core import consent_shapes, shapes
from gateway.core.dining import Dining
from gateway.core.knowledge import Knowledge, OnCard
from gateway.core.moment_rules import MomentRules
from gateway.core.shapes import Shape, iso_or_none
from gateway.core.state import Memory
from gateway.core.suggested import for_card
from gateway.events.catalogue import state_for_programs
from gateway.events.times import iso
from gateway.recognition.moments import Here
from gateway.records import consents, house_documents, seats, venue_values, visits
from gateway.records.customers import Customer
from gateway.records.lines import Line
from gateway.records.preferences import Preference
from gateway.records.store import Store
from gateway.records.values import CATEGORIES, LANGUAGES
from gateway.service import card
from gateway.service.alert import Alert
from gateway.service.owed import Owed
from gateway.service.rules import in_words
from gateway.service.seating import Seat
from gateway.settings.venue import VenueConfig

NOBODY: Mapping[str, object] = {
    **{name: [] for name in ("present", "alerts", "asks", "promises", "complaints")}, "preferences": {},
    **{name: [] for name in ("places", "expected", "menus", "rounds")},
}  # fmt: skip
"""What the whole state says of guests to who may see none."""


class Views:
    """Reads memory and the store's small look-ups; changes nothing."""

    def __init__(self, config: VenueConfig, memory: Memory, store: Store, moment_rules: MomentRules) -> None:
        self._config = config
        self._memory = memory
        self._store = store
        self._moment_rules = moment_rules
        self.knowledge = Knowledge(memory)
        self.dining = Dining(memory, self.knowledge, self.named)
        self.readers: Callable[[], list[Shape]] = list
        """The state of every reader; set by whoever keeps them."""

    def take_up(self, config: VenueConfig) -> None:
        """The settings are these from now on."""
        self._config = config

    def preferences(self, customer: str, *, every: bool = True, over: bool = True) -> list[Shape]:
        """What to do and to avoid: what holds, then what is aside with why, or what holds alone.

        ``over``: also one-offs of earlier visits. Nothing of who no longer agrees that it is kept.
        """
        found = self.knowledge.lines(customer, over=over) if every else self.knowledge.holding(customer)
        return [self._line(line) for line in found]

    def preference(self, fact: Preference) -> Shape:
        """A fact as it stands among those of its customer."""
        return self._line(self.knowledge.line(fact))

    def _line(self, line: Line) -> Shape:
        """A fact by who the person is of whom there are several records."""
        name = self._memory.people.borrowed.name(line.fact.venue)
        shown = shapes.preference(line, self._memory.floor, name)
        return {**shown, "customer": self._memory.family.root(line.fact.customer)}

    def owed(self, owed: Owed) -> Shape:
        """A promise or a complaint, likewise."""
        shown = shapes.owed(owed, *self._memory.people.borrowed.recorded(owed.customer, owed.id))
        return {**shown, "customer": self._memory.family.root(owed.customer)}

    def shown(self, customer: str) -> list[Shape]:
        """The same as a screen shows it unasked: nothing of who is to be verified by sight, nor of earlier visits."""
        return [] if customer in self._memory.doubts else self.preferences(customer, over=False)

    def alerts_about(self, customer: str) -> list[Shape]:
        """The open alerts of a customer, and those of others that name them."""
        return [self.alert(a) for a in self._memory.desk.naming(customer) if a.stage == "card"]

    def alerts_of_all(self) -> list[Shape]:
        """Every open alert that is no hint."""
        return [self.alert(a) for a in self._memory.desk.alerts() if a.stage == "card" and a.state != "closed"]

    def waiting(self, staff: str) -> list[str]:
        """The zones in which somebody waits for this person, the longest first; nobody's name."""
        mine = (a for a in self._memory.desk.alerts() if a.stage != "hint" and a.state != "closed" and staff in a.to)
        return list(dict.fromkeys(a.zone for a in mine if a.state == "open" or a.accept_by is not None))

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
            "place": self._memory.seating.place_of(visit),
            "keeps": stay is not None and self.knowledge.keeps(stay.customer),
        }

    def card(self, alert: Alert) -> Shape | None:
        """What staff see of a customer in three seconds; None when the customer is no longer known."""
        customer = self._memory.meet(alert.customer)
        if customer is None:
            return None
        here = self._memory.presence.where(customer.id)
        doubt = self._memory.doubts.get(customer.id)
        records = self._memory.family.all_of(customer.id)
        today = here.visit if here else alert.visit  # an alert about a promise may be older than the visit
        floor, dues, stay = self._memory.floor, self._memory.dues, self._memory.stays.of(today)
        promises = dues.of_customer(customer.id, "promise")
        complaints = dues.of_customer(customer.id, "complaint")
        last = visits.last_visit(self._store.reader, *records, besides=today, before=alert.opened_at)
        last_visit = last.opened_at if last else None
        known = OnCard() if doubt else self.knowledge.on_card(customer.id, today)
        suggestion = card.suggest(
            offer=known.offer,
            promises=promises,
            complaints=complaints,
            last_visit=last_visit,
        )
        return {
            **shapes.person(customer),
            **self._whereabouts(alert, here),
            "associate": customer.associate,
            "companions": stay.companions if stay else 0,
            **self._place_and_note(customer.id, today),
            "visits": 1 + visits.count(self._store.reader, *records, besides=today),
            "new": self._moment_rules.what_is_new(customer, last_visit, self._memory.now()),
            "verify": doubt is not None,
            "verify_reason": doubt.kind if doubt else None,
            "avoid": [self._line(line) for line in known.avoid],
            "likes": [self._line(line) for line in known.likes],
            "asks": [shapes.ask(a, floor) for a in self._memory.asks.of_visit(today)],
            "promises": [self.owed(o) for o in promises],
            "complaints": [self.owed(o) for o in complaints],
            "last_visit": iso_or_none(last_visit),
            "suggestion": {**suggestion, "at": iso_or_none(suggestion["at"])},
            "insight": None if doubt else for_card(self._memory, self._store.reader, customer.id, alert.opened_at),
            **self._lender(customer.id),
        }

    def _lender(self, customer: str) -> Shape:
        """Whose customer this is, and how that venue is called."""
        borrowed = self._memory.people.borrowed
        venue = borrowed.venue(customer)
        return {"lent_by": venue, "lent_by_name": borrowed.name(venue)}

    def present(self) -> list[Shape]:
        """Who is here."""
        return [
            shapes.presence(here, customer, self.attendance(here.visit))
            for here in self._memory.presence.here()
            if (customer := self._memory.person(here.customer)) is not None
        ]

    def about(self, customer: str) -> Shape:
        """What the whole state says of a customer, who is here or is not."""
        here, person = self._memory.presence.where(customer), self._memory.person(customer)
        dues, known = self._memory.dues, here is not None and person is not None
        about: Shape = {
            "present": [],
            "alerts": self.alerts_about(customer),
            "asks": [],
            "preferences": {customer: self.shown(customer)} if known else {},
            "promises": [self.owed(o) for o in dues.of_customer(customer, "promise")],
            "complaints": [self.owed(o) for o in dues.of_customer(customer, "complaint")],
        }
        if here is not None and person is not None:
            about["present"] = [shapes.presence(here, person, self.attendance(here.visit))]
            about["asks"] = [shapes.ask(a, self._memory.floor) for a in self._memory.asks.of_visit(here.visit)]
        return about

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
                {"id": c.id, "scheme": c.scheme, "label": c.label} for c in memory.people.carried(customer.id)
            ],
            "consents": [self.consent(c) for c in memory.people.agreed(customer.id, memory.certain())],
            "preferences": self.preferences(customer.id),
            "asks": [shapes.ask(a, memory.floor) for a in memory.asks.of_visit(here.visit)] if here else [],
            "promises": [self.owed(o) for o in memory.dues.of_customer(customer.id, "promise")],
            "complaints": [self.owed(o) for o in memory.dues.of_customer(customer.id, "complaint")],
            "presence": shapes.presence(here, customer, self.attendance(here.visit)) if here else None,
            "last_visit": iso_or_none(self.last_visit(customer.id)),
            "visits": visits.count(reader, *memory.family.all_of(customer.id)),
            **self._lender(customer.id),
        }

    def last_visit(self, customer: str) -> float | None:
        """When the customer's last visit that is over began."""
        last = visits.last_visit(self._store.reader, *self._memory.family.all_of(customer))
        return last.opened_at if last else None

    def consent(self, consent: consents.Consent) -> Shape:
        """A consent as the customer's page shows it."""
        return consent_shapes.act(self._memory, consent, self._memory.certain())

    def venue(self) -> Shape:
        """The venue's own facts."""
        v = self._config.venue
        return {
            "id": v.id,
            "name": v.name.by_language(),
            "kind": v.kind,
            "timezone": v.timezone,
            "gatherings": self._config.club.gatherings,
            "introductions": self._config.club.introductions,
            "points": self._config.club.points,
            "zones": [{"id": z.id, "name": z.name.by_language()} for z in self._config.zones],
        }

    def state(self, me: Shape, *, audience: str) -> Shape:
        """The whole state for a tablet that starts or was away too long, as far as its audience may see it.

        ``service`` sees everything, ``program`` no names and no words, ``technical`` the equipment and colleagues.
        """
        state = {**self._of_house(), "me": me, "staff": self.colleagues()}
        if audience == "technical":
            return {**state, **NOBODY}
        mine = [a for a in self._memory.desk.alerts() if a.stage == "card" or me["staff"] in (None, *a.to)]
        state |= self._of_guests(mine)
        if audience != "program":
            return state
        named = [{**shown, "customer": a.customer} for shown, a in zip(state["alerts"], mine, strict=True)]
        return state_for_programs({**state, "alerts": named})

    def common_state(self) -> Shape:
        """The same without ``me`` and ``staff``: what all share who see everything, while there are no ``hints``."""
        return {**self._of_house(), **self._of_guests(self._memory.desk.alerts())}

    def hints(self) -> bool:
        """Whether somebody is told of a guest of whom others are not."""
        return any(alert.stage != "card" for alert in self._memory.desk.alerts())

    def colleagues(self) -> list[Shape]:
        """Who works here, and who of them is on shift and connected."""
        floor, now = self._memory.floor, self._memory.now()
        return [shapes.staff(member.id, floor, now) for member in floor.members()]

    def _of_house(self) -> Shape:
        memory = self._memory
        return {
            "venue": self.venue(),
            "readers": self.readers(),
            "alerting": {"escalate_after_s": list(self._config.alerts.escalate_after_s)},
            "moments": in_words(self._moment_rules.rules),
            "plan": self.plan(),
            "quarantine": {name: memory.quarantined[name] for name in ("since", "because")}
            if memory.quarantined is not None
            else None,
        }

    def _of_guests(self, alerts: Iterable[Alert]) -> Shape:
        memory, now, present = self._memory, self._memory.now(), self.present()
        return {
            "present": present,
            "alerts": [self.alert(a, aged_s=max(0.0, now - a.opened_at)) for a in alerts],
            "asks": [shapes.ask(a, memory.floor) for a in memory.asks.all()],
            "promises": [self.owed(o) for o in memory.dues.all("promise")],
            "complaints": [self.owed(o) for o in memory.dues.all("complaint")],
            "preferences": {p["customer"]: self.shown(p["customer"]) for p in present},
            "places": [shapes.place(each) for each in memory.seating.places.values()],
            "expected": self.expected(),
            "menus": self.dining.menus(),
            "rounds": self.dining.rounds(),
        }

    def booked(self, customer: str) -> tuple[Shape, bool]:
        """How the book names somebody, and whether they ended being recognised: then it names nobody."""
        ended = self._memory.people.unrecognised(customer)
        return (shapes.nobody(customer) if ended else self.named(customer)), ended

    def expected(self, of: str | None = None) -> list[Shape]:
        """Who may still come, in the order in which they do, and who did not."""
        memory = self._memory
        book = memory.presence.beside.expected.all()
        still = [each for each in book if each.missed or each.ends >= memory.now()]
        theirs = [each for each in still if of in (None, each.customer) and memory.meet(each.customer)]
        return [shapes.expected(each, *self.booked(each.customer)) for each in theirs]

    def seats(self) -> list[Shape]:
        """Every place in its order, who sits there, who is expected there, and whose habit it is."""
        memory = self._memory
        expected: dict[str, list[Shape]] = {}
        for each in self.expected():
            expected.setdefault(each["place"] or "", []).append(each)
        habits: dict[str, list[Shape]] = {}
        for here in memory.presence.here():
            if memory.seating.place_of(here.visit) is None:
                records = memory.family.all_of(here.customer)
                habit = seats.habit(self._store.reader, *records, besides=here.visit)
                if habit is not None:
                    guest = {**self.named(here.customer), "visit": here.visit, "times": habit[1]}
                    habits.setdefault(habit[0], []).append(guest)
        return [
            {**shapes.place(place), **self._guest(place.place), "expected": expected.get(place.place, []),
             "habit": habits.get(place.place, [])}
            for place in memory.seating.places.values()
        ]  # fmt: skip

    def _guest(self, place: str) -> Shape:
        seat = self._memory.seating.at(place)
        if seat is None:
            return dict.fromkeys(("visit", "customer", "name", "address_as", "since", "because"))
        because = seat.because if seat.because in ("staff", "expected", "swap") else None
        return {**{k: v for k, v in self.sitting(seat).items() if k != "place"}, "because": because}

    def sitting(self, seat: Seat) -> Shape:
        """Who sits somewhere, and since when."""
        named = self.named(seat.customer)
        who = {"customer": seat.customer, "name": named["name"], "address_as": named["address_as"]}
        return {"place": seat.place, "visit": seat.visit, **who, "since": iso(seat.since)}

    def _place_and_note(self, customer: str, visit: str) -> Shape:
        """Where the guest of a visit sits or is expected to, and what whoever expects them wrote."""
        memory = self._memory
        now, of_them = memory.now(), memory.presence.beside.expected.of(customer)
        booked = next((each for each in of_them if each.may_be(now)), None)
        seat = memory.seating.of(visit)
        place = seat.place if seat is not None else booked.place if booked is not None else None
        return {"place": place, "note": booked.note if booked is not None else None}

    def catalogue(self) -> Shape:
        """The values that facts may have."""
        catalogue = self._memory.known.catalogue
        document = house_documents.get(self._store.reader, house_documents.CATALOGUE) or venue_values.NOTHING
        return {
            "version": document["version"],
            "languages": list(LANGUAGES),
            "categories": list(CATEGORIES),
            "within": dict(catalogue.within),
            "values": [value.data() for value in catalogue.values.values()],
        }

    def plan(self) -> Shape | None:
        """The venue's plan as somebody drew it; None before anybody did."""
        found: Shape | None = house_documents.get(self._store.reader, house_documents.PLAN)
        return found

    def _about(self, alert: Alert) -> Shape:
        """What a kind beside arrival is about, with names where they may be shown."""
        about = dict(alert.about)
        if "promise" in about:
            owed = self._memory.dues.find(about["promise"])
            about["promise"] = self.owed(owed) if owed else None
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
