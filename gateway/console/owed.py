"""Promises and complaints of a customer."""

from __future__ import annotations

from typing import Any

from fastapi import Response

from gateway.console.act import Act, House
from gateway.console.bodies import Closing, ClosingComplaint, HandOver, Money, NewComplaint, NewOwed
from gateway.console.customers import CustomerPath
from gateway.console.problems import documented
from gateway.console.routes import Routes
from gateway.console.security import right
from gateway.core.actions import owed

router = Routes(prefix="/api/customers/{customer}", tags=["promises and complaints"])

UNKNOWN = documented(404)


@router.post(
    "/promises",
    status_code=201,
    response_model="sent.Owed",
    responses=documented(404, 409),
    dependencies=[right("serve")],
)
async def promise(customer: CustomerPath, body: NewOwed, house: House, act: Act) -> Response:
    """Something promised, with who keeps it and until when."""
    return await act(
        lambda actor, now: owed.open_(house, "promise", customer, body.text, body.owner, body.due, body.id, actor, now)
    )


@router.post(
    "/promises/{promise_id}/close", response_model="sent.Owed", responses=UNKNOWN, dependencies=[right("serve")]
)
async def keep(
    customer: CustomerPath, promise_id: str, house: House, act: Act, body: Closing | None = None
) -> Response:
    """The promise was kept."""
    note = body.note if body else None
    return await act(lambda actor, now: owed.close(house, "promise", customer, promise_id, note, actor, now))


@router.post(
    "/promises/{promise_id}/hand-over", response_model="sent.Owed", responses=UNKNOWN, dependencies=[right("serve")]
)
async def hand_promise(customer: CustomerPath, promise_id: str, body: HandOver, house: House, act: Act) -> Response:
    """Somebody else keeps the promise from now on."""
    return await act(lambda actor, now: owed.hand_over(house, "promise", customer, promise_id, body.to, now))


@router.post(
    "/complaints",
    status_code=201,
    response_model="sent.Owed",
    responses=documented(404, 409),
    dependencies=[right("serve")],
)
async def complain(customer: CustomerPath, body: NewComplaint, house: House, act: Act) -> Response:
    """What went wrong, with who makes it good and until when."""
    cost = _cost(body.recovery_cost)
    return await act(
        lambda actor, now: owed.open_(
            house, "complaint", customer, body.text, body.owner, body.due, body.id, actor, now, cost
        )
    )


@router.post(
    "/complaints/{complaint_id}/close", response_model="sent.Owed", responses=UNKNOWN, dependencies=[right("serve")]
)
async def settle(
    customer: CustomerPath, complaint_id: str, house: House, act: Act, body: ClosingComplaint | None = None
) -> Response:
    """The complaint is settled."""
    said = body or ClosingComplaint()
    cost = _cost(said.recovery_cost)
    return await act(
        lambda actor, now: owed.close(house, "complaint", customer, complaint_id, said.note, actor, now, cost)
    )


@router.post(
    "/complaints/{complaint_id}/hand-over", response_model="sent.Owed", responses=UNKNOWN, dependencies=[right("serve")]
)
async def hand_complaint(customer: CustomerPath, complaint_id: str, body: HandOver, house: House, act: Act) -> Response:
    """Somebody else makes it good from now on."""
    return await act(lambda actor, now: owed.hand_over(house, "complaint", customer, complaint_id, body.to, now))


def _cost(money: Money | None) -> dict[str, Any] | None:
    return money.model_dump() if money else None
