"""Promises and complaints of a customer."""

from __future__ import annotations

from fastapi import APIRouter, Response

from gateway.console.act import Act, House
from gateway.console.bodies import Closing, NewOwed
from gateway.console.customers import CustomerPath
from gateway.console.security import right
from gateway.deeds import owed

router = APIRouter(prefix="/api/customers/{customer}", tags=["promises and complaints"])


@router.post("/promises", status_code=201, dependencies=[right("serve")])
async def promise(customer: CustomerPath, body: NewOwed, house: House, act: Act) -> Response:
    """Something promised, with who keeps it and until when."""
    return await act(
        lambda actor, now: owed.open_(house, "promise", customer, body.text, body.owner, body.due, body.id, actor, now)
    )


@router.post("/promises/{promise_id}/close", dependencies=[right("serve")])
async def keep(
    customer: CustomerPath, promise_id: str, house: House, act: Act, body: Closing | None = None
) -> Response:
    """The promise was kept."""
    return await act(lambda actor, now: owed.close(house, "promise", customer, promise_id, _note(body), actor, now))


@router.post("/complaints", status_code=201, dependencies=[right("serve")])
async def complain(customer: CustomerPath, body: NewOwed, house: House, act: Act) -> Response:
    """What went wrong, with who makes it good and until when."""
    return await act(
        lambda actor, now: owed.open_(
            house, "complaint", customer, body.text, body.owner, body.due, body.id, actor, now
        )
    )


@router.post("/complaints/{complaint_id}/close", dependencies=[right("serve")])
async def settle(
    customer: CustomerPath, complaint_id: str, house: House, act: Act, body: Closing | None = None
) -> Response:
    """The complaint is settled."""
    return await act(lambda actor, now: owed.close(house, "complaint", customer, complaint_id, _note(body), actor, now))


def _note(body: Closing | None) -> str | None:
    return body.note if body else None
