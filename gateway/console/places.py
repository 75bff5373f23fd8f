"""Places, and who sits there."""

from __future__ import annotations

from typing import Any

from fastapi import Response

from gateway.console import scopes
from gateway.console.act import Act, House, respond
from gateway.console.bodies_rounds import TakePlace
from gateway.console.problems import documented
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.console.zones import eyes_of
from gateway.core.actions import seats

NOBODY: dict[str, Any] = {
    "visit": None, "customer": None, "name": None, "address_as": None, "since": None, "because": None,
    "expected": [], "habit": [],
}  # fmt: skip

router = Routes(prefix="/api", tags=["places"])


@router.get("/places", response_model="list[sent_rounds.Seat]", dependencies=[right("presence")])
async def places(house: House, who: Who) -> Response:
    """Every place in its order: who sits there, who is expected there, and whose habit it is (a suggestion)."""
    eyes = eyes_of(who)
    rows = [row if house.sight.zone(eyes, row["zone"]) else {**row, **NOBODY} for row in house.views.seats()]
    every = [each for row in rows for each in (row, *row["expected"], *row["habit"])]
    house.looks.shown(every, who.id, program=who.program)
    return respond([scopes.parts(who.scopes, row) for row in rows])


@router.post(
    "/visits/{visit}/place",
    response_model="answers_rounds.SeatTaken",
    responses=documented(404, 409),
    dependencies=[right("serve")],
)
async def take(visit: str, body: TakePlace, house: House, act: Act) -> Response:
    """The guest sits there; 409 with who sits there already (``sitting``), unless the two are to ``swap``."""
    return await act(lambda actor, now: seats.take(house, visit, body.place, body.at, body.swap, actor, now))
