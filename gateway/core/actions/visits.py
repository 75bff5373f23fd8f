"""What staff say of a visit: who came along, and how it was."""

from __future__ import annotations

from typing import Any

from gateway.core.action import Action, Actor, News
from gateway.core.gateway import Gateway
from gateway.events.times import iso, new_id
from gateway.records import visit_facts, visits
from gateway.records.visit_facts import VisitFacts
from gateway.service.alert import Refused


def companions(house: Gateway, visit: str, count: int, actor: Actor, now: float) -> Action:
    """How many people the customer has brought along: counted, never named."""
    stay = house.memory.stays.of(visit)
    if stay is None:
        raise Refused(404, "there is no such visit, or it is over")
    facts = VisitFacts(visit, stay.group, count)
    shape = {"visit": visit, "customer": stay.customer, "companions": count, "by": actor.id}

    def counted() -> None:
        stay.companions = count

    return Action(
        shape,
        news=[News("visit.companions", stay.customer, shape)],
        changes=[lambda tx: visit_facts.save(tx, facts)],
        after=[counted],
    )


def review(house: Gateway, visit: str, said: dict[str, Any], actor: Actor, now: float) -> Action:
    """How the visit was; of several words about one visit the last counts."""
    stay = house.memory.stays.of(visit)
    known = visits.get(house.store.reader, visit) if stay is None else None
    customer = stay.customer if stay else known.customer if known else None
    if customer is None or house.memory.person(customer) is None:
        raise Refused(404, "there is no such visit")
    by_name = house.memory.floor.name_of(actor.id)
    shape = {"id": new_id(now), "visit": visit, "customer": customer, **said, "by": actor.id, "by_name": by_name}
    shape["at"] = iso(now)
    return Action(shape, 201, news=[News("visit.reviewed", customer, shape)])
