"""What the gateway knows without asking the disk: who is enrolled, who is here, who works, what is open.

It changes by events alone: ``apply`` takes one in, and after a start ``restoring`` makes of the tables what applying
every event would have made. What recognition has seen, and when somebody was last told what, begins anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

from gateway.core.clock import Clock
from gateway.core.whereabouts import Whereabouts
from gateway.events.event import Event
from gateway.events.times import new_id, seconds
from gateway.recognition.chips import ChipWatch
from gateway.recognition.clones import CloneWatch, Doubt
from gateway.recognition.identifiers import purpose_of
from gateway.recognition.left_behind import LeftBehindWatch
from gateway.recognition.moments import Moment
from gateway.recognition.mute import MuteWatch
from gateway.recognition.plan import Plan, ReaderPlace
from gateway.recognition.presence import Presence
from gateway.recognition.roster import Roster
from gateway.recognition.settings import PresenceSettings
from gateway.records import (
    asks,
    consents,
    customers,
    house_documents,
    preferences,
    visit_facts,
    visits,
)
from gateway.records.customers import Customer
from gateway.records.preferences import Preference
from gateway.records.store import Store
from gateway.service.asks import Ask, Asks
from gateway.service.caps import Caps
from gateway.service.desk import Alert, Desk
from gateway.service.floor import Floor, Member, Shift
from gateway.service.owed import Ledger, Owed
from gateway.service.stays import Stay, Stays
from gateway.settings.venue import VenueConfig

MOST_CUSTOMERS = 20_000  # customers whose facts stay in memory, some 20 MB


def plan_of(config: VenueConfig) -> Plan:
    """The venue as recognition sees it."""
    places = {r.id: ReaderPlace(role=r.role, zone=r.zone, antennas=r.places) for r in config.readers}
    sensors = [r.id for r in config.readers if r.senses is not None]
    return Plan(
        zones=tuple(z.id for z in config.zones),
        readers={id_: place for id_, place in places.items() if id_ not in sensors},
        floors={z.id: z.floor for z in config.zones if z.floor is not None},
        stairs=frozenset(z.id for z in config.zones if z.stairs),
        sensors={id_: places[id_] for id_ in sensors},
    )


class Known(NamedTuple):
    """Every preference ever recorded of a customer, and from when they are not to be kept any more."""

    facts: list[Preference]
    withdrawn_from: float


class Memory:
    """Everything that must answer in microseconds; changed by ``apply`` alone."""

    def __init__(self, config: VenueConfig, plan: Plan, store: Store) -> None:
        self._store = store
        self.clock = Clock()
        self.reentry_s = config.presence.reentry_minutes * 60
        self.roster = Roster()
        settings = PresenceSettings(reentry_s=self.reentry_s, linger_s=config.presence.linger_s)
        self.presence = Whereabouts(Presence(plan, new_visit=new_id, settings=settings), self.clock)
        self.floor = Floor()
        rules = config.alerts
        self.desk = Desk(
            self.floor,
            rules.escalate_after_s,
            new_id=new_id,
            hand_over_s=rules.hand_over_s,
            caps=Caps(rules.per_customer_minutes * 60, rules.per_person_per_hour),
        )
        self.stays = Stays(new_id)
        self.left_behind = LeftBehindWatch()
        self.mute = MuteWatch()
        self.chips = ChipWatch()
        self.clones = CloneWatch(plan)
        self.learnt_before: list[list[str | int | float]] = []
        """What was written down last of which antennas can hear one thing at once."""
        self.rooms_before = 0
        """The version of what was learnt of the rooms that was written down last."""
        self.doubts: dict[str, Doubt] = {}
        """Customers whose tag or phone is not to be trusted in this visit."""
        self.asks = Asks()
        self.ledger = Ledger()
        self._customers: dict[str, Customer] = {}
        self._known: dict[str, Known] = {}
        self.as_heard: Callable[[str], str] = str
        """How an identifier that is being enrolled is heard: a phone's key may be written backwards."""

    def now(self) -> float:
        """Seconds since 1970 UTC; the one clock of service and console."""
        return self.clock.now()

    def steady(self) -> float:
        """The time that only passes, whatever becomes of the clock."""
        return self.now() - self.clock.moved

    def certain(self) -> float:
        """The time by which something may run out: after the clock was set, not at once that of the clock."""
        return self.clock.certain(self.now())

    # --- customers ---------------------------------------------------------------------------------------------------

    def person(self, customer: str) -> Customer | None:
        """The facts of a customer who was met; None for a stranger, and for one who was erased. Reads no disk."""
        return self._customers.get(customer)

    def meet(self, customer: str) -> Customer | None:
        """The facts of a customer, opened at first sight and kept from then on."""
        found = self._customers.get(customer)
        if found is None:
            found = customers.get_customer(self._store.reader, customer)
            if found is not None:
                self._make_room()
                self._customers[customer] = found
        return found

    def known(self, customer: str) -> Known:
        """What is known of a customer's preferences, read once while they are here."""
        found = self._known.get(customer)
        if found is None:
            reader, here = self._store.reader, self.presence.where(customer)
            visit = here.visit if here is not None else None
            facts = [_in_visit(f, visit) for f in preferences.facts_of(reader, customer)]
            found = Known(facts, consents.withdrawn_from(reader, customer, "keep_preferences"))
            if here is not None:
                self._known[customer] = found
        return found

    def tie(self, one: str, other: str) -> bool | None:
        """Whether two customers belong together: they agreed to meet, or have the same associate; None: who knows."""
        a, b = self.person(one), self.person(other)
        if a is None or b is None:
            return None
        if other in a.meets and one in b.meets:
            return True
        return a.associate == b.associate if a.associate and b.associate else None

    def _make_room(self) -> None:
        """Forgets who is not here, where too many were met."""
        if len(self._customers) >= MOST_CUSTOMERS:
            here = {each.customer for each in self.presence.here()}
            self._customers = {id_: person for id_, person in self._customers.items() if id_ in here}

    def stay_before(self, moment: Moment) -> Stay | None:
        """The stay of a visit that goes on after a while away, as it was written; None where one begins."""
        if not moment.resumed and "away" not in moment.evidence:
            return None
        reader, facts = self._store.reader, visit_facts.get(self._store.reader, moment.visit)
        written = visits.get(reader, moment.visit) if facts is not None else None
        if facts is None or written is None:
            return None
        return Stay(moment.visit, moment.customer, written.opened_at, facts.party, facts.companions, moment.zone)

    # --- events --------------------------------------------------------------------------------------------------

    def apply(self, event: Event) -> None:
        """Takes in what happened."""
        change = APPLIED.get(event.type)
        if change is not None:
            change(self, event)

    def _arrived(self, event: Event) -> None:
        data = event.data
        visit, customer, zone = data["visit"], data["customer"], data["zone"] or ""
        self._known.pop(customer, None)
        if self.stays.of(visit) is None:
            began = seconds(data["since"]) or event.time
            if "away" in data["evidence"] or data.get("resumed"):
                began = self._resume(visit, began)
            self.stays.restore(Stay(visit, customer, began, data["party"], data["companions"]))
        self.stays.moved(visit, zone)
        self.desk.moved(visit, zone)

    def _resume(self, visit: str, began: float) -> float:
        """The visit goes on after a while away: what was asked in it stands; answers when it began."""
        if not self.asks.of_visit(visit):
            self.asks.restore(Ask.from_data(row) for row in asks.of_visit(self._store.reader, visit))
        written = visits.get(self._store.reader, visit)
        return written.opened_at if written else began

    def _moved(self, event: Event) -> None:
        if event.data["resumed"]:
            self._arrived(event)
            return
        visit, zone, evidence = (event.data[name] for name in ("visit", "zone", "evidence"))
        self.stays.moved(visit, zone or "")
        self.desk.moved(visit, zone or "")
        if evidence["kind"] == "seen":  # by staff: recognition is told, not the other way round
            self.presence.placed(event.data["customer"], zone, seconds(event.data["at"]) or event.time, evidence)

    def _departed(self, event: Event) -> None:
        visit, customer = event.data["visit"], event.data["customer"]
        self.asks.close_visit(visit)
        self.stays.left(visit)
        self.left_behind.forget(customer)
        self.mute.forget(customer)
        self._known.pop(customer, None)
        if event.data["because"] is not None:
            self.presence.end(customer, event.time, event.data["because"])

    def _hinted(self, event: Event) -> None:
        if event.data["alert"] is not None:
            self.desk.apply(Alert.from_data(event.data["alert"]), event.type, event.time)

    def _alert(self, event: Event) -> None:
        self.desk.apply(Alert.from_data(event.data), event.type, event.time)

    def _companions(self, event: Event) -> None:
        stay = self.stays.of(event.data["visit"])
        if stay is not None:
            stay.companions = event.data["companions"]

    def _ask(self, event: Event) -> None:
        if self.stays.of(event.data["visit"]) is not None:
            self.asks.put(Ask.from_data(event.data))

    def _owed(self, event: Event) -> None:
        self.meet(event.data["customer"])
        self.ledger.put(Owed.from_data(event.data))

    def _preference(self, event: Event) -> None:
        self._known.pop(event.subject, None)

    def _doubted(self, event: Event) -> None:
        self.doubts[event.subject] = Doubt("", event.data["kind"], event.time, event.data["reason"])

    def _expected(self, event: Event) -> None:
        self.presence.beside.expected.sweep(event.time - house_documents.EXPECTED_FOR)
        begins, ends = seconds(event.data["begins"]), seconds(event.data["ends"])
        if begins is None or ends is None:
            self.presence.beside.expected.forget(event.subject)
        else:
            self.presence.beside.expected.put(event.subject, begins, ends)

    def _enrolled(self, event: Event) -> None:
        self._customers.pop(event.subject, None)

    def _changed(self, event: Event) -> None:
        found = self._customers.get(event.subject)
        if found is not None:
            for member, value in event.data["changed"].items():
                setattr(found, member, value)
            found.changed_at = event.time

    def _wish(self, event: Event) -> None:
        found = self._customers.get(event.subject)
        if found is not None:
            found.wishes, found.changed_at = list(event.data["wishes"]), event.time
        self._admit(event)

    def _erased(self, event: Event) -> None:
        customer = event.subject
        self.roster.withdraw_customer(customer)
        self.ledger.forget_customer(customer)
        self.desk.forget_customer(customer)
        self.presence.end(customer, event.time, "erased")
        self.presence.beside.expected.forget(customer)
        self.presence.beside.expected.sweep(event.time - house_documents.EXPECTED_FOR)
        self._customers.pop(customer, None)
        self._known.pop(customer, None)
        self.doubts.pop(customer, None)

    def _given(self, event: Event) -> None:
        """What was just handed out is what it is; a chip's number that was wrong in the records is mended so."""
        self.chips.forget(event.data["identifier"])
        self.doubts.pop(event.subject, None)
        self._admit(event)

    def _admit(self, event: Event) -> None:
        """Brings the roster in line with what this customer carries and agrees to."""
        customer = event.subject
        self.roster.withdraw_customer(customer)
        person = self.meet(customer)
        if person is None or customers.FOR_GOOD in person.wishes:
            return
        reader, now = self._store.reader, self.certain()
        alive = {c.purpose: c.expires for c in consents.consents_of(reader, customer, now)}
        for credential in customers.credentials_of(reader, customer) if alive else []:
            purpose = purpose_of(credential.identifier)
            if purpose in alive:
                self.roster.admit(credential.identifier, customer, alive[purpose], credential.tid)

    def _consent(self, event: Event) -> None:
        self._known.pop(event.subject, None)
        self._admit(event)

    def _rooms(self, event: Event) -> None:
        """What another copy of this venue has learnt; what is kept of our own is known already."""
        if event.data["because"] == "imported":
            self.presence.learnt.take_back(event.data["rooms"])
            self.rooms_before = self.presence.learnt.version

    def _staff(self, event: Event) -> None:
        d = event.data
        self.floor.put(
            Member(d["staff"], d["name"], frozenset(d["roles"]), frozenset(d["zones"]), tuple(d["languages"]))
        )

    def _staff_removed(self, event: Event) -> None:
        self.floor.remove(event.data["staff"])

    def _shift_started(self, event: Event) -> None:
        self.floor.start_shift(event.data["staff"], Shift(frozenset(event.data["zones"]), seconds(event.data["until"])))

    def _shift_ended(self, event: Event) -> None:
        self.floor.end_shift(event.data["staff"])

    def _clock_moved(self, event: Event) -> None:
        """What lasts goes on as if nobody had set the clock."""
        by = event.data["by_s"]
        self.desk.shift_times(by)
        self.floor.shift_times(by)
        self.stays.shift_times(by)
        for doubt in self.doubts.values():
            doubt.at += by
        self.presence.beside.expected.moved = self.clock.moved


def _in_visit(fact: Preference, visit: str | None) -> Preference:
    """What was said for one visit holds in it and no longer, whatever of its end is written by now."""
    if fact.scope != "one_off" or fact.visit is None:
        return fact
    return replace(fact, ended_at=None if fact.visit == visit else fact.ended_at or fact.at)


APPLIED: Mapping[str, Callable[[Memory, Event], None]] = {
    "visit.hinted": Memory._hinted,
    "visit.arrived": Memory._arrived,
    "visit.moved": Memory._moved,
    "visit.departed": Memory._departed,
    "visit.companions": Memory._companions,
    **dict.fromkeys(
        (
            "alert.opened", "alert.claimed", "alert.released", "alert.handed_over", "alert.escalated", "alert.closed",
            "alert.rated", "alert.waited", "alert.reconsidered",
        ),
        Memory._alert,
    ),
    **dict.fromkeys(("ask.opened", "ask.answered", "ask.served"), Memory._ask),
    **dict.fromkeys(
        (
            "promise.made", "promise.kept", "promise.handed_over",
            "complaint.opened", "complaint.closed", "complaint.handed_over",
        ),
        Memory._owed,
    ),
    "preference.recorded": Memory._preference,
    "customer.enrolled": Memory._enrolled,
    "customer.changed": Memory._changed,
    "wish.changed": Memory._wish,
    "customer.expected": Memory._expected,
    "customer.erased": Memory._erased,
    "customer.doubted": Memory._doubted,
    "credential.given": Memory._given,
    "credential.taken": Memory._admit,
    "consent.granted": Memory._consent,
    "consent.revoked": Memory._consent,
    "staff.changed": Memory._staff,
    "staff.removed": Memory._staff_removed,
    "shift.started": Memory._shift_started,
    "shift.ended": Memory._shift_ended,
    "rooms.learnt": Memory._rooms,
    "clock.moved": Memory._clock_moved,
}  # fmt: skip
