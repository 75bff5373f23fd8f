"""A walk with a test tag through the venue: which doors and zones hear it."""

from __future__ import annotations

from fastapi import Response

from gateway.console.act import Act, House, respond
from gateway.console.bodies import NewWalk, Seen
from gateway.console.problems import Problem, documented
from gateway.console.readers import Tools
from gateway.console.routes import Routes
from gateway.console.security import right
from gateway.core.actions import walk_test as actions
from gateway.recognition.identifiers import BadIdentifier, parse

router = Routes(prefix="/api/walk-test", tags=["readers"])


@router.post(
    "", status_code=201, response_model="answers.Walk", responses=documented(409), dependencies=[right("equip")]
)
async def start(body: NewWalk, house: House, tools: Tools) -> Response:
    """Begins a walk with this test tag, or with the one held closest to a reader at first; 409 during another."""
    if tools.walk is not None:
        raise Problem(409, "a walk test is under way")
    try:
        identifier = parse(body.identifier) if body.identifier else None
    except BadIdentifier as bad:
        raise Problem(422, f"identifier: {bad}") from None
    return respond(tools.start_walk(identifier, house.memory.steady()), 201)


@router.post("/here", response_model="answers.Walk", responses=documented(404, 409), dependencies=[right("equip")])
async def stands_in(body: Seen, house: House, tools: Tools) -> Response:
    """Who walks is in this zone now: what all readers hear there is learnt; 409 where none has heard the tag lately."""
    if tools.walk is None:
        raise Problem(404, "no walk test is under way")
    zones = [zone.id for zone in house.config.zones]
    if body.zone not in zones:
        raise Problem(422, f"zone: there is no zone {body.zone!r}: {', '.join(zones)}")
    now = house.memory.steady()
    if not tools.walk.stands_in(body.zone, now):
        raise Problem(409, "no reader of a zone has heard the test tag lately: nothing was learnt")
    return respond(tools.look_at_walk(now))


@router.get("", response_model="answers.Walks", dependencies=[right("equip")])
async def look(house: House, tools: Tools) -> Response:
    """How far the walk is, null where none is under way; and how the last one ended."""
    return respond({"walk": tools.look_at_walk(house.memory.steady()), "last": actions.last(house)})


@router.delete("", response_model="sent_equipment.WalkResult", responses=documented(404), dependencies=[right("equip")])
async def end(house: House, tools: Tools, act: Act) -> Response:
    """Ends the walk, keeps its result and answers it."""
    walk = tools.walk
    if walk is None:
        raise Problem(404, "no walk test is under way")
    answer = await act(lambda actor, now: actions.keep(house, walk.look(), actor, now))
    if tools.walk is walk:
        tools.end_walk()
    return answer
