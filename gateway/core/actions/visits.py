"""What staff say of a visit: who came along, and how it was."""

from __future__ import annotations

from typing import Any

from gateway.core.action import Action, Actor
from gateway.core.actions.customers import still_recognised
from gateway.core.gateway import Gateway
from gateway.events.event import News
from gateway.events.times import iso, new_id
from gateway.records import visits
from gateway.service.alert import Refused


def companions(house: Gateway, visit: str, count: int, actor: Actor) -> Action:
    """How many people the customer has brought along: counted, never named."""
    stay = house.memory.stays.of(visit)
    if stay is None:
        raise Refused(404, "there is no such visit, or it is over")
    data = {"visit": visit, "customer": stay.customer, "companions": count}
    return Action({**data, "by": actor.id}, news=[News("visit.companions", stay.customer, data)])


def review(house: Gateway, visit: str, said: dict[str, Any], actor: Actor, now: float) -> Action:
    """How the visit was; of several words about one visit the last counts."""
    stay = house.memory.stays.of(visit)
    known = visits.get(house.store.reader, visit) if stay is None else None
    customer = stay.customer if stay else known.customer if known else None
    if customer is None or house.customer(customer) is None:
        raise Refused(404, "there is no such visit")
    still_recognised(house, customer)
    data = {"id": new_id(now), "visit": visit, "customer": customer, **said, "by": actor.id, "at": iso(now)}
    answer = {**data, "by_name": house.memory.floor.name_of(actor.id)}
    return Action(answer, 201, news=[News("visit.reviewed", customer, data)])
