"""Menus, and how many there are of what."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response

from gateway.console.act import Act, House, respond
from gateway.console.bodies_rounds import NewMenu, Stock
from gateway.console.problems import Problem, documented
from gateway.console.routes import Routes
from gateway.console.security import right
from gateway.core.actions import menus

router = Routes(prefix="/api/menus", tags=["rounds"])
MenuPath = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^\w[\w.-]*$")]


@router.get("", response_model="list[sent_rounds.Menu]", dependencies=[right("service")])
async def every(house: House) -> Response:
    """Every menu, with how many are left of what is counted."""
    return respond(house.views.dining.menus())


@router.put("/{menu}", response_model="sent_rounds.Menu", dependencies=[right("cater")])
async def put(menu: MenuPath, body: NewMenu, house: House, act: Act) -> Response:
    """The menu is this from now on; an allergen that nobody knows is refused, since it would warn of nothing."""
    if body.menu not in (None, menu):
        raise Problem(422, "menu: another one than in the address")
    rows = [{**row.model_dump(), "labels": row.labels.both()} for row in body.items]
    return await act(lambda actor, now: menus.put(house, menu, body.question, rows))


@router.delete("/{menu}", status_code=204, responses=documented(404, 409), dependencies=[right("cater")])
async def remove(menu: MenuPath, house: House, act: Act) -> Response:
    """The menu is none any more; 409 while a round goes by it."""
    return await act(lambda actor, now: menus.remove(house, menu))


@router.post(
    "/{menu}/items/{item}/stock",
    response_model="sent_rounds.Menu",
    responses=documented(404),
    dependencies=[right("serve")],
)
async def stock(menu: MenuPath, item: str, body: Stock, house: House, act: Act) -> Response:
    """There are so many of this as of now."""
    return await act(lambda actor, now: menus.stock(house, menu, item, body.stock))
