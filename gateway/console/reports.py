"""What is worked out from the records: a day in numbers, the words this venue uses, its plan."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response

from gateway.console.act import Act, House, respond
from gateway.console.answers_today import Today, Vocabulary
from gateway.console.bodies import FloorPlan
from gateway.console.security import right
from gateway.core.actions import plan as actions
from gateway.events.sent import Plan

router = APIRouter(prefix="/api", tags=["reports"])


@router.get("/today", response_model=Today, dependencies=[right("lead")])
async def today(
    house: House, on: Annotated[date | None, Query(alias="date", ge=date(1970, 1, 1), le=date(2199, 12, 31))] = None
) -> Response:
    """A day in numbers, of the venue's own calendar; without a date today."""
    return respond(await house.reports.day(on))


@router.get("/vocabulary", response_model=Vocabulary, dependencies=[right("see")])
async def vocabulary(house: House) -> Response:
    """The values, questions and answers that are used most here."""
    return respond(await house.reports.vocabulary())


@router.get("/plan", response_model=Plan | None, dependencies=[right("readers")])
async def plan(house: House) -> Response:
    """The venue seen from above; null before anybody drew it."""
    return respond(house.views.plan())


@router.put("/plan", response_model=Plan, dependencies=[right("lay-out")])
async def draw(body: FloorPlan, house: House, act: Act) -> Response:
    """Draws the venue anew."""
    drawn = body.model_dump()
    return await act(lambda actor, now: actions.draw(house, drawn))
