"""What staff say of a visit."""

from __future__ import annotations

from fastapi import Response

from gateway.console.act import Act, House
from gateway.console.bodies import Companions, Review
from gateway.console.problems import documented
from gateway.console.routes import Routes
from gateway.console.security import right
from gateway.core.actions import visits

router = Routes(prefix="/api/visits", tags=["visits"])


@router.post(
    "/{visit}/companions",
    response_model="sent_live.CompanionsCounted",
    responses=documented(404),
    dependencies=[right("serve")],
)
async def companions(visit: str, body: Companions, house: House, act: Act) -> Response:
    """How many people came along; counted, never named."""
    return await act(lambda actor, now: visits.companions(house, visit, body.count, actor))


@router.post(
    "/{visit}/review",
    status_code=201,
    response_model="sent_live.VisitReviewed",
    responses=documented(404),
    dependencies=[right("serve")],
)
async def review(visit: str, body: Review, house: House, act: Act) -> Response:
    """How the visit was, from 1 to 5, and what it was about."""
    said = body.model_dump()
    return await act(lambda actor, now: visits.review(house, visit, said, actor, now))
