"""Who is in the records twice: proposed, merged, and parted again."""

from __future__ import annotations

import asyncio

from fastapi import Response

from gateway.console.act import Act, House, respond
from gateway.console.bodies_people import MergeWith, Settling, Unmerge
from gateway.console.customers import CustomerPath
from gateway.console.problems import documented
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.core.actions import merges, mistakes, record
from gateway.core.actions.customers import known

router = Routes(prefix="/api", tags=["customers"])

UNKNOWN = documented(404)
BOTH = documented(404, 409)


@router.get(
    "/customers/{customer}/record",
    response_model="answers_people.WholeRecord",
    responses=UNKNOWN,
    dependencies=[right("people")],
)
async def whole(customer: CustomerPath, house: House, who: Who) -> Response:
    """The record of a customer for who keeps it; that it was looked at is written down."""
    found = known(house, customer)
    house.looks.at(found.id, who.id, "program" if who.program else "list")
    return respond(record.whole(house, found))


@router.get("/duplicates", response_model="list[answers_people.Duplicate]", dependencies=[right("merge")])
async def proposed(house: House, who: Who) -> Response:
    """Pairs of customers who may be one person, the likeliest first, and what speaks for it."""
    found = await asyncio.to_thread(record.likenesses, house)
    house.looks.found(list(dict.fromkeys(each for pair in found for each in (pair.one, pair.other))), who.id)
    return respond([shape for pair in found if (shape := record.duplicate(house, pair)) is not None])


@router.post(
    "/customers/{customer}/merge",
    status_code=201,
    response_model="answers_people.Merged",
    responses=BOTH,
    dependencies=[right("merge")],
)
async def merge(customer: CustomerPath, body: MergeWith, house: House, act: Act) -> Response:
    """The two are one person: all of the other counts for this one from now on, and each keeps what is theirs."""
    return await act(lambda actor, now: merges.merge(house, customer, body.other, now))


@router.post(
    "/customers/{customer}/unmerge",
    response_model="answers_people.Unmerged",
    responses=UNKNOWN,
    dependencies=[right("merge")],
)
async def unmerge(customer: CustomerPath, body: Unmerge, house: House, act: Act) -> Response:
    """They are two after all: as if the merge had not been; what was recorded since stays with who was kept."""
    return await act(lambda actor, now: merges.unmerge(house, customer, body.merge, now))


@router.post("/customers/{customer}/told-apart", status_code=204, responses=BOTH, dependencies=[right("merge")])
async def tell_apart(customer: CustomerPath, body: MergeWith, house: House, act: Act) -> Response:
    """The two are two: they are proposed no more."""
    return await act(lambda actor, now: merges.tell_apart(house, customer, body.other))


@router.get("/mistakes", response_model="list[answers_people.Mistake]", dependencies=[right("people")])
async def unsettled(house: House, who: Who) -> Response:
    """Cards that were of somebody else, and that nobody has settled: the newest first."""
    rows = mistakes.unsettled(house)
    house.looks.shown(rows, who.id, program=who.program)
    return respond(rows)


@router.post("/mistakes/{mistake}/settle", status_code=204, responses=BOTH, dependencies=[right("people")])
async def settle(mistake: str, body: Settling, house: House, act: Act) -> Response:
    """It was them after all, or what was heard is taken back from them."""
    return await act(lambda actor, now: mistakes.settle(house, mistake, body.because, now))
