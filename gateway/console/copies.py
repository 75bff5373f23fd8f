"""Copies of the records: where they go, what is there, when each was tried, and one more now."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Response

from gateway.console.act import respond
from gateway.console.bodies_settings import NewCopy
from gateway.console.problems import Problem, documented
from gateway.console.routes import Routes
from gateway.console.security import right
from gateway.operations.copies import Copies, NoSuchFolder
from gateway.operations.findings import Busy

router = Routes(prefix="/api/copies", tags=["operations"])


async def _of_house(request: Request) -> Copies:
    found: Copies = request.app.state.copies
    return found


Ours = Annotated[Copies, Depends(_of_house)]


@router.get("", response_model="answers_repairs.Copies", dependencies=[right("equip")])
async def every(copies: Ours) -> Response:
    """Every folder of copies with what is in it; a copy counts once it was brought back on trial."""
    return respond(await copies.look_into())


@router.post(
    "",
    status_code=202,
    response_model="answers_repairs.Copies",
    responses=documented(404, 409),
    dependencies=[right("equip")],
)
async def make(body: NewCopy, copies: Ours) -> Response:
    """Makes a copy in this folder now, and tries it; 409 while one is made. How it went is asked with GET."""
    try:
        copies.begin(body.to)
    except NoSuchFolder as missing:
        raise Problem(404, str(missing)) from None
    except Busy as busy:
        raise Problem(409, str(busy)) from None
    return respond(await copies.look_into(), 202)
