"""Asks of a visit, and their answers."""

from __future__ import annotations

from fastapi import Response

from gateway.console.act import Act, House
from gateway.console.bodies import Serving
from gateway.console.bodies_rounds import Answer, NewAsk, SeenFlag
from gateway.console.came_back import or_a_card
from gateway.console.problems import documented
from gateway.console.routes import Routes
from gateway.console.security import right
from gateway.core.actions import asks
from gateway.core.actions.orders import Said

router = Routes(prefix="/api", tags=["asks"])

STANDS = documented(404, 409)


def said_in(body: NewAsk | Answer) -> Said:
    """What a tablet says of an order."""
    return Said(
        answer=body.answer, item=body.item, menu=body.menu, round=body.round, without=tuple(body.without),
        despite=tuple(body.despite), reason=body.reason, note=body.note,
    )  # fmt: skip


@router.post(
    "/visits/{visit}/asks", status_code=201, response_model="sent.Ask", responses=STANDS, dependencies=[right("serve")]
)
async def ask(visit: str, body: NewAsk, house: House, act: Act) -> Response:
    """Puts a question; 409 with the first ask where it stands already, unless asking again is meant.

    With ``answer`` or ``item`` it is asked and answered at once. What goes against an allergy or an avoid is 409
    ``against-allergy`` with ``warnings``, unless ``despite`` names every fact and ``reason`` says why.
    """
    said = said_in(body)
    async with or_a_card(house, visit, said, body.at):
        return await act(
            lambda actor, now: asks.ask(
                house, visit, body.question, said, body.again, body.id, body.at, actor, now, slip=body.slip
            )
        )


@router.post("/asks/{ask_id}/answer", response_model="sent.Ask", responses=STANDS, dependencies=[right("serve")])
async def answer(ask_id: str, body: Answer, house: House, act: Act) -> Response:
    """Closes a question for everyone; 409 with the ask where it has another answer already.

    409 ``against-allergy`` with ``warnings`` as above.
    """
    said = said_in(body)
    async with or_a_card(house, ask_id, said, body.at):
        return await act(lambda actor, now: asks.answer(house, ask_id, said, body.at, actor, now))


@router.post("/asks/{ask_id}/served", response_model="sent.Ask", responses=STANDS, dependencies=[right("serve")])
async def served(ask_id: str, house: House, act: Act, body: Serving | None = None) -> Response:
    """The customer has what they answered; ``served`` false takes back a tap on the wrong row."""
    said = body or Serving()
    return await act(lambda actor, now: asks.serve(house, ask_id, said.served, said.at, actor, now))


@router.post("/asks/{ask_id}/flag/seen", response_model="sent.Ask", responses=STANDS, dependencies=[right("serve")])
async def seen(ask_id: str, house: House, act: Act, body: SeenFlag | None = None) -> Response:
    """The galley has seen what became known against an order after it was taken."""
    at = body.at if body is not None else None
    return await act(lambda actor, now: asks.saw_flag(house, ask_id, at, actor, now))
