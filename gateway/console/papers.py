"""Papers that the command line printed: the journal knows which one hangs, and which were filed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from gateway.console.act import Act, House
from gateway.console.bodies import Body
from gateway.console.security import right
from gateway.core.action import Action
from gateway.events.event import News
from gateway.events.papers import PaperKind

router = APIRouter(prefix="/api/privacy", tags=["privacy"])


class PaperToFile(Body):
    """A paper that was printed, by the code that stands for all that it says."""

    paper: PaperKind
    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{4,128}$")]


@router.post("/papers", status_code=204, dependencies=[right("own")])
async def file(body: PaperToFile, house: House, act: Act) -> Response:
    """Notes that a paper was printed to hang or to file; for the command line on the gateway's own machine."""
    facts = {"paper": body.paper, "code": body.code}
    return await act(lambda actor, now: Action(None, 204, [News("privacy.filed", body.paper, facts)]))
