"""Files about value, cost and days from elsewhere."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query, Request, Response

from gateway.console.act import House, respond
from gateway.console.imports import CSV
from gateway.console.problems import Problem, documented
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.core.action import Actor
from gateway.core.actions import insight_files as files
from gateway.records import insight_sheets
from gateway.records.errors import Conflict, Erased
from gateway.records.sheets import Unreadable

router = Routes(prefix="/api", tags=["insight"])
Kind = Literal["entries", "visits", "gatherings", "ties", "lost", "wallet", "survey"]
Source = Annotated[str, Query(max_length=40, pattern=r"^\w[\w.-]*$")]


@router.post(
    "/insight/imports",
    response_model="answers_rounds.FileRead",
    responses=documented(409, 503, 507),
    dependencies=[right("lead")],
    openapi_extra=CSV,
)
async def bring(
    request: Request, house: House, who: Who, kind: Kind, source: Source, partial: bool = False, dry_run: bool = False
) -> Response:
    """Takes in a CSV file of this kind from this source; a file that comes again changes nothing.

    A bad row is named by line and reason: then nothing is taken in (422), or with ``partial`` every good row. With
    ``dry_run`` nothing is recorded.
    """
    raw = await request.body()
    try:
        sheet = insight_sheets.read(raw, kind)
    except Unreadable as whole:
        raise Problem(422, f"{whole}; nothing was imported") from None
    actor, parts = Actor(who.id, who.lead, who.program, who.by_cookie), files.in_turn(sheet.rows)
    tried = files.tried(house, kind, sheet, source, actor, house.memory.now())
    problems = [{"line": each.line, "reason": each.reason} for each in tried.problems]
    if problems and not partial:
        raise Problem(422, f"{len(problems)} mistakes, and nothing was imported", problems=problems)
    if not dry_run:
        for part in parts:
            planning = files.Planning(house, source, actor)
            try:
                news = files.plan(planning, kind, part, house.memory.now()).news
                await house.record(news, who.id)
            except (Conflict, Erased):
                raise Problem(409, "others are changing what this file says; send it again") from None
    return respond({"rows": len(sheet.rows), "changed": tried.changed, "problems": problems})
