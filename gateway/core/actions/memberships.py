"""Proofs of ownership: that somebody saw a document, and never what stands in it."""

from __future__ import annotations

from typing import Any

from gateway.club import membership
from gateway.club.membership import Membership
from gateway.core.action import Action, Actor
from gateway.core.actions.customers import known, ours
from gateway.core.actions.entries import today
from gateway.core.gateway import Gateway
from gateway.core.shapes import Shape
from gateway.events.event import News
from gateway.events.times import iso
from gateway.records import gatherings
from gateway.service.alert import Refused


def see(house: Gateway, customer: str, brand: str, said: dict[str, Any], actor: Actor, now: float) -> Action:
    """Somebody saw it; the same once more is the newer look."""
    person = ours(house, customer)
    seen_by = said["seen_by"] or actor.id
    if said["seen_by"] is not None and house.memory.floor.member(seen_by) is None:
        raise Refused(422, f"there is no colleague {seen_by!r}")
    seen_at = f"{said['seen_at']}T00:00:00.000Z" if said["seen_at"] else iso(now)
    if seen_at[:10] > today(now):
        raise Refused(422, "seen_at: expected a day until today")
    try:
        made = membership.seen(person.id, brand, said["proof"], seen_by, seen_at, said["valid_until"])
    except ValueError as wrong:
        raise Refused(422, str(wrong)) from None
    data = {
        "customer": made.customer, "brand": made.brand, "proof": made.proof, "seen_by": made.seen_by,
        "seen_at": made.seen_at, "valid_until": made.valid_until,
    }  # fmt: skip
    return Action(_shape(data, now), news=[News("membership.seen", person.id, data)])


def end(house: Gateway, customer: str, brand: str) -> Action:
    """A proof counts no more; none did: nothing changes."""
    person = known(house, customer)
    of_them = [
        each
        for record in house.memory.family.all_of(person.id)
        for each in gatherings.memberships(house.store.reader, record)
        if each["brand"] == brand
    ]
    ended = [{"customer": each["customer"], "brand": brand} for each in of_them]
    return Action(None, 204, news=[News("membership.ended", each["customer"], each) for each in ended])


def proofs(house: Gateway, customer: str, now: float) -> list[Shape]:
    """The proofs of ownership of a person, by brand."""
    person = known(house, customer)
    reader = house.store.reader
    every = [e for record in house.memory.family.all_of(person.id) for e in gatherings.memberships(reader, record)]
    return [_shape(each, now) for each in every]


def _shape(data: dict[str, Any], now: float) -> Shape:
    return {**data, "live": Membership(**data).is_live(today(now))}
