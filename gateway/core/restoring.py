"""Memory made of the tables, at a start."""

from __future__ import annotations

import logging

from gateway.core.state import Memory
from gateway.events.times import new_id
from gateway.recognition.learnt import Learnt
from gateway.records import alerts, asks, customers, house_documents, promises, staff, visit_facts, visits
from gateway.records.connection import SealedDatabase
from gateway.service.asks import Ask
from gateway.service.desk import FORGET_AFTER, Alert
from gateway.service.floor import Member, Shift
from gateway.service.owed import Owed
from gateway.service.stays import Stay

log = logging.getLogger(__name__)


def restore(memory: Memory, reader: SealedDatabase, now: float) -> None:
    """Those who were here are here again, and nobody is greeted twice; ``now`` on the house's clock."""
    memory.learnt_before = house_documents.get(reader, house_documents.AREAS) or []
    memory.clones.take_back(memory.learnt_before)
    _take_back_rooms(memory.presence.learnt, reader)
    memory.rooms_before = memory.presence.learnt.version
    memory.presence.beside.expected.moved = memory.clock.moved
    for member in staff.list_staff(reader):
        memory.floor.put(
            Member(member.id, member.name, frozenset(member.roles), frozenset(member.zones), tuple(member.languages))
        )
    for shift in staff.shifts(reader):
        memory.floor.start_shift(shift.staff, Shift(frozenset(shift.zones), shift.until))
    for identifier, customer, expires, tid in customers.enrolled(reader, memory.clock.certain(now)):
        memory.roster.admit(identifier, customer, expires, tid)
    for customer, (begins, ends) in (house_documents.get(reader, house_documents.EXPECTED) or {}).items():
        memory.presence.beside.expected.put(customer, begins, ends)
    for visit in visits.open_visits(reader):
        memory.meet(visit.customer)
        memory.presence.restore(visit.customer, visit.id, visit.zone, visit.since, visit.since, now)
        memory.asks.restore(Ask.from_data(row) for row in asks.of_visit(reader, visit.id))
        facts = visit_facts.get(reader, visit.id)
        party, companions = (facts.party, facts.companions) if facts else (new_id(), 0)
        memory.stays.restore(Stay(visit.id, visit.customer, visit.opened_at, party, companions, visit.zone))
    for visit in visits.closed_since(reader, now - memory.reentry_s):
        memory.presence.recent(visit.customer, visit.id, visit.closed_at or now)
    for row in [*alerts.closed_since(reader, now - FORGET_AFTER), *alerts.open_alerts(reader)]:
        memory.meet(row["customer"])
        memory.desk.restore(Alert.from_data(row))
    for row in [*promises.open_promises(reader), *promises.open_complaints(reader)]:
        memory.meet(row["customer"])
        memory.ledger.put(Owed.from_data(row))


def _take_back_rooms(learnt: Learnt, reader: SealedDatabase) -> None:
    """What the venue has taught; where that is damaged it is taught anew, and nothing else is lost."""
    try:
        kept = house_documents.get(reader, house_documents.ROOMS)
        if kept is not None:
            learnt.take_back(kept)
    except (ValueError, RecursionError, OverflowError) as wrong:  # BadLearnt, or no JSON at all
        log.warning("what was learnt of the rooms cannot be read, and is learnt anew: %s", wrong)
