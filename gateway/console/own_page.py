"""A customer's own page: no account and no cookie; a link's secret in a header, six digits for the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from fastapi import Request, Response

from gateway.console.act import House, respond
from gateway.console.bodies_page import Correcting, GivenDigits, Mending, OwnWishes, Stopping
from gateway.console.page_doors import OPEN_FOR, Linked, Unlocked, doors_of
from gateway.console.persons import FILE, file_of
from gateway.console.problems import Problem, documented
from gateway.console.routes import Routes
from gateway.core import own_page as shown
from gateway.core.action import Action
from gateway.core.actions import customers, persons
from gateway.core.actions import own_page as actions
from gateway.core.gateway import Gateway
from gateway.events.event import CUSTOMER
from gateway.records import receipts
from gateway.records.customers import Customer
from gateway.records.errors import Conflict, Erased

router = Routes(prefix="/api/me", tags=["own page"])
DOOR = (403, 404, 429)
ACT = documented(*DOOR, 409, 422, 503, 507)


async def act(house: Gateway, make: Callable[[float], Action]) -> Any:
    """What the customer does, written down before it is answered."""
    try:
        return (await house.act(lambda: make(house.memory.now()), CUSTOMER)).answer
    except Conflict:
        raise Problem(409, "somebody was quicker; try again") from None
    except Erased:
        raise Problem(404, "there is no such customer") from None


def _customer(house: Gateway, page: Linked) -> Customer:
    return customers.known(house, page.customer)


@router.get("", response_model="answers_page.OwnPage", responses=documented(404, 429))
async def opening(house: House, page: Linked) -> Response:
    """What the customer agreed to until when, their receipts and wishes; nothing that names them."""
    return respond(shown.opening(house, _customer(house, page)))


@router.post("/stop", response_model="answers_page.OwnPage", responses=documented(404, 408, 413, 422, 429, 503, 507))
async def stop(body: Stopping, house: House, page: Linked) -> Response:
    """The customer no longer agrees to one purpose, or to any; what rested on it ends at once."""
    await act(
        house, lambda now: actions.stop(house, page.customer, body.purpose, body.partner or "", body.brand or "", now)
    )
    return respond(shown.opening(house, _customer(house, page)))


@router.post("/wishes", response_model="answers_page.OwnPage", responses=documented(404, 408, 413, 422, 429, 503, 507))
async def wishes(body: OwnWishes, house: House, page: Linked) -> Response:
    """How the customer wants to be treated from now on, on every tablet at once."""
    wanted: list[str] = [*dict.fromkeys(body.wishes)]
    await act(house, lambda now: actions.wish(house, page.customer, wanted, now))
    return respond(shown.opening(house, _customer(house, page)))


@router.get("/receipts/{receipt}", response_model="answers_receipt.Receipt", responses=documented(404, 429))
async def receipt(receipt: str, house: House, page: Linked) -> Response:
    """One of the customer's receipts, as it was signed: anybody may check it, without us."""
    whose = receipts.whose(house.store.reader, receipt)
    found = receipts.get(house.store.reader, receipt) if whose is not None else None
    if whose is None or house.memory.family.root(whose) != page.customer or found is None:
        raise Problem(404, "there is no such receipt")
    return respond(found)


@router.post("/close", status_code=204, responses=documented(404, 429, 503, 507))
async def close(house: House, page: Linked) -> Response:
    """The link was seen by somebody else: it opens nothing any more; the house makes another."""
    await act(house, lambda now: actions.close(house, page.customer))
    return respond(None, 204)


@router.post("/unlock", response_model="answers_page.OwnKey", responses=documented(*DOOR, 408, 413, 422, 503, 507))
async def unlock(body: GivenDigits, request: Request, house: House, page: Linked) -> Response:
    """Opens everything for the six digits; 403 says how many tries are left."""
    key = await doors_of(request).open(house, page, body.digits)
    return respond({"key": key, "seconds": round(OPEN_FOR)})


@router.get("/record", response_model="answers_page.OwnRecord", responses=documented(*DOOR))
async def record(house: House, page: Unlocked) -> Response:
    """Everything that is known of the customer, who looked and who received it."""
    return await _record(house, page)


@router.post("/corrections", response_model="answers_page.OwnRecord", responses=ACT)
async def correct(body: Correcting, house: House, page: Unlocked) -> Response:
    """Puts a fact right, or takes it back; each recipient of what was wrong is told."""
    told = body.model_dump()
    await act(house, lambda now: actions.correct(house, page.customer, body.fact, told, now))
    return await _record(house, page)


@router.post("/person", response_model="answers_page.OwnRecord", responses=ACT)
async def mend(body: Mending, house: House, page: Unlocked) -> Response:
    """Puts right what is known of the customer's person."""
    facts = body.model_dump(exclude_unset=True)
    await act(house, lambda now: actions.mend(house, page.customer, facts, now))
    return await _record(house, page)


async def _record(house: Gateway, page: Linked) -> Response:
    customer = _customer(house, page)
    stored = await asyncio.to_thread(shown.stored, house, house.memory.family.all_of(customer.id))
    return respond(shown.whole(house, customer, stored))


@router.post(
    "/erase", status_code=202, response_model="answers_page.OwnErasure", responses=documented(*DOOR, 409, 503, 507)
)
async def erase(house: House, page: Unlocked) -> Response:
    """Forgets the customer: what is written anywhere can no longer be read; answers the number of the receipt."""
    return respond(await act(house, lambda now: customers.erase(house, page.customer, now, by="customer")), 202)


@router.get("/export", response_class=Response, responses={**FILE, **documented(*DOOR, 503, 507)})
async def export(house: House, page: Unlocked) -> Response:
    """Everything about the customer, in a file that they keep, and that another house takes in."""
    return file_of(await persons.export(house, page.customer, "customer", CUSTOMER, None))
