"""What the gateway knows without asking the disk: who is enrolled, who is here, who works, what is open.

It changes by events alone: ``apply`` takes one in, and after a start ``restoring`` makes of the tables what applying
every event would have made. What recognition has seen, and when somebody was last told what, begins anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gateway.core.clock import Clock
from gateway.core.consenting import Consenting
from gateway.core.expecting import Expecting
from gateway.core.for_a_visit import ForAVisit
from gateway.core.known import KnownFacts
from gateway.core.people import People
from gateway.core.serving import Serving
from gateway.core.whereabouts import Whereabouts
from gateway.events.event import FORGOTTEN, VISIT, Event
from gateway.events.times import new_id, seconds
from gateway.recognition.chips import ChipWatch
from gateway.recognition.clones import CloneWatch, Doubt
from gateway.recognition.left_behind import LeftBehindWatch
from gateway.recognition.moments import Moment
from gateway.recognition.mute import MuteWatch
from gateway.recognition.plan import Plan, ReaderPlace
from gateway.recognition.presence import Presence
from gateway.recognition.settings import PresenceSettings
from gateway.records import asks, preferences, visit_facts, visits
from gateway.records.customers import Customer
from gateway.records.store import Store
from gateway.records.venue_values import catalogue_of
from gateway.service.asks import Ask, Asks
from gateway.service.caps import Caps
from gateway.service.desk import Alert, Desk
from gateway.service.floor import Floor, Member, Shift
from gateway.service.owed import Dues, Owed
from gateway.service.stays import Stay, Stays
from gateway.settings.venue import VenueConfig


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


class Memory:
    """Everything that must answer in microseconds; changed by ``apply`` alone."""

    def __init__(self, config: VenueConfig, plan: Plan, store: Store) -> None:
        self._store = store
        self.clock = Clock()
        self.reentry_s = config.presence.reentry_minutes * 60
        self.consenting = Consenting(config)
        self.people = People(store, lambda: self.certain(), lambda entry: self.consenting.cut(entry))
        self.family, self.roster, self.suspects = self.people.family, self.people.roster, self.people.suspects
        settings = PresenceSettings(reentry_s=self.reentry_s, linger_s=config.presence.linger_s)
        self.presence = Whereabouts(Presence(plan, new_visit=new_id, settings=settings), self.clock)
        self.people.here = lambda: [each.customer for each in self.presence.here()]
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
        self.quarantined: Mapping[str, object] | None = None  # why nobody may be known here (quarantine.py)
        self.doubts: dict[str, Doubt] = {}
        """Customers whose tag or phone is not to be trusted in this visit."""
        self.asks = Asks()
        self.dues = Dues(self.family.root)
        self.for_a_visit = ForAVisit()
        """Visits with a key of their own, which are over."""
        self.expecting = Expecting(self.presence.beside.expected, self.family)
        self.serving = Serving(config)
        self.seating, self.menus, self.rounds = self.serving.seating, self.serving.menus, self.serving.rounds
        self.known = KnownFacts(lambda: store.reader, self._visit, self.people)
        self.as_heard: Callable[[str], str] = str
        """How an identifier that is being enrolled is heard: a phone's key may be written backwards."""
        self.take_in: Callable[[Event], None] = lambda _: None
        """What follows of somebody who came in a file."""

    def _visit(self, customer: str) -> str | None:
        here = self.presence.where(customer)
        return here.visit if here is not None else None

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
        return self.people.person(customer)

    def meet(self, customer: str) -> Customer | None:
        """The facts of a customer, opened at first sight and kept from then on."""
        return self.people.meet(customer)

    def read_again(self, customer: str) -> None:
        """What is known of a customer is read anew at the next look: a record of theirs can be read again."""
        self.people.forget(customer, self.family.root(customer))
        self.known.forget(customer)

    def whose(self, visit: str) -> str | None:
        """The customer of a visit, also of one that is over; None of who was erased."""
        stay = self.stays.of(visit)
        if stay is not None:
            return stay.customer
        written = visits.get(self._store.reader, visit)
        return self.family.root(written.customer) if written is not None else None

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
        self.serving.apply(event)
        self.expecting.apply(event)

    def _arrived(self, event: Event) -> None:
        data = event.data
        visit, customer, zone = data["visit"], data["customer"], data["zone"] or ""
        self.known.forget(customer)
        self.for_a_visit.goes_on(visit)
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
        self.serving.resume(self._store.reader, visit)
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
        self.known.forget(customer)
        self.known.over(visit)
        if self._store.keyring.ids_of(VISIT + visit):
            self.for_a_visit.ended(visit, self.steady())
        if event.data["because"] is not None:
            self.presence.end(customer, event.time, event.data["because"])

    def _forgotten(self, event: Event) -> None:
        self.for_a_visit.goes_on(event.subject)
        self.known.forget_who_left()

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
        self.dues.put(Owed.from_data(event.data))

    def _preference(self, event: Event) -> None:
        self.known.forget(event.subject)

    def _preference_served(self, event: Event) -> None:
        self.known.serve(preferences.from_data(event.data))

    def _catalogue(self, event: Event) -> None:
        self.known.read_by(catalogue_of(event.data))

    def _doubted(self, event: Event) -> None:
        self.doubts[event.subject] = Doubt("", event.data["kind"], event.time, event.data["reason"])

    def _mistaken(self, event: Event) -> None:
        self.people.suspect(event.subject, event.data["credentials"], event.time - self.clock.moved)

    def _settled(self, event: Event) -> None:
        self.doubts.pop(self.family.root(event.subject), None)
        self.people.settled(event.subject)

    def _enrolled(self, event: Event) -> None:
        self.people.enrolled(event.subject, event.data.get("alias"))

    def _changed(self, event: Event) -> None:
        self.people.changed(event.subject, event.data["changed"], event.time)

    def _wish(self, event: Event) -> None:
        self.people.changed(event.subject, {"wishes": event.data["wishes"]}, event.time)
        self.people.admit(event.subject)

    def _erased(self, event: Event) -> None:
        customer, root = event.subject, self.family.root(event.subject)
        self.people.lost(customer)
        self.dues.forget_customer(customer)
        self.desk.forget_customer(customer)
        self.presence.end(customer, event.time, "erased")
        self.known.forget(root)
        self.family.forget(customer)
        self.people.forget(customer, root)
        self.doubts.pop(customer, None)
        self.suspects.forget_customer(customer)

    def _merged(self, event: Event) -> None:
        """All of the other counts for the one who is kept: who was here is here as them, and nobody is greeted anew."""
        kept, other, visit = (event.data[name] for name in ("customer", "other", "visit"))
        self.presence.end(other, event.time, "merged")
        self.family.merge(kept, other, event.time)
        stay = self.stays.of(visit) if visit is not None else None
        if stay is not None:
            self.presence.restore(kept, stay.visit, stay.zone or "", stay.arrived_at, event.time, event.time)
        if other in self.doubts:
            self.doubts[kept] = self.doubts.pop(other)
        self._anew(kept, other)

    def _unmerged(self, event: Event) -> None:
        """It is as if the merge had not been: what the other carries is the other's, who is here once it is heard."""
        kept, other = event.data["customer"], event.data["other"]
        root = self.family.root(kept)
        self.family.part(other)
        self._anew(root, other)

    def _anew(self, *ids: str) -> None:
        """Everything about these customers is read anew."""
        self.people.renew(*ids)
        for customer in ids:
            self.known.forget(customer)
        for customer in dict.fromkeys(map(self.family.root, ids)):
            self.people.admit(customer)

    def _given(self, event: Event) -> None:
        """What was just handed out is what it is; a chip's number that was wrong in the records is mended so."""
        self.chips.forget(event.data["identifier"])
        self.suspects.given(event.data["identifier"], event.subject)
        self.doubts.pop(self.family.root(event.subject), None)
        self.people.admit(event.subject)

    def _taken(self, event: Event) -> None:
        self.people.taken(event.subject)

    def _consent(self, event: Event) -> None:
        self.known.forget(event.subject)
        self.people.admit(event.subject)

    def _notice(self, event: Event) -> None:
        """A new text may end what was agreed to before it."""
        self.consenting.read(self._store.reader)
        if event.data["material"]:
            self.known.forget_all()
            self.people.admit_everybody()

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

    def _brought(self, event: Event) -> None:
        """Somebody came in a file."""
        self.take_in(event)

    def _clock_moved(self, event: Event) -> None:
        """What lasts goes on as if nobody had set the clock."""
        by = event.data["by_s"]
        self.desk.shift_times(by)
        self.floor.shift_times(by)
        self.stays.shift_times(by)
        for doubt in self.doubts.values():
            doubt.at += by
        self.presence.beside.expected.moved = self.clock.moved


APPLIED: Mapping[str, Callable[[Memory, Event], None]] = {
    "visit.hinted": Memory._hinted,
    "visit.arrived": Memory._arrived,
    "visit.moved": Memory._moved,
    "visit.departed": Memory._departed,
    "visit.forgotten": Memory._forgotten,
    "visit.companions": Memory._companions,
    **dict.fromkeys(
        (
            "alert.opened", "alert.claimed", "alert.released", "alert.handed_over", "alert.escalated", "alert.closed",
            "alert.met", "alert.rated", "alert.waited", "alert.reconsidered",
        ),
        Memory._alert,
    ),
    **dict.fromkeys(("ask.opened", "ask.answered", "ask.served", "order.flagged"), Memory._ask),
    **dict.fromkeys(
        (
            "promise.made", "promise.kept", "promise.handed_over",
            "complaint.opened", "complaint.closed", "complaint.handed_over",
        ),
        Memory._owed,
    ),
    "preference.recorded": Memory._preference,
    "preference.served": Memory._preference_served,
    "catalogue.changed": Memory._catalogue,
    "customer.enrolled": Memory._enrolled,
    "customer.changed": Memory._changed,
    "customer.mistaken": Memory._mistaken,
    "customer.settled": Memory._settled,
    "customer.merged": Memory._merged,
    "customer.unmerged": Memory._unmerged,
    "wish.changed": Memory._wish,
    **dict.fromkeys(FORGOTTEN, Memory._erased),
    "customer.doubted": Memory._doubted,
    "credential.given": Memory._given,
    "credential.taken": Memory._taken,
    **dict.fromkeys(("consent.granted", "consent.refused", "consent.revoked"), Memory._consent),
    "notice.published": Memory._notice,
    "staff.changed": Memory._staff,
    "staff.removed": Memory._staff_removed,
    "shift.started": Memory._shift_started,
    "shift.ended": Memory._shift_ended,
    "rooms.learnt": Memory._rooms,
    "clock.moved": Memory._clock_moved,
    "person.imported": Memory._brought,
}  # fmt: skip
