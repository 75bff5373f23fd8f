"""Wrong person! The visit ends, what was heard is in doubt, and somebody who keeps the records settles it."""

from __future__ import annotations

from typing import Literal

from gateway.core import facts
from gateway.core.action import Action, Actor
from gateway.core.actions.customers import taking
from gateway.core.gateway import Gateway
from gateway.core.shapes import Shape, iso_or_none
from gateway.core.table import freed
from gateway.events.event import News
from gateway.events.times import iso, new_id
from gateway.records import mistakes
from gateway.records.customers import Credential
from gateway.records.mistakes import Mistake
from gateway.service import merging
from gateway.service.alert import Refused

HEARD_BEFORE_S = 60.0  # what brought somebody in was heard a little before they were said to have come


def wrong_person(house: Gateway, alert: str, note: str | None, actor: Actor, now: float) -> Action:
    """Whoever was met by this card is somebody else: the visit ends, and what was heard is in doubt from now on.

    It says nothing of where the customer is, and teaches the rooms nothing. Raises Refused: 409 where a colleague has
    the card, it is closed, a hint, or the customer is not here.
    """
    desk, memory = house.memory.desk, house.memory
    found = desk.get(alert)
    news = desk.close(alert, actor.id, "wrong_person", note, now, lead=actor.lead)
    here = memory.presence.where(found.customer)
    if not news:
        return Action(house.views.alert(found))
    if found.stage == "hint" or here is None or here.visit != found.visit:
        raise Refused(409, "this customer is not here", alert=found)
    customer, id_ = found.customer, new_id(now)
    news += [n for n in desk.mistaken(found.visit, now) if n.alert.id != alert]
    left = memory.presence.ending(customer, now, "somebody else carried what was heard")
    things = _heard(house, customer, found.visit)
    data = {
        "customer": customer, "mistake": id_, "alert": alert, "visit": found.visit, "zone": here.zone,
        "credentials": [each.id for each in things], "note": note, "by": actor.id,
        "by_name": memory.floor.name_of(actor.id) or "", "at": iso(now),
    }  # fmt: skip
    told = [*(facts.alert(n) for n in news), *freed(memory, found.visit, now)]
    told += [News("visit.departed", customer, facts.visit(left, None, "wrong_person"))] if left is not None else []
    closed = next(n.alert for n in news if n.alert.id == alert)
    return Action(house.views.alert(closed), news=[*told, News("customer.mistaken", customer, data)])


def settle(house: Gateway, mistake: str, because: Literal["it_was_them", "taken_back"], now: float) -> Action:
    """It was them after all, or what they carried is taken back and a stranger's from now on.

    Raises Refused: 404 where there is no such mistake, 409 where it is settled.
    """
    found = mistakes.get(house.store.reader, mistake)
    if found is None:
        raise Refused(404, "there is no such mistake")
    if found.closed_at is not None:
        raise Refused(409, "this is settled already")
    person = house.memory.family.root(found.customer)
    things = [each for each in house.memory.people.carried(person) if each.id in found.credentials]
    taken = taking(house, person, things, now) if because == "taken_back" and things else []
    settled = News(
        "customer.settled", found.customer, {"customer": found.customer, "mistake": mistake, "because": because}
    )
    guards = [each for each in house.memory.desk.of_customer(person) if each.kind == "verify"]
    looked = [facts.alert(n) for n in merging.over(guards, now, "greeted")] if because == "it_was_them" else []
    return Action(None, 204, news=[settled, *looked, *taken], rests_on=frozenset({person}))


def unsettled(house: Gateway) -> list[Shape]:
    """What nobody has settled: who said so of whom, when, where, why, and what they carried; the newest first."""
    return [_shape(house, each) for each in mistakes.unsettled(house.store.reader)]


def _shape(house: Gateway, mistake: Mistake) -> Shape:
    person = house.memory.family.root(mistake.customer)
    carried = [each for each in house.memory.people.carried(person) if each.id in mistake.credentials]
    floor = house.memory.floor
    return {
        "id": mistake.id,
        **house.views.named(person),
        "at": iso(mistake.at),
        "zone": mistake.zone,
        "note": mistake.note,
        "by": mistake.by,
        "by_name": floor.name_of(mistake.by) if floor.member(mistake.by) else mistake.by_name or mistake.by,
        "credentials": [{"id": c.id, "scheme": c.scheme, "label": c.label} for c in carried],
        "here_since": iso_or_none(here.since if (here := house.memory.presence.where(person)) is not None else None),
    }


def _heard(house: Gateway, customer: str, visit: str) -> list[Credential]:
    """What was heard of this customer in this visit; all they carry where nothing can be said of that."""
    memory = house.memory
    carried = memory.people.carried(customer)
    stay = memory.stays.of(visit)
    since = stay.arrived_at - memory.clock.moved - HEARD_BEFORE_S if stay is not None else 0.0
    heard = {each.identifier for each in memory.presence.things(customer) if each.heard_at >= since}
    return [each for each in carried if each.identifier in heard] or carried
