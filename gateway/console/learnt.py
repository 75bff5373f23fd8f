"""What the venue has learnt of its rooms: what it is worth, and its document, out and in."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Body, Response

from gateway.console.act import Act, House, respond
from gateway.console.routes import Routes
from gateway.console.security import right
from gateway.core.actions import learnt as actions

router = Routes(prefix="/api/learnt", tags=["readers"])


@router.get("", response_model="answers_learnt.Worth", dependencies=[right("equip")])
async def worth(house: House) -> Response:
    """What staff's acts have taught, and what it is worth."""
    return respond(actions.worth(house))


@router.get("/document", response_model="answers_learnt.LearntRooms", dependencies=[right("equip")])
async def document(house: House) -> Response:
    """All that was learnt, to be kept with the venue's settings."""
    return respond(house.memory.presence.learnt.document())


@router.put("/document", response_model="answers_learnt.LearntRooms", dependencies=[right("equip")])
async def bring_in(body: Annotated[dict[str, Any], Body()], house: House, act: Act) -> Response:
    """Takes the place of what was learnt; answers what of it is about zones and readers of this venue."""
    return await act(lambda actor, now: actions.bring_in(house, body))
