"""Readers: what each hears, what is wrong with it, and what it sends."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import Annotated

from fastapi import Depends, Query, Request, Response

from gateway.console.act import House, respond
from gateway.console.bodies_settings import Look
from gateway.console.problems import Problem, documented
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.events.event import Event
from gateway.events.times import iso
from gateway.operations.findings import Busy
from gateway.operations.toolbox import NoSuchReader, Toolbox
from gateway.records import journal_rows

LOG = 50  # entries
LONGEST_LOOK = 5.0  # seconds; a tablet waits for an answer for eight

router = Routes(prefix="/api/readers", tags=["readers"])


async def toolbox(request: Request) -> Toolbox:
    """What IT asks of the readers."""
    tools: Toolbox = request.app.state.tools
    return tools


Tools = Annotated[Toolbox, Depends(toolbox)]


@router.get(
    "", response_model="list[answers.ReaderDetails] | list[sent_equipment.Reader]", dependencies=[right("readers")]
)
async def readers(house: House, tools: Tools, who: Who) -> Response:
    """The live state of every reader; who equips the house sees its link, its faults and what to do about them too."""
    equips = who.may("equip")
    return respond(await tools.readers_with_advice(house.memory.steady()) if equips else house.views.readers())


@router.get("/found", response_model="answers_settings.FoundReaders", dependencies=[right("equip")])
async def found(tools: Tools) -> Response:
    """What the latest look at the serial ports has found that no settings name."""
    return respond(tools.findings.look())


@router.post(
    "/found", response_model="answers_settings.FoundReaders", responses=documented(409), dependencies=[right("equip")]
)
async def find(body: Look, tools: Tools) -> Response:
    """Looks at every serial port; without ``asks`` nothing is written to any. 409 while a look is under way."""
    try:
        tools.findings.begin(asks=body.asks)
    except Busy as busy:
        raise Problem(409, str(busy)) from None
    return respond(tools.findings.look())


@router.post("/{reader}/connect", status_code=204, responses=documented(404), dependencies=[right("equip")])
async def connect(reader: str, tools: Tools) -> Response:
    """Lets go of a reader's link and opens it anew at once, without the wait between tries."""
    try:
        tools.connect(reader)
    except NoSuchReader as missing:
        raise Problem(404, str(missing)) from None
    return Response(status_code=204)


@router.get("/{reader}/log", response_model="list[answers_repairs.ReaderNews]", dependencies=[right("equip")])
async def log(reader: str, house: House) -> Response:
    """What became of a reader lately, the newest first: when it was lost, quiet and back, and why."""
    where = "WHERE type IN ('reader.lost', 'reader.back', 'reader.quiet') AND subject = ? ORDER BY number DESC LIMIT ?"

    def read() -> list[Event]:
        with closing(house.store.open_reader()) as records:
            return list(journal_rows.select(records, where, reader, LOG))

    return respond([
        {"sequence": e.sequence, "time": iso(e.time), "what": e.type.partition(".")[2], "reason": e.data.get("reason")}
        for e in await asyncio.to_thread(read)
    ])  # fmt: skip


@router.get(
    "/{reader}/raw",
    response_model="list[answers.RawFrame]",
    responses=documented(404, 409),
    dependencies=[right("equip")],
)
async def raw(reader: str, tools: Tools, seconds: Annotated[float, Query(gt=0, le=LONGEST_LOOK)] = 2.0) -> Response:
    """What a reader sends in the next seconds, identifiers masked; 409 while somebody else looks."""
    try:
        return respond(await tools.raw(reader, seconds))
    except NoSuchReader as missing:
        raise Problem(404, str(missing)) from None
    except RuntimeError as busy:
        raise Problem(409, str(busy)) from None
