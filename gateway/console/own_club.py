"""A guest's own page, what a club holds for them: invitations and answers, one question, points, a code for a till."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response

from gateway.console.act import House, respond
from gateway.console.bodies_page import Coming, Saying
from gateway.console.club import passed_on
from gateway.console.own_page import act
from gateway.console.page_doors import Linked, Unlocked
from gateway.console.points import PointsHere
from gateway.console.problems import documented
from gateway.console.routes import Routes
from gateway.core import own_club as shown
from gateway.core.club_points import Points
from gateway.core.gateway import Gateway

router = Routes(prefix="/api/me", tags=["own page"])
RecordPath = Annotated[str, Path(max_length=64)]
ACT = documented(404, 408, 409, 413, 422, 429, 503, 507)
NOTHING = documented(404, 409, 429, 503, 507)


@router.get("/club", response_model="answers_page.OwnClub", responses=documented(404, 429))
async def club(house: House, page: Linked, points: PointsHere) -> Response:
    """Invitations, what the guest is asked, and their points; nothing that names anybody."""
    return await _club(house, page.customer, points)


@router.post("/invitations/{invitation}/accept", response_model="answers_page.OwnClub", responses=ACT)
async def accept(invitation: RecordPath, body: Coming, house: House, page: Linked, points: PointsHere) -> Response:
    """The guest comes, with so many; where there are no seats they wait."""
    await act(house, lambda now: shown.answer(house, page.customer, invitation, body.companions, now))
    return await _club(house, page.customer, points)


@router.post("/invitations/{invitation}/decline", response_model="answers_page.OwnClub", responses=NOTHING)
async def decline(invitation: RecordPath, house: House, page: Linked, points: PointsHere) -> Response:
    """The guest does not come, or not after all."""
    await act(house, lambda now: shown.answer(house, page.customer, invitation, None, now))
    return await _club(house, page.customer, points)


@router.post("/questions/{question}", response_model="answers_page.OwnClub", responses=ACT)
async def say(question: RecordPath, body: Saying, house: House, page: Linked, points: PointsHere) -> Response:
    """What the guest says to whether they would like to meet somebody; a yes may be taken back until both said it."""
    await act(house, lambda now: shown.say(house, page.customer, question, body.answer, now))
    return await _club(house, page.customer, points)


@router.post("/code", status_code=201, response_model="answers_page.OwnCode", responses=documented(403, 404, 429, 503))
async def code(house: House, page: Unlocked) -> Response:
    """Digits for a till of any partner, where nobody knows the guest: good once, for a minute."""
    return await passed_on(house, "POST", "codes", {"customer": page.customer})


async def _club(house: Gateway, customer: str, points: Points) -> Response:
    return respond(await shown.whole(house, points, customer))
