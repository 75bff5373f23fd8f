"""Who is expected today."""

from __future__ import annotations

from fastapi import APIRouter, Response

from gateway.console.act import Act, House, respond
from gateway.console.answers_today import ExpectedCustomer
from gateway.console.bodies import ExpectedList
from gateway.console.security import Who, right
from gateway.core.actions import expected as actions

router = APIRouter(prefix="/api/expected", tags=["presence"])


@router.get("", response_model=list[ExpectedCustomer], dependencies=[right("see")])
async def expected(house: House, who: Who) -> Response:
    """Who is still expected, in the order in which they come, and who of them is here."""
    rows = actions.expected(house, house.memory.now())
    if who.program:
        house.looks.read([row["customer"] for row in rows if row["name"] is not None], who.id)
    return respond(rows)


@router.put("", response_model=list[ExpectedCustomer], dependencies=[right("expect")])
async def expect(body: ExpectedList, house: House, act: Act) -> Response:
    """These customers are expected, and nobody else from now on."""
    rows = [{"customer": row.customer, "begins": row.begins, "ends": row.ends} for row in body.expected]
    return await act(lambda actor, now: actions.expect(house, rows, now))
