"""What is let go after its time: how it stands, what a person allows beyond that, and that the clock is right."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from pydantic import AwareDatetime, Field

from gateway.console.act import Act, House, respond
from gateway.console.bodies import Body
from gateway.console.problems import documented
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.core.letting_go import LettingGo
from gateway.events.kinds import Kind
from gateway.events.times import iso

router = Routes(prefix="/api/retention", tags=["retention"])


class Allowed(Body):
    """The classes of which all may go that is over."""

    kinds: Annotated[list[Kind], Field(min_length=1)]


class RightTime(Body):
    """What time it is where the person looks."""

    time: AwareDatetime


async def _letting_go(request: Request) -> LettingGo:
    found: LettingGo = request.app.state.letting_go
    return found


Letting = Annotated[LettingGo, Depends(_letting_go)]


@router.get("", response_model="answers_letting_go.RetentionStanding", dependencies=[right("lead")])
async def standing(letting: Letting) -> Response:
    """The clock and who vouches for it, each class of records, and which customers are to be erased within a week."""
    found: dict[str, Any] = await asyncio.to_thread(letting.standing)
    return respond(found)


@router.post("/allowed", status_code=204, responses=documented(409), dependencies=[right("lead")])
async def allow(body: Allowed, letting: Letting, act: Act) -> Response:
    """Lets all go that is over, of these classes, for a day: each had more than a run takes by itself."""
    return await act(lambda actor, now: letting.allow(body.kinds, now))


@router.post("/clock", status_code=204, responses=documented(409), dependencies=[right("lead")])
async def confirm_clock(body: RightTime, letting: Letting, house: House, who: Who, act: Act) -> Response:
    """The house's clock is right: somebody looked. 409 where it is more than five minutes from what they say."""
    said = iso(body.time.timestamp())
    answer = await act(lambda actor, now: letting.confirm(said, now))
    if answer.status_code < 300:
        letting.confirmed(who.id)
    return answer
