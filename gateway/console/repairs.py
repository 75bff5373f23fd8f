"""What is wrong with the house, on one list; and what only root may do, asked of the helper that root installed."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import Depends, Request, Response

from gateway.console.act import House, respond
from gateway.console.bodies_settings import Help
from gateway.console.problems import Problem, documented
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.operations.helper import NoHelper
from gateway.operations.repairs import Repairs

router = Routes(prefix="/api/repairs", tags=["readers"])


async def _of_house(request: Request) -> Repairs:
    found: Repairs = request.app.state.repairs
    return found


Found = Annotated[Repairs, Depends(_of_house)]


@router.get("", response_model="list[answers_repairs.Repair]", dependencies=[right("equip")])
async def every(found: Found, house: House, who: Who) -> Response:
    """All that is wrong, what is wrong now first; whose phone is mute is named, which is written down."""
    rows = await found.look()
    for customer in found.new_to(who.id, [row["facts"]["customer"] for row in rows if "customer" in row["facts"]]):
        house.looks.at(customer, who.id, "list")
    return respond(rows)


@router.get("/helper", response_model="answers_repairs.Helper", dependencies=[right("equip")])
async def look(found: Found) -> Response:
    """Whether the helper is installed, and how the last thing went that it was asked for."""
    return respond(await asyncio.to_thread(found.helper.look))


@router.post(
    "/helper",
    status_code=202,
    response_model="answers_repairs.Helper",
    responses=documented(409),
    dependencies=[right("equip")],
)
async def ask(body: Help, found: Found) -> Response:
    """Asks the helper for one of the few things it does; 409 where it is not installed."""
    try:
        await asyncio.to_thread(found.helper.ask, body.what)
    except NoHelper as missing:
        raise Problem(409, str(missing)) from None
    except OSError as error:
        raise Problem(409, f"the helper cannot be asked: {(error.strerror or str(error)).lower()}") from None
    return respond(await asyncio.to_thread(found.helper.look), 202)
