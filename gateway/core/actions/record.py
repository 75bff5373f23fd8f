"""The record of a customer as a form shows it, and who may be in the records twice."""

from __future__ import annotations

import json
from hashlib import sha256

from gateway.core.actions import merges
from gateway.core.gateway import Gateway
from gateway.core.shapes import Shape, iso_or_none
from gateway.events.times import iso
from gateway.records import duplicates, likeness, visits
from gateway.records import merges as kept
from gateway.records.customers import FACTS, Customer
from gateway.records.duplicates import Likeness
from gateway.service.alert import Refused


def version(customer: Customer) -> str:
    """What the facts of a customer are now, in 16 digits: another where anything of them is otherwise."""
    facts = {name: getattr(customer, name) for name in FACTS}
    return sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def unchanged(house: Gateway, customer: Customer, expected: str | None) -> None:
    """Raises Refused(412) with the facts as they are, and who changed them last, where they are not ``expected``."""
    if expected is None or expected == version(customer):
        return
    last = next((e for e in merges.history(house, customer.id) if e.type in ("customer.changed", "wish.changed")), None)
    changed = {
        "facts": facts_of(customer),
        "version": version(customer),
        "by_name": house.memory.floor.name_of(last.actor) or last.actor if last is not None else None,
        "at": iso(last.time) if last is not None else None,
    }
    raise Refused(412, "somebody changed this customer meanwhile", changed=changed)


def facts_of(customer: Customer) -> Shape:
    """The facts of a customer as ``PUT`` takes and answers them."""
    facts = {name: getattr(customer, name) for name in FACTS}
    return {"id": customer.id, **facts, **{name: facts[name] or None for name in ("address_as", "language", "tier")}}


def whole(house: Gateway, customer: Customer) -> Shape:
    """All that a form needs of a customer."""
    memory = house.memory
    return {
        **facts_of(customer),
        "version": version(customer),
        "named": {each: other.name for each in customer.meets if (other := memory.meet(each)) is not None},
        "credentials": [{"id": c.id, "scheme": c.scheme, "label": c.label} for c in memory.people.carried(customer.id)],
        "consents": [house.views.consent(c) for c in memory.people.agreed(customer.id, memory.certain())],
        "parts": merges.parts(house, customer.id),
        "here": memory.presence.where(customer.id) is not None,
    }


def likenesses(house: Gateway) -> list[Likeness]:
    """Who may be in the records twice; opens one record after the other, so it belongs in a thread."""
    reader = house.store.open_reader()
    try:
        return duplicates.proposed(likeness.records(reader), kept.apart(reader))
    finally:
        reader.close()


def duplicate(house: Gateway, pair: Likeness) -> Shape | None:
    """Two who may be one, as a screen shows them; None where one of them is gone meanwhile."""
    one, other = (_shown(house, each) for each in (pair.one, pair.other))
    if one is None or other is None:
        return None
    reasons = [{"kind": kind, "text": duplicates.IN_WORDS[kind]} for kind in pair.reasons]
    return {"one": one, "other": other, "grade": pair.grade, "reasons": reasons}


def _shown(house: Gateway, id_: str) -> Shape | None:
    found = house.customer(id_)
    if found is None or found.id != id_:
        return None
    shown = {name: getattr(found, name) or None for name in ("address_as", "tier", "birthday", "associate")}
    return {
        "id": found.id,
        "name": found.name,
        **shown,
        "visits": visits.count(house.store.reader, *house.memory.family.all_of(found.id)),
        "last_visit": iso_or_none(house.views.last_visit(found.id)),
        "present": house.memory.presence.where(found.id) is not None,
    }
