"""Rounds: rows by place that do not move, what was ordered, and what the galley has seen."""

from __future__ import annotations

from fastapi import Response

from gateway.console.act import Act, House, respond, told
from gateway.console.bodies_rounds import Acknowledging, EndRound, NewRound, NewSeatOrder, SeatServing, SeenFlag
from gateway.console.problems import documented
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.console.zones import eyes_of
from gateway.core.actions import rounds
from gateway.core.shapes import Shape

router = Routes(prefix="/api/rounds", tags=["rounds"])
STANDS = documented(404, 409)


@router.get("", response_model="list[sent_rounds.Round]", dependencies=[right("service")])
async def every(house: House, who: Who) -> Response:
    """The rounds that go on."""
    open_ones = [each for each in house.views.dining.rounds() if house.sight.zones(eyes_of(who), each["zones"])]
    return _shown(house, who, open_ones)


@router.post(
    "", status_code=201, response_model="sent_rounds.Round", responses=documented(409), dependencies=[right("serve")]
)
async def start(body: NewRound, house: House, act: Act) -> Response:
    """A round begins: a row for every place of its zones, empty ones too, then for who has no place."""
    return await act(
        lambda actor, now: rounds.start(house, body.question, body.zones, body.menu, body.id, body.at, actor, now)
    )


@router.get(
    "/{round_id}", response_model="sent_rounds.Round", responses=documented(404), dependencies=[right("service")]
)
async def one(round_id: str, house: House, who: Who) -> Response:
    """A round as it stands, or as it ended."""
    return _shown(house, who, rounds.get(house, round_id))


def _shown(house: House, who: Who, found: Shape | list[Shape]) -> Response:
    """Rounds as this one may be told of them; that somebody was given names is written down."""
    rows = [row for each in (found if isinstance(found, list) else [found]) for row in each["rows"]]
    house.looks.shown(rows, who.id, program=who.program, called="called")
    return respond(told(who, found))


@router.post(
    "/{round_id}/end", response_model="sent_rounds.Round", responses=documented(404), dependencies=[right("serve")]
)
async def end(round_id: str, house: House, act: Act, body: EndRound | None = None) -> Response:
    """The round is over; ending it once more is the same end."""
    at = body.at if body is not None else None
    return await act(lambda actor, now: rounds.end(house, round_id, at, actor, now))


@router.post(
    "/{round_id}/places/{place:path}/order",
    status_code=201,
    response_model="sent_rounds.Round",
    responses=STANDS,
    dependencies=[right("serve")],
)
async def order(round_id: str, place: str, body: NewSeatOrder, house: House, act: Act) -> Response:
    """What the guest of a place has ordered whom nobody knows; 409 (``sitting``) where the guest is known."""
    said = body.model_dump()
    return await act(lambda actor, now: rounds.order(house, round_id, place, said, actor, now))


@router.post(
    "/{round_id}/places/{place:path}/served",
    response_model="sent_rounds.Round",
    responses=STANDS,
    dependencies=[right("serve")],
)
async def served(round_id: str, place: str, house: House, act: Act, body: SeatServing | None = None) -> Response:
    """The guest of a place whom nobody knows has what was ordered there."""
    said = body or SeatServing()
    return await act(
        lambda actor, now: rounds.serve(house, round_id, place, said.served, said.cancelled, said.at, actor, now)
    )


@router.post(
    "/{round_id}/places/{place:path}/flag/seen",
    response_model="sent_rounds.Round",
    responses=STANDS,
    dependencies=[right("serve")],
)
async def seen(round_id: str, place: str, house: House, act: Act, body: SeenFlag | None = None) -> Response:
    """The galley has seen what became known against the order of a place."""
    at = body.at if body is not None else None
    return await act(lambda actor, now: rounds.saw_flag(house, round_id, place, at, actor, now))


@router.post(
    "/{round_id}/counts/acknowledge",
    response_model="sent_rounds.Round",
    responses=documented(404),
    dependencies=[right("serve")],
)
async def acknowledge(round_id: str, body: Acknowledging, house: House, act: Act) -> Response:
    """The galley has seen the counts as of the event ``sequence``: what they hold is taken."""
    return await act(lambda actor, now: rounds.acknowledge(house, round_id, body.sequence, actor, now))
