"""Entries: what customers brought, and what was spent on them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Response
from pydantic import ValidationError

from gateway.console.act import Act, House, respond
from gateway.console.bodies_insight import (
    Judgement,
    LostSaid,
    NewBudget,
    NewEntry,
    PotentialSaid,
    SeveralEntries,
    TierSaid,
    Why,
)
from gateway.console.customers import CustomerPath
from gateway.console.problems import documented
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.core.actions import entries as actions
from gateway.core.actions import statements

router = Routes(prefix="/api", tags=["insight"])
EntryPath = Annotated[str, Path(max_length=64)]


@router.post(
    "/entries",
    status_code=201,
    response_model="answers_insight.Entry",
    responses=documented(403, 404, 409, answers={200: "answers_insight.SeveralAnswers"}),
    dependencies=[right("enter")],
)
async def record(body: SeveralEntries, house: House, act: Act) -> Response:
    """Records one line, or several: of a list (200) each has an answer of its own, and a bad one costs none.

    The same line again, by its id or by its source and reference there, gives the first answer (200); one that says
    otherwise is refused with it (409, ``urn:moments:problem:entry-differs``). Floor and crew record cost alone.
    """
    if isinstance(body, NewEntry):
        row = body.model_dump()
        return await act(lambda actor, now: actions.record(house, row, actor, now))
    read = [_read(each) for each in body]
    return await act(lambda actor, now: actions.record_all(house, read, actor, now))


@router.get("/entries/usual", response_model="list[answers_insight.Usual]", dependencies=[right("enter")])
async def usual(house: House) -> Response:
    """What this house gives most of late, as something to tap; nothing that was given to one customer alone."""
    return respond(actions.usual(house, house.memory.now()))


@router.post(
    "/entries/{entry}/reverse",
    response_model="answers_insight.Entry",
    responses=documented(403, 404),
    dependencies=[right("enter")],
)
async def reverse(entry: EntryPath, body: Why, house: House, act: Act) -> Response:
    """The entry counts on no date; a second reversal answers the first. What it should have said is a new entry."""
    return await act(lambda actor, now: actions.reverse(house, entry, body.reason, actor, now))


@router.post(
    "/entries/{entry}/result",
    response_model="answers_insight.Entry",
    responses=documented(403, 404),
    dependencies=[right("enter")],
)
async def judge(entry: EntryPath, body: Judgement, house: House, act: Act) -> Response:
    """What came of it."""
    return await act(lambda actor, now: actions.judge(house, entry, body.result, body.words, actor, now))


@router.get("/budgets", response_model="list[answers_insight.Budget]", dependencies=[right("lead")])
async def budgets(house: House) -> Response:
    """Every budget that was set."""
    return respond(statements.budgets(house))


@router.put("/budgets/{budget}", response_model="answers_insight.Budget", dependencies=[right("lead")])
async def set_budget(
    budget: Annotated[str, Path(max_length=64, pattern=r"^\w[\w.-]*$")], body: NewBudget, house: House, act: Act
) -> Response:
    """What may be spent under this name from now on."""
    row = body.model_dump()
    return await act(lambda actor, now: statements.set_budget(house, budget, row, actor))


@router.post(
    "/customers/{customer}/tier", status_code=201, response_model="answers_insight.Decided", responses=documented(404),
    dependencies=[right("lead")],
)  # fmt: skip
async def decide(customer: CustomerPath, body: TierSaid, house: House, who: Who, act: Act) -> Response:
    """A person decides the tier, and the reason is kept with what they had before them."""
    row = body.model_dump()
    return await act(lambda actor, now: statements.decide_tier(house, customer, row, actor, now))


@router.post(
    "/customers/{customer}/potential", status_code=201, response_model="answers_insight.Potential",
    responses=documented(404), dependencies=[right("lead")],
)  # fmt: skip
async def note(customer: CustomerPath, body: PotentialSaid, house: House, act: Act) -> Response:
    """Somebody says that the customer will be worth more, and why."""
    row = body.model_dump()
    return await act(lambda actor, now: statements.note_potential(house, customer, row, actor, now))


@router.post(
    "/customers/{customer}/lost", status_code=201, response_model="answers_insight.Lost", responses=documented(404),
    dependencies=[right("lead")],
)  # fmt: skip
async def lost(customer: CustomerPath, body: LostSaid, house: House, act: Act) -> Response:
    """Why a customer left, as they said or as somebody of the house knows; it is never guessed."""
    row = body.model_dump()
    return await act(lambda actor, now: statements.lose(house, customer, row, actor, now))


def _read(row: Any) -> actions.Row | str:
    """A line of a list, or what is wrong with it."""
    try:
        return NewEntry.model_validate(row).model_dump()
    except ValidationError as error:
        first = error.errors()[0]
        where = "/".join(str(part) for part in first["loc"])
        return f"{where}: {first['msg'].removeprefix('Value error, ')}" if where else str(first["msg"])
