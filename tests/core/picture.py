"""What memory holds, as plain values: what a restart must give back."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from gateway.core.state import Memory
from gateway.service.rounds import Round


def round_of(r: Round) -> dict[str, Any]:
    """A round without what floating point makes of times."""
    plates = {id_: replace(plate, received=round(plate.received, 2)) for id_, plate in r.plates.items()}
    return asdict(replace(r, plates=plates))


def _see_everybody(memory: Memory) -> None:
    """Where who is recognised is asked at first sight, everybody is seen."""
    if memory.people.many is not None:
        rows = memory.people._store.reader.conn.execute("SELECT DISTINCT customer FROM credentials").fetchall()
        for (customer,) in rows:
            memory.roster.admits(memory.family.root(customer))


def picture(memory: Memory) -> dict[str, Any]:
    """All that events alone change; what recognition has lately seen and who was told what when begin anew."""
    _see_everybody(memory)
    alerts = [*memory.desk.alerts(), *memory.desk.alerts("closed")]
    here = {h.customer: (h.visit, h.zone) for h in memory.presence.here()}
    stays = [stay for customer in here if (stay := memory.stays.of_customer(customer)) is not None]
    floor = memory.floor
    people, entries = {id_: memory.person(id_) for id_ in here}, dict(sorted(memory.roster._entries.items()))
    return {
        "alerts": {a.id: a.data() for a in alerts},
        "expected": memory.presence.beside.expected.all(),
        "asks": {a.id: a.data() for a in memory.asks.all()},
        "owed": {o.id: o.data() for kind in ("promise", "complaint") for o in memory.dues.all(kind)},
        "staff": {m.id: (m.name, m.roles, m.zones, m.languages) for m in floor.members()},
        "shifts": {m.id: (s.zones, s.until) for m in floor.members() if (s := floor.shift(m.id)) is not None},
        "here": here,
        "stays": {s.visit: (s.customer, round(s.arrived_at, 3), s.party, s.companions, s.zone) for s in stays},
        "people": {
            id_: (p.name, p.tier, p.associate, tuple(p.wishes), tuple(p.meets))
            for id_, p in people.items()
            if p is not None
        },
        "seats": {s.visit: (s.customer, s.place, round(s.since, 3), s.because) for s in memory.seating.known()},
        "places": list(memory.seating.places),
        "menus": {m.menu: (m.question, m.items, m.sold) for m in memory.menus.all()},
        "rounds": {r.id: round_of(r) for r in memory.rounds.all()},
        "suspects": memory.suspects.all(),
        "roster": {id_: known for id_, known in entries.items() if memory.certain() < known[1]},
        "tids": {id_: tid for id_, tid in sorted(memory.roster._tids.items()) if memory.certain() < entries[id_][1]},
    }
