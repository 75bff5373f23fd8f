"""A guest's points on their card and sheet, where they agreed; and the code of a guest who shows no more than that."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Response

from gateway.console.act import House, respond
from gateway.console.bodies_club import PaymentCode
from gateway.console.club import passed_on
from gateway.console.customers import CustomerPath
from gateway.console.problems import documented
from gateway.console.routes import Routes
from gateway.console.security import right
from gateway.core.actions.customers import known
from gateway.core.club_points import Points

router = Routes(prefix="/api", tags=["club"])


async def _points(request: Request) -> Points:
    found: Points = request.app.state.points
    return found


PointsHere = Annotated[Points, Depends(_points)]


@router.get(
    "/customers/{customer}/points",
    response_model="answers_club.PointsLine",
    responses=documented(404),
    dependencies=[right("see")],
)
async def line(customer: CustomerPath, house: House, points: PointsHere) -> Response:
    """The points of a guest who agreed that they are shown here; ``as_of`` where the hub is away since then."""
    return respond(await points.of(house, known(house, customer).id))


@router.post(
    "/club/codes/used",
    response_model="answers_club.PaymentNumber",
    responses=documented(404, 429, 503),
    dependencies=[right("points")],
)
async def used(body: PaymentCode, house: House) -> Response:
    """The member number behind a code of a guest's own page, for one sale; within its minute, and once."""
    return await passed_on(house, "POST", "codes/used", {"code": body.code})
