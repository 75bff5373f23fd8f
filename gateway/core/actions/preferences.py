"""Preferences: facts with who said so, when, and how we know."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gateway.core import shapes
from gateway.core.action import Action, Actor
from gateway.core.actions.customers import known
from gateway.core.gateway import Gateway
from gateway.events.event import News
from gateway.events.times import iso, new_id
from gateway.records import consents, preferences
from gateway.records.preferences import Preference
from gateway.service.alert import Refused


def record(house: Gateway, customer: str, said: dict[str, Any], actor: Actor, now: float) -> Action:
    """One more fact; ``said`` holds category, value, polarity, basis, scope, and may hold id, at and corrects.

    The same once more, by its id, gives the first answer; an id that another fact has is refused with that.
    """
    known(house, customer)
    if consents.withdrew(house.store.reader, customer, "keep_preferences", house.memory.clock.certain(now)):
        raise Refused(403, "the customer no longer agrees that preferences are kept")
    here = house.memory.presence.where(customer)
    fact = Preference(
        id=said.get("id") or new_id(now),
        customer=customer,
        category=said["category"],
        value=said["value"],
        polarity=said["polarity"],
        basis=said["basis"],
        at=min(said.get("at") or now, now),  # a tablet's clock may be fast; nobody records the future
        scope=said["scope"],
        visit=here.visit if here else None,
        by=actor.id,
        by_name=house.memory.floor.name_of(actor.id) or "",
        corrects=said.get("corrects"),
    )
    floor = house.memory.floor
    there = preferences.get(house.store.reader, fact.id) if said.get("id") else None
    if there is not None:
        if replace(there, at=fact.at, visit=fact.visit, by_name=fact.by_name, ended_at=None) != fact:
            raise Refused(409, "this id is another fact's", existing=shapes.preference(there, floor))
        return Action(shapes.preference(there, floor), 201)
    if fact.scope == "one_off" and here is None:
        raise Refused(409, "a one-off preference is for a visit, and the customer is not here")
    return Action(shapes.preference(fact, floor), 201, news=[News("preference.recorded", customer, fact.data())])


def served(house: Gateway, customer: str, preference: str, actor: Actor, now: float) -> Action:
    """The customer had what they like, or was spared what they do not."""
    known(house, customer)
    fact = preferences.get(house.store.reader, preference)
    if fact is None or fact.customer != customer:
        raise Refused(404, "there is no such preference")
    when = {"served_by": actor.id, "served_at": iso(now)}
    shape = {**shapes.preference(fact, house.memory.floor), **when}
    return Action(shape, news=[News("preference.served", customer, {**fact.data(), **when})])
