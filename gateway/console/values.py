"""The catalogue: the values that facts about customers may have, the starter's and the venue's own."""

from __future__ import annotations

import asyncio
import json
from hashlib import sha256
from typing import Annotated

from fastapi import Header, Path, Response

from gateway.console.act import Act, House, respond
from gateway.console.bodies_facts import Code, NewValue
from gateway.console.problems import documented
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.core.actions import preferences
from gateway.core.actions import values as actions

router = Routes(prefix="/api", tags=["catalogue"])

CodePath = Annotated[Code, Path()]


@router.get(
    "/catalogue",
    response_model="answers_facts.CataloguePage",
    responses={304: {"description": "It is as it was."}},
    dependencies=[right("words")],
)
async def catalogue(house: House, if_none_match: Annotated[str | None, Header()] = None) -> Response:
    """Every value, in the order of the screen; with its ETag it is answered only where it has changed."""
    page = house.views.catalogue()
    tag = f'"{sha256(json.dumps(page, sort_keys=True).encode()).hexdigest()[:16]}"'
    if if_none_match is not None and tag in (each.strip().removeprefix("W/") for each in if_none_match.split(",")):
        return Response(status_code=304, headers={"ETag": tag})
    answer = respond(page)
    answer.headers["ETag"] = tag
    return answer


@router.put(
    "/catalogue/values/{code}",
    response_model="answers_facts.CatalogueValue",
    responses=documented(404, answers={201: "answers_facts.CatalogueValue"}),
    dependencies=[right("lead")],
)
async def put(code: CodePath, body: NewValue, house: House, act: Act) -> Response:
    """Adds a value of the venue's own, or renames or hides one that is there."""
    told = body.model_dump(exclude_none=True, by_alias=True)
    used = await asyncio.to_thread(actions.used, house)
    return await act(lambda actor, now: actions.put(house, code, told, used))


@router.delete("/catalogue/values/{code}", status_code=204, responses=documented(404), dependencies=[right("lead")])
async def remove(code: CodePath, house: House, act: Act) -> Response:
    """Takes a value out; one that facts have is hidden, and no code is given out again."""
    used = await asyncio.to_thread(actions.used, house)
    return await act(lambda actor, now: actions.remove(house, code, used))


@router.get("/doubts", response_model="list[answers_facts.Doubt]", dependencies=[right("lead")])
async def doubts(house: House, who: Who) -> Response:
    """Facts of an older program whose polarity is in doubt, the oldest first, until somebody settles them."""
    rows = await preferences.unsettled(house)
    house.looks.shown(rows, who.id, program=who.program)
    return respond(rows)
