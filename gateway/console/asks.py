"""Asks of a visit, and their answers."""

from __future__ import annotations

from fastapi import APIRouter, Response

from gateway.console.act import Act, House
from gateway.console.bodies import Answer, NewAsk, Serving
from gateway.console.problems import documented
from gateway.console.security import right
from gateway.core.actions import asks
from gateway.events.sent import Ask

router = APIRouter(prefix="/api", tags=["asks"])

STANDS = documented(404, 409)


@router.post(
    "/visits/{visit}/asks", status_code=201, response_model=Ask, responses=STANDS, dependencies=[right("serve")]
)
async def ask(visit: str, body: NewAsk, house: House, act: Act) -> Response:
    """Puts a question; 409 with the first ask where it stands already, unless asking again is meant."""
    return await act(lambda actor, now: asks.ask(house, visit, body.question, body.again, body.id, body.at, actor, now))


@router.post("/asks/{ask_id}/answer", response_model=Ask, responses=STANDS, dependencies=[right("serve")])
async def answer(ask_id: str, body: Answer, house: House, act: Act) -> Response:
    """Closes a question for everyone; 409 with the ask where it has another answer already."""
    return await act(lambda actor, now: asks.answer(house, ask_id, body.answer, body.at, actor, now))


@router.post("/asks/{ask_id}/served", response_model=Ask, responses=STANDS, dependencies=[right("serve")])
async def served(ask_id: str, house: House, act: Act, body: Serving | None = None) -> Response:
    """The customer has what they answered; ``served`` false takes back a tap on the wrong row."""
    said = body or Serving()
    return await act(lambda actor, now: asks.serve(house, ask_id, said.served, said.at, actor, now))
