"""Show me anyway: a guest in another zone, for a reason that is written down and that the manager reads."""

from __future__ import annotations

from fastapi import Request, Response

from gateway.console.act import Act, House
from gateway.console.bodies_people import AskedAnyway
from gateway.console.customers import CustomerPath
from gateway.console.live import Live
from gateway.console.problems import Problem, documented
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.core.action import Action, Actor
from gateway.core.actions import customers as actions
from gateway.core.shapes import Shape
from gateway.core.sight import ANYWAY_FOR
from gateway.events.event import News
from gateway.events.times import iso

router = Routes(prefix="/api/customers", tags=["customers"])


@router.post(
    "/{customer}/show-anyway",
    status_code=201,
    response_model="answers_people.ShownAnyway",
    responses=documented(404),
    dependencies=[right("anyway")],
)
async def show(
    customer: CustomerPath, body: AskedAnyway, request: Request, house: House, who: Who, act: Act
) -> Response:
    """A guest in a zone that is not one's own, for a quarter of an hour; the manager is told who asked, and why."""
    if who.staff is None:
        raise Problem(403, "a program has no zones: it sees what its scopes say")
    staff = who.staff

    def decide(_: Actor, __: float) -> Action:
        actions.known(house, customer)
        here = house.memory.presence.where(customer)
        until = iso(house.memory.now() + ANYWAY_FOR)
        told: Shape = {
            "customer": customer, "staff": staff, "reason": body.reason, "zone": here.zone if here else None,
            "until": until,
        }  # fmt: skip
        return Action({"customer": customer, "until": until}, 201, news=[News("access.overridden", customer, told)])

    answer = await act(decide)
    house.sight.anyway(staff, customer)
    live: Live = request.app.state.live
    live.look_again(staff)
    return answer
