"""Customers: who they are, what they carry, what they agreed to, and what is known of them."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated

from fastapi import Depends, Header, Path, Query, Response

from gateway.console import scopes
from gateway.console.act import Act, House, respond, told
from gateway.console.bodies import CustomerId, NewCredential
from gateway.console.bodies_facts import InDoubt, NewPreference, Taking
from gateway.console.bodies_people import CustomerFacts, Wishes
from gateway.console.erasures import found
from gateway.console.problems import Problem, documented
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.console.zones import eyes_of
from gateway.core.action import Action, Actor
from gateway.core.actions import customers as actions
from gateway.core.actions import merges, preferences
from gateway.core.actions import record as record_of
from gateway.core.shapes import nameless, unnamed
from gateway.events.customers import Why
from gateway.events.times import iso
from gateway.recognition.identifiers import BadIdentifier, parse
from gateway.records import customers
from gateway.records import merges as merges_of

router = Routes(prefix="/api/customers", tags=["customers"])

FOUND = 50  # names a search answers with
UNKNOWN = documented(404)


async def _kept(customer: Annotated[CustomerId, Path()], house: House) -> str:
    """Who a customer is by now: the id of who was merged into another finds that other."""
    return house.memory.family.root(customer)


CustomerPath = Annotated[str, Depends(_kept)]


@router.get("", response_model="list[answers.Found]", dependencies=[right("find")])
async def search(house: House, who: Who, q: Annotated[str, Query(max_length=100)] = "") -> Response:
    """Customers whose name, form of address or id holds ``q``; who wants no name is found by id alone."""
    eyes = eyes_of(who)
    if house.sight.reach(eyes, "search") == "none":
        raise Problem(403, "your role does not search here ([[access]] search)")
    found = await asyncio.to_thread(_search, house, q, who.may("people"))
    present = {h.customer for h in house.memory.presence.here() if house.sight.sees(eyes, h.customer)}
    house.looks.found([c.id for c in found], who.id)
    rows = [
        {
            "id": c.id,
            "name": None if hidden else c.name,
            "address_as": None if hidden else c.address_as,
            "tier": c.tier,
            "language": c.language,
            "present": c.id in present,
        }
        for c, hidden in ((c, unnamed(c) and not who.may("people")) for c in found)
    ]
    return respond(rows)


def _search(house: House, q: str, named: bool) -> list[customers.Customer]:
    reader = house.store.open_reader()
    try:
        found = customers.search(reader, q, FOUND, by_id=None if named else unnamed)
        ids = dict.fromkeys(merges_of.root(reader, each.id) for each in found)
        return [person for each in ids if (person := merges_of.person(reader, each)) is not None]
    finally:
        reader.close()


def _looked_at(house: House, customer: str, who: Who, why: Why = "list") -> customers.Customer:
    """The customer; that somebody looked is written down, and from where."""
    found = actions.known(house, customer)
    house.looks.at(customer, who.id, "program" if who.program else why)
    return found


@router.get("/{customer}", response_model="answers.CustomerPage", responses=UNKNOWN, dependencies=[right("see")])
async def page(customer: CustomerPath, house: House, who: Who, why: Why = "list") -> Response:
    """Everything known of a customer; that it was looked at is written down, with where it was opened from."""
    opened = house.glass.opens(who.staff, "customer", customer)
    found = _looked_at(house, customer, who, "break_glass" if opened else why)
    whole = house.views.customer(found, named=who.may("people") or opened is not None)
    return respond(told(who, scopes.parts(who.scopes, whole, scopes.PAGE)))


@router.put(
    "/{customer}",
    response_model="answers_record.CustomerRecord",
    responses=documented(404, 409, 412, answers={201: "answers_record.CustomerRecord"}),
    dependencies=[right("people")],
)
async def put(
    customer: CustomerPath, body: CustomerFacts, house: House, act: Act,
    if_match: Annotated[str | None, Header(max_length=100)] = None,
) -> Response:  # fmt: skip
    """Makes a customer, or changes what is known of one; a birthday or friends left out stay as they are.

    With ``If-Match`` (a ``version`` that ``record`` answered) it is refused where somebody was quicker: 412.
    """
    left_out = {"birthday", "meets"} - body.model_fields_set
    facts = body.model_dump(exclude=left_out)
    version = if_match.strip().removeprefix("W/").strip('"') if if_match is not None else None

    def make(actor: Actor, now: float) -> Action:
        if (before := house.customer(customer)) is not None:
            record_of.unchanged(house, before, version)
        return actions.put(house, customer, facts, now)

    return await act(make)


@router.post(
    "/{customer}/wishes", response_model="sent_live.WishChange", responses=UNKNOWN, dependencies=[right("learn")]
)
async def wish(customer: CustomerPath, body: Wishes, house: House, who: Who, act: Act) -> Response:
    """How the customer wants to be treated from now on, on every tablet at once."""
    wishes, keeper = list(dict.fromkeys(body.wishes)), who.may("people")
    return await act(lambda actor, now: actions.wish(house, customer, [*wishes], now, keeper=keeper))


@router.delete(
    "/{customer}",
    status_code=202,
    response_model="answers_erasures.ErasureReceipt",
    responses=UNKNOWN,
    dependencies=[right("people")],
)
async def erase(customer: CustomerPath, house: House, act: Act) -> Response:
    """Erases a customer; the receipt names every place that may hold something, and is completed as they answer."""
    acted = await act(lambda actor, now: actions.erase(house, customer, now))
    return respond(found(house, json.loads(bytes(acted.body))["erasure"]), acted.status_code)


@router.post(
    "/{customer}/credentials",
    status_code=201,
    response_model="answers.Credential",
    responses=documented(404, 409),
    dependencies=[right("people")],
)
async def give(customer: CustomerPath, body: NewCredential, house: House, act: Act) -> Response:
    """Gives a tag or phone; answers with the credential's own id, never with the identifier."""
    try:
        identifier = parse(body.identifier)
    except BadIdentifier as bad:
        raise Problem(422, f"identifier: {bad}") from None
    return await act(lambda actor, now: actions.give(house, customer, identifier, body.label or "", body.tid, now))


@router.delete(
    "/{customer}/credentials/{credential}", status_code=204, responses=UNKNOWN, dependencies=[right("people")]
)
async def take_back(customer: CustomerPath, credential: str, house: House, act: Act) -> Response:
    """Takes a tag or phone back."""
    return await act(lambda actor, now: actions.take_back(house, customer, credential, now))


@router.get(
    "/{customer}/preferences", response_model="list[sent.Preference]", responses=UNKNOWN, dependencies=[right("facts")]
)
async def known_preferences(customer: CustomerPath, house: House, who: Who, all: bool = False) -> Response:  # noqa: A002
    """What to do and to avoid: what holds, or with ``all`` every fact with its state. A program is told no health."""
    _looked_at(house, customer, who)
    return respond(told(who, house.views.preferences(customer, every=all)))


@router.post(
    "/{customer}/preferences",
    status_code=201,
    response_model="answers_facts.PreferenceKept",
    responses=documented(404, 409),
    dependencies=[right("learn")],
)
async def record(customer: CustomerPath, body: NewPreference, house: House, who: Who, act: Act) -> Response:
    """Records a preference; a correction is a new fact. What reads as avoid is not kept as a like.

    A form that tells the language of its words has asked which polarity they have.
    """
    said, asked = body.model_dump(), not who.program and body.lang is not None
    return await act(lambda actor, now: preferences.record(house, customer, said, actor, now, asked=asked))


@router.post(
    "/{customer}/preferences/{preference}/retract",
    status_code=201,
    response_model="sent.Preference",
    responses=documented(404, 409),
    dependencies=[right("learn")],
)
async def retract(customer: CustomerPath, preference: str, body: Taking, house: House, act: Act) -> Response:
    """Takes a fact back: it ends where whoever says so may end it, and stays in the journal."""
    said = body.model_dump()
    return await act(lambda actor, now: preferences.retract(house, customer, preference, said, actor, now))


@router.post(
    "/{customer}/preferences/{preference}/settle",
    status_code=201,
    response_model="sent.Preference",
    responses=documented(404, 409),
    dependencies=[right("lead")],
)
async def settle(customer: CustomerPath, preference: str, body: InDoubt, house: House, act: Act) -> Response:
    """Settles a fact of an older program whose polarity is in doubt."""
    said = body.model_dump()
    return await act(lambda actor, now: preferences.settle(house, customer, preference, said, actor, now))


@router.post(
    "/{customer}/preferences/{preference}/served",
    response_model="sent_live.PreferenceServed",
    responses=UNKNOWN,
    dependencies=[right("learn")],
)
async def served(customer: CustomerPath, preference: str, house: House, who: Who, act: Act) -> Response:
    """The customer had what they like, or was spared what they do not."""
    return await act(
        lambda actor, now: preferences.served(house, customer, preference, actor, now, health=not who.program)
    )


@router.get(
    "/{customer}/journal", response_model="list[answers.JournalEntry]", responses=UNKNOWN, dependencies=[right("see")]
)
async def journal(customer: CustomerPath, house: House, who: Who) -> Response:
    """What happened with this customer, and who looked; the newest first, without slips of a finger."""
    found, floor = _looked_at(house, customer, who), house.memory.floor
    hidden, slips = unnamed(found) and not who.may("people"), house.views.knowledge.slips(customer)
    rows = [
        {
            "sequence": e.number,
            "time": iso(e.time),
            "type": e.type,
            "actor": e.actor,
            "actor_name": floor.name_of(e.actor),
            "data": nameless(data) if hidden else data,
        }
        for e, data in ((e, house.renderer.history(e)) for e in merges.history(house, customer))
        if data.get("id") not in slips and scopes.hears(who.scopes, e.type)
    ]
    return respond(told(who, rows))
