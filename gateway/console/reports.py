"""What is worked out from the records: a day in numbers, the words this venue uses, its plan."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response

from gateway.console.act import Act, House
from gateway.console.bodies import FloorPlan
from gateway.console.security import right
from gateway.core.actions import plan as actions
from gateway.core.shapes import Shape

router = APIRouter(prefix="/api", tags=["reports"])


@router.get("/today", dependencies=[right("lead")])
async def today(house: House, on: Annotated[date | None, Query(alias="date")] = None) -> Shape:
    """A day in numbers, of the venue's own calendar; without a date today."""
    return await house.reports.day(on)


@router.get("/vocabulary", dependencies=[right("see")])
async def vocabulary(house: House) -> Shape:
    """The values, questions and answers that are used most here."""
    return await house.reports.vocabulary()


@router.get("/plan", dependencies=[right("readers")])
async def plan(house: House) -> Shape | None:
    """The venue seen from above; null before anybody drew it."""
    return house.views.plan()


@router.put("/plan", dependencies=[right("lay-out")])
async def draw(body: FloorPlan, house: House, act: Act) -> Response:
    """Draws the venue anew."""
    drawn = body.model_dump()
    return await act(lambda actor, now: actions.draw(house, drawn, now))
