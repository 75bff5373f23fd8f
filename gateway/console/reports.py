"""What is worked out from the records: a day in numbers, the words this venue uses, its plan."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from fastapi import Depends, Query, Response

from gateway.console.act import Act, House, respond
from gateway.console.bodies import FloorPlan
from gateway.console.problems import Problem, documented
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.core.actions import plan as actions
from gateway.core.periods import EARLIEST, LATEST, Named
from gateway.core.reports import Wanted
from gateway.service.today import FIGURES

router = Routes(prefix="/api", tags=["reports"])

MOST_LINES = 2_000  # of a list in one answer
FARTHEST = 10**9

On = Annotated[date | None, Query(alias="date", ge=EARLIEST, le=LATEST)]
Span = Annotated[Named, Query(alias="range", description="weeks begin on Monday")]
ONE_OF = f"^({'|'.join(map(re.escape, FIGURES))})$"


@router.get("/today", response_model="answers_today.Today", dependencies=[right("lead")])
async def today(house: House, on: On = None, span: Span = "day") -> Response:
    """A day or a week in numbers, of the venue's own calendar; without a date as seen from today."""
    return respond(await house.reports.numbers(house.reports.period(span, on)))


@router.get("/today/list", response_model="answers_today.Listed", dependencies=[right("lead")])
async def listed(
    house: House,
    who: Who,
    figure: Annotated[
        str, Query(pattern=ONE_OF, description="the number's place in what /api/today answers, parted by dots")
    ],
    wanted: Annotated[Wanted, Depends()],
    on: On = None,
    span: Span = "day",
    offset: Annotated[int, Query(ge=0, le=FARTHEST)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_LINES)] = 200,
) -> Response:
    """Those whom one number of the report counts, or the part of them in one zone, hour or day, or of one person."""
    found = await house.reports.listed(house.reports.period(span, on), figure, wanted, offset, limit)
    house.looks.shown(found["lines"], who.id, program=who.program)
    return respond(found)


@router.get(
    "/alerts/{alert}/story",
    response_model="answers_today.Story",
    responses=documented(404),
    dependencies=[right("lead")],
)
async def story(alert: str, house: House, who: Who) -> Response:
    """What happened around one card, from the first read of its customer to its end; who asks has looked at them."""
    told = await house.reports.story(alert)
    if told is None:
        raise Problem(404, "there is no such alert, or it is history")
    house.looks.at(told["customer"], who.id, "list")
    return respond(told)


@router.get("/vocabulary", response_model="answers_today.Vocabulary", dependencies=[right("words")])
async def vocabulary(house: House) -> Response:
    """The values, questions and answers that are used most here."""
    return respond(await house.reports.vocabulary())


@router.get("/plan", response_model="sent_equipment.Plan | None", dependencies=[right("readers")])
async def plan(house: House) -> Response:
    """The venue seen from above; null before anybody drew it."""
    return respond(house.views.plan())


@router.put("/plan", response_model="sent_equipment.Plan", dependencies=[right("lay-out")])
async def draw(body: FloorPlan, house: House, act: Act) -> Response:
    """Draws the venue anew."""
    drawn = body.model_dump()
    return await act(lambda actor, now: actions.draw(house, drawn))
