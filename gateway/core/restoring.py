"""Memory made of the tables, at a start."""

from __future__ import annotations

import logging

from gateway.core.state import Memory
from gateway.events.event import VISIT
from gateway.events.times import new_id
from gateway.recognition.learnt import Learnt
from gateway.records import (
    alerts,
    asks,
    house_documents,
    journal_rows,
    merges,
    mistakes,
    preferences,
    promises,
    staff,
    visit_facts,
    visits,
)
from gateway.records.connection import SealedDatabase
from gateway.records.venue_values import catalogue_of
from gateway.service.asks import Ask
from gateway.service.desk import FORGET_AFTER, Alert
from gateway.service.floor import Member, Shift
from gateway.service.owed import Owed
from gateway.service.stays import Stay

log = logging.getLogger(__name__)


def restore(memory: Memory, reader: SealedDatabase, now: float) -> None:
    """Those who were here are here again, and nobody is greeted twice; ``now`` on the house's clock."""
    memory.known.read_by(catalogue_of(house_documents.get(reader, house_documents.CATALOGUE)))
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
    if memory.quarantined is not None:
        return  # nobody is known here but colleagues
    for merge in merges.live(reader):
        memory.family.merge(merge.kept, merge.other, merge.at)
    memory.consenting.read(reader)
    memory.people.borrowed.restore(reader)
    memory.people.admit_everybody()
    for mistake in mistakes.unsettled(reader):
        memory.people.suspect(mistake.customer, mistake.credentials)
    memory.expecting.restore(reader)
    for visit in visits.open_visits(reader):
        if memory.meet(visit.customer) is None:  # their record is set aside: nobody can be shown who they are
            continue
        memory.presence.restore(visit.customer, visit.id, visit.zone, visit.since, visit.since, now)
        memory.asks.restore(Ask.from_data(row) for row in asks.of_visit(reader, visit.id))
        facts = visit_facts.get(reader, visit.id)
        party, companions = (facts.party, facts.companions) if facts else (new_id(), 0)
        memory.stays.restore(Stay(visit.id, visit.customer, visit.opened_at, party, companions, visit.zone))
        where = "WHERE subject = ? AND type = 'preference.served' AND time >= ? ORDER BY sequence"
        for served in journal_rows.select(reader, where, visit.customer, visit.opened_at):
            if served.data:
                memory.known.serve(preferences.from_data(served.data))
    going_on = {VISIT + visit.id for visit in visits.open_visits(reader)}
    for holder in set(reader.keyring.holders(VISIT)) - going_on:
        memory.for_a_visit.ended(holder.removeprefix(VISIT), memory.steady())
    for visit in visits.closed_since(reader, now - memory.reentry_s):
        if memory.family.root(visit.customer) == visit.customer:  # else it is over, and they are here as somebody else
            memory.presence.recent(visit.customer, visit.id, visit.closed_at or now)
    for row in [*alerts.closed_since(reader, now - FORGET_AFTER), *alerts.open_alerts(reader)]:
        if memory.meet(row["customer"]) is not None:
            memory.desk.restore(Alert.from_data(row))
    for row in [*promises.open_promises(reader), *promises.open_complaints(reader)]:
        if memory.meet(row["customer"]) is not None:
            memory.dues.put(Owed.from_data(row))
    memory.serving.restore(reader)


def _take_back_rooms(learnt: Learnt, reader: SealedDatabase) -> None:
    """What the venue has taught; where that is damaged it is taught anew, and nothing else is lost."""
    try:
        kept = house_documents.get(reader, house_documents.ROOMS)
        if kept is not None:
            learnt.take_back(kept)
    except (ValueError, RecursionError, OverflowError) as wrong:  # BadLearnt, or no JSON at all
        log.warning("what was learnt of the rooms cannot be read, and is learnt anew: %s", wrong)
