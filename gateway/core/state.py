"""What the gateway knows without asking the disk: who is enrolled, who is here, who works, what is open."""

from __future__ import annotations

import time
from collections.abc import Callable

from gateway.events.times import new_id
from gateway.recognition.chips import ChipWatch
from gateway.recognition.clones import CloneWatch, Doubt
from gateway.recognition.left_behind import LeftBehindWatch
from gateway.recognition.plan import Plan, ReaderPlace
from gateway.recognition.presence import Presence
from gateway.recognition.roster import Roster
from gateway.recognition.settings import PresenceSettings
from gateway.records import alerts, asks, customers, house_documents, promises, staff, visit_facts, visits
from gateway.records.customers import Customer
from gateway.records.store import Store
from gateway.service.asks import Ask, Asks
from gateway.service.caps import Caps
from gateway.service.desk import FORGET_AFTER, Alert, Desk
from gateway.service.floor import Floor, Member, Shift
from gateway.service.owed import Ledger, Owed
from gateway.service.stays import Stay, Stays
from gateway.settings.venue import VenueConfig

AREAS = "areas in earshot"


def plan_of(config: VenueConfig) -> Plan:
    """The venue as recognition sees it."""
    return Plan(
        zones=tuple(z.id for z in config.zones),
        readers={r.id: ReaderPlace(role=r.role, zone=r.zone, antennas=r.places) for r in config.readers},
    )


class Memory:
    """Everything that must answer in microseconds; after a start it is rebuilt from the store."""

    def __init__(self, config: VenueConfig, plan: Plan, store: Store) -> None:
        self._store = store
        self._reentry_s = config.presence.reentry_minutes * 60
        self.roster = Roster()
        self.presence = Presence(
            plan,
            new_visit=new_id,
            settings=PresenceSettings(reentry_s=self._reentry_s, linger_s=config.presence.linger_s),
        )
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
        self.apart = LeftBehindWatch()
        self.chips = ChipWatch()
        self.clones = CloneWatch(plan)
        self.doubts: dict[str, Doubt] = {}
        """Customers whose tag or phone is not to be trusted in this visit."""
        self.asks = Asks()
        self.looks: dict[tuple[str, str], float] = {}
        """When somebody last looked at a customer's page: (who, customer) → seconds since 1970 UTC."""
        self.ledger = Ledger()
        self.as_heard: Callable[[str], str] = str
        """How an identifier that is being enrolled is heard: a phone's key may be written backwards."""

    @staticmethod
    def now() -> float:
        """Seconds since 1970 UTC; the one clock of service and console."""
        return time.time()

    def person(self, customer: str) -> Customer | None:
        """A customer's facts, None for one who is not there or was erased."""
        return customers.get_customer(self._store.reader, customer)

    def tie(self, one: str, other: str) -> bool | None:
        """Whether two customers belong together: they agreed to meet, or have the same associate; None: who knows."""
        a, b = self.person(one), self.person(other)
        if a is None or b is None:
            return None
        if other in a.meets and one in b.meets:
            return True
        return a.associate == b.associate if a.associate and b.associate else None

    def resume(self, visit: str, customer: str, at: float) -> None:
        """Somebody arrived: where this visit goes on after a while away, what was asked and counted in it stands."""
        if not self.asks.of_visit(visit):
            self.asks.restore(Ask(**row) for row in asks.of_visit(self._store.reader, visit))
        facts = visit_facts.get(self._store.reader, visit) if self.stays.of(visit) is None else None
        if facts is not None:
            self.stays.restore(Stay(visit, customer, at, facts.party, facts.companions))

    def keep_learnt(self, now: float) -> None:
        """Writes down what must not be learnt again after every start."""
        learnt = self.clones.learnt()
        self._store.post(lambda tx: house_documents.put(tx, AREAS, learnt, now))

    def restore(self, now: float) -> None:
        """Rebuilds memory after a start: those who were here are here again, and nobody is greeted twice."""
        reader = self._store.reader
        self.clones.take_back(house_documents.get(reader, AREAS) or [])
        for member in staff.list_staff(reader):
            self.floor.put(
                Member(
                    member.id, member.name, frozenset(member.roles), frozenset(member.zones), tuple(member.languages)
                )
            )
        for shift in staff.shifts(reader):
            self.floor.start_shift(shift.staff, Shift(frozenset(shift.zones), shift.until))
        for identifier, customer, expires, tid in customers.enrolled(reader, now):
            self.roster.admit(identifier, customer, expires, tid)
        for visit in visits.open_visits(reader):
            self.presence.restore(visit.customer, visit.id, visit.zone, visit.since, visit.since, now)
            self.resume(visit.id, visit.customer, visit.opened_at)
            self.stays.moved(visit.id, visit.zone)
        for visit in visits.closed_since(reader, now - self._reentry_s):
            self.presence.recent(visit.customer, visit.id, visit.closed_at or now)
        for row in [*alerts.closed_since(reader, now - FORGET_AFTER), *alerts.open_alerts(reader)]:
            self.desk.restore(Alert.from_row(row))
        self.ledger.restore(Owed(**row) for row in promises.open_promises(reader))
        self.ledger.restore(Owed(**row) for row in promises.open_complaints(reader))
