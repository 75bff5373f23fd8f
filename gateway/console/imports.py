"""Files of customers, in and out."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Sequence
from contextlib import closing

from fastapi import Request, Response

from gateway.console.act import House, respond
from gateway.console.bodies import Leaving
from gateway.console.problems import Problem, documented
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.core.gateway import Gateway
from gateway.events.event import HOUSE, News
from gateway.records import belonging, exchange
from gateway.records.customers import Taken
from gateway.records.doubtful import Doubts
from gateway.records.errors import Conflict, Erased
from gateway.records.exchange import Row
from gateway.records.import_plan import Imported, batches, drawn, finished, plan
from gateway.records.sheets import Unreadable

TWO_PEOPLE = (
    "a file of all customers takes two people: one asks for it on a tablet, under Settings, another manager or named"
    " officer confirms it on another; it is open for half an hour then"
)
TRIES = 5  # a batch is planned anew where somebody was quicker

router = Routes(prefix="/api", tags=["customers"])
CSV = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}}


@router.post(
    "/imports",
    response_model="answers.Import",
    responses=documented(409, 503, 507),
    dependencies=[right("admit")],
    openapi_extra=CSV,
)
async def bring(request: Request, house: House, who: Who, partial: bool = False, dry_run: bool = False) -> Response:
    """Imports a customer CSV, the body; who is in it is recognised from now on.

    A bad row is named by line and reason: then nothing is imported (422), or with ``partial`` every good row. With
    ``dry_run`` nothing is recorded, and ``changes`` says what would be.
    """
    raw = await request.body()
    try:
        rows, problems = await asyncio.to_thread(exchange.read_csv, raw)
    except Unreadable as whole:
        raise Problem(422, f"{whole}; nothing was imported") from None
    if problems and not partial:
        reasons = [{"line": each.line, "reason": each.reason} for each in problems]
        raise Problem(422, f"{len(problems)} mistakes, and nothing was imported", problems=reasons)
    done, document = Imported(problems=problems), exchange.document_of(raw)
    doubts, ids = Doubts(house.config.alerts.tiers), drawn(rows)
    with closing(house.store.open_reader()) as reader:
        for some in batches(rows):
            if dry_run:
                trying = functools.partial(plan, reader, some, house.memory.now(), doubts, document=document, drawn=ids)
                done.add((await asyncio.to_thread(trying, tried=True))[1])
            else:
                planned = functools.partial(
                    plan, reader, some, doubts=doubts, document=document, drawn=ids, receipts=True
                )
                done.add(await _bring(house, some, planned, who.id))
    if dry_run:
        return respond(done.shape())
    await house.record([finished(done, document)], who.id)
    return respond(done.shape())


async def _bring(
    house: Gateway, rows: Sequence[Row], planned: Callable[..., tuple[list[News], Imported]], actor: str
) -> Imported:
    """Some rows: read and decided in a thread, then recorded; between two, doors and tablets have their turn."""
    for _ in range(TRIES):
        news, done = await asyncio.to_thread(planned, at=house.memory.now())
        try:
            await house.record(news, actor)
        except (Conflict, Taken, Erased):  # somebody was quicker
            continue
        return done
    raise Problem(409, f"others are changing the customers of lines {rows[0].line} to {rows[-1].line}; try again")


@router.post("/exports", status_code=204, responses=documented(409, 503, 507), dependencies=[right("own")])
async def leave(body: Leaving, house: House, who: Who) -> Response:
    """Says, before it does, that a file of all customers leaves the house: two people have opened that."""
    if house.glass.open_of("export") is None and belonging.is_demo(house.store.folder) is not True:
        raise Problem(409, TWO_PEOPLE)
    await house.record([News("customers.exported", HOUSE, body.model_dump())], who.id)
    return respond(None, 204)
