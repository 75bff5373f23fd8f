"""Files of places, of who is expected, and of menus."""

from __future__ import annotations

from fastapi import Request, Response

from gateway.console.act import House, respond
from gateway.console.imports import CSV
from gateway.console.problems import Problem, documented
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.core.actions import files
from gateway.core.gateway import Gateway
from gateway.records.sheets import Unreadable

router = Routes(prefix="/api", tags=["rounds"])
MAY_FAIL = documented(409, 503, 507)


@router.post(
    "/places/imports",
    response_model="answers_rounds.FileRead",
    responses=MAY_FAIL,
    dependencies=[right("lay-out")],
    openapi_extra=CSV,
)
async def places(request: Request, house: House, who: Who, partial: bool = False) -> Response:
    """Places beside those of the settings, in place of those of an earlier file.

    A bad row is named by line and reason: then nothing is imported (422), or with ``partial`` every good row.
    """
    return await _bring(house, "places", await request.body(), who.id, partial=partial)


@router.post(
    "/expected/imports",
    response_model="answers_rounds.FileRead",
    responses=MAY_FAIL,
    dependencies=[right("expect")],
    openapi_extra=CSV,
)
async def expected(request: Request, house: House, who: Who, partial: bool = False) -> Response:
    """Who is expected too; bad rows as for places."""
    return await _bring(house, "expected", await request.body(), who.id, partial=partial)


@router.post(
    "/menus/imports",
    response_model="answers_rounds.FileRead",
    responses=MAY_FAIL,
    dependencies=[right("cater")],
    openapi_extra=CSV,
)
async def menus(request: Request, house: House, who: Who, partial: bool = False) -> Response:
    """Menus, each as the file says; bad rows as for places."""
    return await _bring(house, "menus", await request.body(), who.id, partial=partial)


async def _bring(house: Gateway, kind: str, raw: bytes, who: str, *, partial: bool) -> Response:
    try:
        found = files.read(house, kind, raw)
    except Unreadable as whole:
        raise Problem(422, f"{whole}; nothing was imported") from None
    problems = [{"line": each.line, "reason": each.reason} for each in found.problems]
    if problems and not partial:
        raise Problem(422, f"{len(problems)} mistakes, and nothing was imported", problems=problems)
    done = await house.act(lambda: files.bring(house, kind, found.rows, who, house.memory.now()), who)
    return respond({"rows": len(found.rows), "changed": done.answer, "problems": problems})
