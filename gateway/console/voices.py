"""What customers felt and said: the page of a run, one question after a visit, and ties by their own word."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Path, Response

from gateway.console.act import Act, House, respond
from gateway.console.bodies_insight import EvidenceSaid, MeasuresSaid, NewTie, SatisfactionSaid
from gateway.console.customers import CustomerPath
from gateway.console.insight import MANY, Form, Found, head
from gateway.console.problems import Problem, documented
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.console.suggestions import effect, read
from gateway.console.table_files import answer
from gateway.core import suggestions, under_way
from gateway.core.actions import measures, said
from gateway.core.actions.entries import URN

router = Routes(prefix="/api", tags=["insight"])
BY_PART = "by part"
TiePath = Annotated[str, Path(max_length=64)]


@router.get("/insight/voices", response_model="answers_voices.VoicesPage", responses=MANY, dependencies=[right("lead")])
async def voices(book: Found, house: House, form: Form = "json") -> Response:
    """What customers who agree felt and said in the window: counts, and shares from thirty on."""
    found = book.run.house.get("voices")
    if found is None:
        raise Problem(409, "this run is older than what it is asked for: start a run", type=f"{URN}no-run-yet")
    found = {**found, "under_way": under_way.gauge(house, house.memory.now())}
    if form != "json":
        return answer(list(_figures(found)), f"voices-{book.run.on}", form)
    theirs = [
        each for each in await asyncio.to_thread(read, house) if house.memory.family.root(each.customer) in book.rows
    ]
    horizon = house.config.insight.horizon_days
    done = await asyncio.to_thread(suggestions.effects_of, theirs, book, house.memory.family.root, horizon)
    return respond({**head(house, book, BY_PART, ()), **found, "effects": [effect(each) for each in done]})


def _figures(value: Any, place: str = "") -> Iterator[dict[str, Any]]:
    """Every figure of the page by its place in it, one a line."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _figures(each, f"{place}.{name}" if place else name)
    elif isinstance(value, list):
        for number, each in enumerate(value, start=1):
            yield from _figures(each, f"{place}.{number}")
    else:
        yield {"figure": place, "value": value}


@router.post(
    "/customers/{customer}/satisfaction", status_code=201, response_model="answers_voices.Satisfied",
    responses=documented(404, 409), dependencies=[right("advise")],
)  # fmt: skip
async def satisfied(customer: CustomerPath, body: SatisfactionSaid, house: House, act: Act) -> Response:
    """One question after a visit: expected and found, 1 to 5. One a visit, and the same not within thirty days."""
    row = body.model_dump()
    return await act(lambda actor, now: said.satisfied(house, customer, row, actor, now))


@router.get(
    "/customers/{customer}/measures", response_model="list[answers_voices.Measure]", responses=documented(404),
    dependencies=[right("advise")],
)  # fmt: skip
async def measured(customer: CustomerPath, house: House, who: Who) -> Response:
    """What this customer judges us by, in their own words, each with the last evidence for it."""
    rows = measures.of(house, customer)
    house.looks.at(customer, who.id, "list")
    return respond(rows)


@router.put(
    "/customers/{customer}/measures", response_model="list[answers_voices.Measure]", responses=documented(403, 404),
    dependencies=[right("advise")],
)  # fmt: skip
async def measure(customer: CustomerPath, body: MeasuresSaid, house: House, act: Act) -> Response:
    """They judge us by these from now on, at most three; of who does not agree that it is kept none is taken."""
    row = body.model_dump()
    return await act(lambda actor, now: measures.say(house, customer, row, actor, now))


@router.post(
    "/customers/{customer}/measures/evidence", status_code=201, response_model="answers_voices.MeasureEvidence",
    responses=documented(403, 404), dependencies=[right("advise")],
)  # fmt: skip
async def evidence(customer: CustomerPath, body: EvidenceSaid, house: House, act: Act) -> Response:
    """Whether one of their measures was met today, and what was seen or heard of it; the last one is shown."""
    row = body.model_dump()
    return await act(lambda actor, now: measures.note(house, customer, row, actor, now))


@router.post(
    "/ties", status_code=201, response_model="answers_voices.TieAnswer",
    responses=documented(404, 409, answers={200: "answers_voices.TieAnswer"}),
    dependencies=[right("lead")],
)  # fmt: skip
async def tied(body: NewTie, house: House, act: Act) -> Response:
    """Two belong together by their own word; refused in the same words whoever of them has not agreed to it."""
    row = body.model_dump()
    return await act(lambda actor, now: said.tied(house, row, actor, now))


@router.post(
    "/ties/{tie}/end",
    response_model="answers_voices.TieAnswer",
    responses=documented(404),
    dependencies=[right("lead")],
)
async def untied(tie: TiePath, house: House, act: Act) -> Response:
    """The two belong together no more; the same once more changes nothing."""
    return await act(lambda actor, now: said.untied(house, tie, actor, now))
