"""Customers: who they are, what they carry, what they agreed to, and what is known of them."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from gateway.console.act import Act, House, respond
from gateway.console.answers import Consent, Credential, CustomerPage, CustomerRecord, Found, JournalEntry
from gateway.console.bodies import CustomerFacts, CustomerId, NewConsent, NewCredential, NewPreference, Purpose, Wishes
from gateway.console.problems import Problem, documented
from gateway.console.security import Who, right
from gateway.core.actions import customers as actions
from gateway.core.actions import preferences
from gateway.core.shapes import nameless, unnamed
from gateway.events.customers import Why
from gateway.events.sent import Preference
from gateway.events.sent_live import PreferenceServed, WishChange
from gateway.events.times import iso
from gateway.recognition.identifiers import BadIdentifier, parse
from gateway.records import consents, customers

router = APIRouter(prefix="/api/customers", tags=["customers"])

FOUND = 50  # names a search answers with
UNKNOWN = documented(404)
CustomerPath = Annotated[CustomerId, Path()]


@router.get("", response_model=list[Found], dependencies=[right("find")])
async def search(house: House, who: Who, q: Annotated[str, Query(max_length=100)] = "") -> Response:
    """Customers whose name, form of address or id holds ``q``; who wants no name is found by id alone."""
    found = await asyncio.to_thread(_search, house, q, who.may("people"))
    present = {h.customer for h in house.memory.presence.here()}
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
        return customers.search(reader, q, FOUND, by_id=None if named else unnamed)
    finally:
        reader.close()


def _looked_at(house: House, customer: str, who: Who, why: Why = "list") -> customers.Customer:
    """The customer; that somebody looked is written down, and from where."""
    found = actions.known(house, customer)
    house.looks.at(customer, who.id, "program" if who.program else why)
    return found


@router.get("/{customer}", response_model=CustomerPage, responses=UNKNOWN, dependencies=[right("see")])
async def page(customer: CustomerPath, house: House, who: Who, why: Why = "list") -> Response:
    """Everything known of a customer; that it was looked at is written down, with where it was opened from."""
    found = _looked_at(house, customer, who, why)
    return respond(house.views.customer(found, named=who.may("people")))


@router.put(
    "/{customer}",
    response_model=CustomerRecord,
    responses=documented(404, answers={201: CustomerRecord}),
    dependencies=[right("people")],
)
async def put(customer: CustomerPath, body: CustomerFacts, house: House, act: Act) -> Response:
    """Makes a customer, or changes what is known of one; a birthday or friends left out stay as they are."""
    left_out = {"birthday", "meets"} - body.model_fields_set
    facts = body.model_dump(exclude=left_out)
    return await act(lambda actor, now: actions.put(house, customer, facts, now))


@router.post("/{customer}/wishes", response_model=WishChange, responses=UNKNOWN, dependencies=[right("serve")])
async def wish(customer: CustomerPath, body: Wishes, house: House, who: Who, act: Act) -> Response:
    """How the customer wants to be treated from now on, on every tablet at once."""
    wishes, keeper = list(dict.fromkeys(body.wishes)), who.may("people")
    return await act(lambda actor, now: actions.wish(house, customer, [*wishes], now, keeper=keeper))


@router.delete("/{customer}", status_code=204, responses=UNKNOWN, dependencies=[right("people")])
async def erase(customer: CustomerPath, house: House, act: Act) -> Response:
    """Erases a customer; what is written elsewhere can no longer be read."""
    return await act(lambda actor, now: actions.erase(house, customer, now))


@router.post(
    "/{customer}/credentials",
    status_code=201,
    response_model=Credential,
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


@router.post(
    "/{customer}/consents", status_code=201, response_model=Consent, responses=UNKNOWN, dependencies=[right("people")]
)
async def grant(customer: CustomerPath, body: NewConsent, house: House, act: Act) -> Response:
    """The customer agrees to a purpose."""
    return await act(
        lambda actor, now: actions.grant(
            house, customer, body.purpose, body.method, body.document, body.expires, actor, now
        )
    )


@router.delete("/{customer}/consents/{purpose}", status_code=204, responses=UNKNOWN, dependencies=[right("withdraw")])
async def revoke(customer: CustomerPath, purpose: Purpose, house: House, act: Act) -> Response:
    """The customer no longer agrees; what rested on it ends at once."""
    return await act(lambda actor, now: actions.revoke(house, customer, purpose, now))


@router.get("/{customer}/preferences", response_model=list[Preference], responses=UNKNOWN, dependencies=[right("see")])
async def known_preferences(customer: CustomerPath, house: House, who: Who) -> Response:
    """What to do and to avoid, current facts only."""
    _looked_at(house, customer, who)
    return respond(house.views.preferences(customer))


@router.post(
    "/{customer}/preferences",
    status_code=201,
    response_model=Preference,
    responses=documented(404, 409),
    dependencies=[right("serve")],
)
async def record(customer: CustomerPath, body: NewPreference, house: House, act: Act) -> Response:
    """Records a preference; a correction is a new fact."""
    said = body.model_dump()
    return await act(lambda actor, now: preferences.record(house, customer, said, actor, now))


@router.post(
    "/{customer}/preferences/{preference}/served",
    response_model=PreferenceServed,
    responses=UNKNOWN,
    dependencies=[right("serve")],
)
async def served(customer: CustomerPath, preference: str, house: House, act: Act) -> Response:
    """The customer had what they like, or was spared what they do not."""
    return await act(lambda actor, now: preferences.served(house, customer, preference, actor, now))


@router.get("/{customer}/journal", response_model=list[JournalEntry], responses=UNKNOWN, dependencies=[right("see")])
async def journal(customer: CustomerPath, house: House, who: Who) -> Response:
    """What happened with this customer, and who looked; the newest first."""
    found, floor = _looked_at(house, customer, who), house.memory.floor
    hidden = unnamed(found) and not who.may("people")
    rows = [
        {
            "sequence": e.sequence,
            "time": iso(e.time),
            "type": e.type,
            "actor": e.actor,
            "actor_name": floor.name_of(e.actor),
            "data": nameless(data) if hidden else data,
        }
        for e, data in ((e, house.renderer.history(e)) for e in house.journal.of_customer(customer))
    ]
    return respond(rows)


@router.get("/{customer}/consents", response_model=list[Consent], responses=UNKNOWN, dependencies=[right("see")])
async def known_consents(customer: CustomerPath, house: House, who: Who) -> Response:
    """What the customer agrees to now."""
    _looked_at(house, customer, who)
    found = consents.consents_of(house.store.reader, customer, house.memory.certain())
    return respond([house.views.consent(c) for c in found])
