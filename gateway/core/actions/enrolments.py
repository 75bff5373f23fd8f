"""A whole enrolment as one act: who, what they carry, what they said to each purpose, and one signature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5

from gateway.consent.ledger import GIVING
from gateway.core import consent_shapes
from gateway.core.action import Action, Actor
from gateway.core.actions import consents as acts
from gateway.core.actions import customers
from gateway.core.gateway import Gateway
from gateway.events.event import News
from gateway.recognition.identifiers import purpose_of
from gateway.records import consents
from gateway.records.consents import Consent
from gateway.service.alert import Refused

SIGNED = frozenset({"signed_on_glass", "paper"})


def enrol(house: Gateway, customer: str, told: Mapping[str, Any], actor: Actor, now: float) -> Action:
    """Everything of a flow, or nothing; the same again, by its ``id``, is answered as at first.

    Raises Refused: 404 where there is no such customer and none is made, 409 for a stop that is not named or a thing of
    somebody else's, 422 for what is missing.
    """
    said = _with_ids(told)
    there = house.customer(house.names.ours(customer))
    if there is not None:
        customers.ours(house, there.id)
    if there is not None and (first := _again(house, there.id, said)) is not None:
        return Action(_answer(house, there.id, told["credentials"], first, now), 201)
    made = _made(house, customer, told["customer"], now) if there is None else []
    customer = there.id if there is not None else made[0].subject
    child = not told["of_age"]
    if child and any(each["guardian"] is None for each in said if (each["act"] or "given") in GIVING):
        raise Refused(422, "guardian: missing; this customer is a child, and a guardian signs")
    news, entries = acts.acts(house, customer, said, actor, now, child=child, signature=told["signature"])
    _permitted(house, customer, told["credentials"], entries, now)
    given = [
        event
        for thing in told["credentials"]
        for event in customers.giving(house, customer, thing["identifier"], thing["label"] or "", thing["tid"], now)
    ]
    answer = _answer(house, customer, [event.data for event in given], entries, now)
    return Action(answer, 201, news=[*made, *news, *given])


def _with_ids(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The acts of a flow, each with an id: one that follows from the flow's where it has none of its own."""
    flow: UUID | None = told["id"]
    rows = []
    for number, each in enumerate(told["consents"]):
        id_ = each["id"] or (str(uuid5(flow, str(number))) if flow is not None else None)
        rows.append({**each, "id": id_, "lifts": each["lifts"] or []})
    return rows


def _again(house: Gateway, customer: str, said: Sequence[Mapping[str, Any]]) -> list[Consent] | None:
    """The acts of a flow that was sent already; None where it was not."""
    found = [consents.get(house.store.reader, each["id"]) if each["id"] else None for each in said]
    kept = [each for each in found if each is not None]
    if not kept:
        return None
    if len(kept) < len(said) or any(house.memory.family.root(each.customer) != customer for each in kept):
        raise Refused(409, "this id is another act's")
    return kept


def _made(house: Gateway, customer: str, facts: Mapping[str, Any] | None, now: float) -> list[News]:
    if facts is None:
        raise Refused(404, "there is no such customer")
    whole = {**facts, "name": facts["name"] or facts["address_as"], "wishes": []}
    return customers.put(house, customer, whole, now).news


def _permitted(
    house: Gateway, customer: str, things: Sequence[Mapping[str, Any]], entries: Sequence[Consent], now: float
) -> None:
    """Raises Refused(422) for a thing that would be stored without consent; of a phone without a signature."""
    given = {one.purpose: one for one in entries if one.act in GIVING}
    alive = {one.purpose for one in house.memory.people.agreed(customer, house.memory.clock.certain(now))}
    for thing in things:
        purpose = purpose_of(thing["identifier"])
        if purpose not in given and purpose not in alive:
            raise Refused(422, f"consents: {purpose} is not given; what is not permitted is not stored")
        one = given.get(purpose)
        if purpose == "recognise_phone" and one is not None and one.method not in SIGNED:
            raise Refused(422, "signature: missing; a phone is stored after its owner has signed, and never before")


def _answer(
    house: Gateway, customer: str, things: Sequence[Mapping[str, Any]], entries: Sequence[Consent], now: float
) -> dict[str, Any]:
    carried = [
        {"id": each.get("credential"), "scheme": each["identifier"].partition(":")[0], "label": each["label"] or ""}
        for each in things
    ]
    if any(each["id"] is None for each in carried):
        mine = {each.identifier: each for each in house.memory.people.carried(customer)}
        carried = [
            {"id": one.id, "scheme": one.scheme, "label": one.label}
            for each in things
            if (one := mine.get(house.memory.as_heard(each["identifier"]))) is not None
        ]
    receipt = next((one.receipt for one in entries if one.receipt), None)
    shown = [consent_shapes.act(house.memory, each, now) for each in entries]
    return {"customer": customer, "credentials": carried, "consents": shown, "receipt": receipt}
