"""Proofs of ownership of a customer."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response

from gateway.console.act import Act, House, respond
from gateway.console.bodies_gatherings import ProofSeen
from gateway.console.customers import CustomerPath
from gateway.console.problems import documented
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.core.actions import memberships as actions

router = Routes(prefix="/api/customers", tags=["gatherings"])
Brand = Annotated[str, Path(max_length=40, pattern=r"^[a-z0-9-]+$")]


@router.get(
    "/{customer}/memberships",
    response_model="list[answers_gatherings.ProofKept]",
    responses=documented(404),
    dependencies=[right("see")],
)
async def proofs(customer: CustomerPath, house: House, who: Who) -> Response:
    """What the customer was seen to own, by brand."""
    return respond(actions.proofs(house, customer, house.memory.now()))


@router.put(
    "/{customer}/memberships/{brand}",
    response_model="answers_gatherings.ProofKept",
    responses=documented(404),
    dependencies=[right("learn")],
)
async def see(customer: CustomerPath, brand: Brand, body: ProofSeen, house: House, act: Act) -> Response:
    """A document was seen, by whom and when; no copy of it and no number."""
    said = body.model_dump()
    return await act(lambda actor, now: actions.see(house, customer, brand, said, actor, now))


@router.delete(
    "/{customer}/memberships/{brand}", status_code=204, responses=documented(404), dependencies=[right("learn")]
)
async def end(customer: CustomerPath, brand: Brand, house: House, act: Act) -> Response:
    """The proof counts no more."""
    return await act(lambda actor, now: actions.end(house, customer, brand))
