"""Introductions: opened by who leads, answered by each for themselves."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response

from gateway.console.act import Act, House, respond
from gateway.console.bodies_gatherings import Answering, NewIntroduction
from gateway.console.customers import CustomerPath
from gateway.console.problems import documented
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.core.actions import introductions as actions

router = Routes(prefix="/api", tags=["gatherings"])
IntroductionPath = Annotated[str, Path(max_length=64)]
STANDS = documented(404, 409)


@router.get(
    "/introductions",
    response_model="list[answers_gatherings.Introduction]",
    responses=documented(404),
    dependencies=[right("lead")],
)
async def every(house: House, who: Who) -> Response:
    """All of them: open, made or lapsed, and no answer of anybody."""
    rows = actions.every(house, house.memory.now())
    house.looks.shown([each[side] for each in rows for side in ("one", "other")], who.id, program=who.program)
    return respond(rows)


@router.get(
    "/introductions/suggestions",
    response_model="list[answers_gatherings.MayMeet]",
    responses=documented(404),
    dependencies=[right("lead")],
)
async def suggestions(house: House, who: Who) -> Response:
    """Pairs who said that they like the same, and both agreed to be introduced at all."""
    rows = actions.suggestions(house, house.memory.now())
    house.looks.shown([each[side] for each in rows for side in ("one", "other")], who.id, program=who.program)
    return respond(rows)


@router.post(
    "/introductions",
    status_code=201,
    response_model="answers_gatherings.Introduction",
    responses=STANDS,
    dependencies=[right("lead")],
)
async def begin(body: NewIntroduction, house: House, act: Act) -> Response:
    """Two are to be asked, each by who looks after them, in words that name nobody."""
    return await act(lambda actor, now: actions.begin(house, body.one, body.other, body.why, body.id, actor, now))


@router.post(
    "/introductions/{introduction}/answers",
    response_model="answers_gatherings.Noted",
    responses=STANDS,
    dependencies=[right("serve")],
)
async def answer(introduction: IntroductionPath, body: Answering, house: House, act: Act) -> Response:
    """What one of the two said; the answer tells nothing of the other before both have said yes."""
    return await act(lambda actor, now: actions.answer(house, introduction, body.customer, body.answer, actor, now))


@router.get(
    "/customers/{customer}/introductions",
    response_model="list[answers_gatherings.Asked]",
    responses=documented(404),
    dependencies=[right("see")],
)
async def of_customer(customer: CustomerPath, house: House) -> Response:
    """What this guest is to be asked, and who they have agreed to meet."""
    return respond(actions.of_customer(house, customer, house.memory.now()))


@router.delete(
    "/customers/{customer}/introductions/{introduction}",
    status_code=204,
    responses=STANDS,
    dependencies=[right("serve")],
)
async def stop(customer: CustomerPath, introduction: IntroductionPath, house: House, act: Act) -> Response:
    """The guest wants it to be no more: it is gone from both."""
    return await act(lambda actor, now: actions.stop(house, introduction, customer, now))
