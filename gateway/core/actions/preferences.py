"""Preferences: facts with who said so, when, and how we know."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import closing
from dataclasses import replace
from typing import Any

from gateway.core.action import Action, Actor
from gateway.core.actions.customers import known, still_recognised
from gateway.core.gateway import Gateway
from gateway.core.known import KEEP
from gateway.events.catalogue import sensitive
from gateway.events.event import VISIT, News
from gateway.events.times import iso, new_id
from gateway.records import customers, doubts, preferences, visits
from gateway.records.preferences import NAMING, Preference
from gateway.records.reading import Read, Unlike, read
from gateway.service.alert import Refused

UNKNOWN = "there is no such preference"


def record(
    house: Gateway, customer: str, told: dict[str, Any], actor: Actor, now: float, *, asked: bool = False
) -> Action:
    """One more fact; ``told`` holds category, value, basis and scope, and may hold the other members of a fact.

    ``asked``: the polarity of own words was asked about, and is kept as it is told. The same once more, by its id,
    gives the first answer; an id that another fact has is refused with that.
    """
    customer = known(house, customer).id
    understood = _understood(house, told, asked=asked)
    kept = _kept(house, customer, told, understood, now)
    fact = _fact(house, customer, told, understood, actor, now)
    there = preferences.get(house.store.reader, fact.id) if told.get("id") else None
    if there is not None:
        if house.memory.family.root(there.customer) == customer:
            fact = replace(fact, customer=there.customer)
        if not preferences.same(there, fact):
            raise Refused(409, "this id is another fact's", existing=house.views.preference(there))
        return Action(_answer(house, there, understood), 201)
    here = house.memory.presence.where(customer)
    open_ = here is not None and fact.visit == here.visit
    if fact.scope == "one_off" and (fact.visit is None or not (kept or open_)):
        still_recognised(house, customer)
        raise Refused(409, "a one-off preference is for a visit, and the customer is not here")
    fact = fact if kept else replace(fact, holder=f"{VISIT}{fact.visit}")
    recorded = News("preference.recorded", customer, fact.data(), holder=fact.holder)
    return Action(_answer(house, fact, understood), 201, news=[recorded])


def retract(house: Gateway, customer: str, preference: str, told: dict[str, Any], actor: Actor, now: float) -> Action:
    """Takes one fact back: a fact without a value that names it; ``told`` holds id, reason, basis and at."""
    customer = known(house, customer).id
    named = of(house, customer, preference)
    here = house.memory.presence.where(customer)
    scope = named.scope if here is not None and here.visit == named.visit else "standing"
    nothing = {"category": "other", "value": "", "scope": scope, "retracts": [preference]}
    return record(house, customer, {**told, **nothing}, actor, now, asked=True)


def settle(house: Gateway, customer: str, preference: str, told: dict[str, Any], actor: Actor, now: float) -> Action:
    """Settles a fact of an older program that is in doubt: a fact that puts it right with the polarity it has."""
    customer = known(house, customer).id
    doubted = of(house, customer, preference)
    if doubted.doubt is None:
        raise Refused(409, "nothing about this preference is in doubt", existing=house.views.preference(doubted))
    basis = "stated" if doubted.polarity == "allergy" else doubted.basis
    said = {"category": doubted.category, "value": doubted.value, "code": doubted.code, "lang": doubted.lang}
    settled = {"polarity": told["polarity"], "basis": basis, "scope": "standing", "corrects": [preference]}
    return record(
        house, customer, {**said, **settled, "id": told.get("id"), "at": told.get("at")}, actor, now, asked=True
    )


async def unsettled(house: Gateway) -> list[dict[str, Any]]:
    """The facts in doubt that nobody has settled, with whom they are about."""

    family = house.memory.people.family

    def of_one(customer: str) -> Collection[str]:
        return family.all_of(family.root(customer))

    def look() -> list[Preference]:
        with closing(house.store.open_reader()) as reader:
            return doubts.unsettled(reader, house.memory.known.catalogue, of_one)

    found = await asyncio.to_thread(look)
    return [{**house.views.named(fact.customer), "preference": house.views.preference(fact)} for fact in found]


def served(
    house: Gateway, customer: str, preference: str, actor: Actor, now: float, *, health: bool = True
) -> Action:  # fmt: skip
    """The customer had what they like, or was spared what they do not; ``health``: also of their health."""
    customer = known(house, customer).id
    fact = of(house, customer, preference)
    when = {"served_by": actor.id, "served_at": iso(now)}
    shape = {**house.views.preference(fact), **when}
    if sensitive(shape) and not health:
        raise Refused(404, UNKNOWN)
    news = News("preference.served", customer, {**fact.data(), **when}, holder=fact.holder)
    return Action(shape, news=[news])


def of(house: Gateway, customer: str, preference: str) -> Preference:
    """This fact of this customer; raises Refused(404)."""
    fact = preferences.get(house.store.reader, preference)
    if fact is None or house.memory.family.root(fact.customer) != customer:
        raise Refused(404, UNKNOWN)
    return fact


def _understood(house: Gateway, told: dict[str, Any], *, asked: bool) -> Read:
    names = any(told.get(name) for name in ("corrects", "retracts"))
    if not told.get("value") and not told.get("code") and not names:
        raise Refused(422, "value: expected words or a code, or facts to correct or retract")
    try:
        return read(
            house.memory.known.catalogue, told["category"], told.get("value") or "", code=told.get("code"),
            polarity=told.get("polarity"), lang=told.get("lang"), asked=asked,
        )  # fmt: skip
    except Unlike as unlike:
        raise Refused(422, str(unlike)) from None


def _kept(house: Gateway, customer: str, told: dict[str, Any], understood: Read, now: float) -> bool:
    """Whether the fact is sealed with the customer's key; raises Refused(403) for one that may not be kept at all.

    Without consent what is for this visit alone is taken, and sealed with a key of the visit. What only ends others
    adds nothing to what is known. What was said before the customer took the consent back is not kept by a later one:
    a tablet that was away sends it too late.
    """
    people, certain = house.memory.people, house.memory.clock.certain(now)
    late = bool(told.get("at")) and people.took_back(customer, KEEP, min(told["at"], now))
    if certain < people.agreed_until(customer, KEEP) and not late:
        return True
    if told["scope"] == "one_off":
        return False
    if understood.value:
        if customers.get_customer(house.store.reader, customer) is None:  # erased while this was on its way
            raise Refused(404, "there is no such customer")
        raise not_agreed(withdrew=late or people.withdrew(customer, KEEP, certain))
    return True


def not_agreed(*, withdrew: bool) -> Refused:
    """What whoever wants to keep something is told, of a customer who has not agreed to it, or does no more."""
    why = "the customer no longer agrees" if withdrew else "the customer has not agreed"
    return Refused(403, f"{why} that preferences are kept", type="consent-needed")


def _fact(
    house: Gateway, customer: str, told: dict[str, Any], understood: Read, actor: Actor, now: float
) -> Preference:
    id_ = told.get("id") or new_id(now)
    corrects, retracts, replaces = (tuple(sorted(set(told.get(name) or ()) - {id_})) for name in NAMING)
    at = min(told.get("at") or now, now)  # a tablet's clock may be fast; nobody records the future
    return Preference(
        id=id_,
        customer=customer,
        category=understood.category,
        value=understood.value,
        polarity=understood.polarity,
        basis=told["basis"],
        at=round(at * 1000) / 1000,
        scope=told["scope"],
        visit=_visit(house, customer, told.get("at")),
        by=actor.id,
        by_name=house.memory.floor.name_of(actor.id) or "",
        code=understood.code,
        lang=understood.lang,
        corrects=corrects,
        retracts=retracts,
        replaces=replaces,
        reason=told.get("reason"),
    )


def _visit(house: Gateway, customer: str, at: float | None) -> str | None:
    """In which visit something was said ``at`` some time: one that is over where a tablet was out of reach till now."""
    here, memory = house.memory.presence.where(customer), house.memory
    stay = memory.stays.of(here.visit) if here is not None else None
    if at is not None and (stay is None or at < stay.arrived_at):
        past = visits.at(house.store.reader, *memory.family.all_of(customer), time=at)
        if past is not None:
            return past.id
    return here.visit if here is not None else None


def _answer(house: Gateway, fact: Preference, understood: Read) -> dict[str, Any]:
    return {**house.views.preference(fact), **({"recoded": True} if understood.recoded else {})}
