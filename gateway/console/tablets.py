"""Tablets: paired by a one-time code, listed, and let go."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from gateway.console import pairing
from gateway.console.act import Act, House
from gateway.console.bodies import NewTablet, Pair
from gateway.console.problems import Problem
from gateway.console.security import Who, right, same_origin
from gateway.console.sessions import Sessions, new_token
from gateway.core.actions import tablets as actions
from gateway.core.shapes import Shape
from gateway.events.times import iso
from gateway.records import tablets

KEPT = 400 * 86400  # seconds; browsers keep no cookie longer

router = APIRouter(prefix="/api", tags=["tablets"])


@router.post("/tablets/codes", status_code=201, dependencies=[right("equip")])
async def code(body: NewTablet, request: Request, house: House, who: Who) -> Shape:
    """A one-time code for a new tablet, with the link that pairs it and a picture of that link."""
    sessions: Sessions = request.app.state.sessions
    made, until = sessions.codes.new(body.name, who.id, house.memory.now())
    link = pairing.link(request.headers.get("origin") or str(request.base_url).rstrip("/"), made)
    return {"code": made, "link": link, "picture": pairing.picture(link), "expires": iso(until)}


@router.post("/pair", status_code=201)
async def pair(body: Pair, request: Request, house: House) -> Response:
    """Pairs the tablet that sends a good code; 401 for any other. No login."""
    if not same_origin(request):
        raise Problem(403, "this request comes from another site")
    sessions: Sessions = request.app.state.sessions
    now = house.memory.now()
    taken = sessions.codes.take(body.code, now)
    if taken is None:
        raise Problem(401, "the code is wrong, used, or older than ten minutes")
    tablet, secret = tablets.new(*taken, now), new_token()
    action = actions.pair(tablet, secret)
    await house.act(action, tablet.paired_by)
    answer = JSONResponse(action.answer, 201)
    answer.set_cookie(
        sessions.tablet_cookie, secret, max_age=KEPT, httponly=True, secure=sessions.secure, samesite="strict"
    )
    return answer


@router.get("/tablets", dependencies=[right("equip")])
async def every(request: Request, house: House) -> Shape:
    """The paired tablets, and the live ones: whose, on which, since when, and how fast they paint."""
    sessions: Sessions = request.app.state.sessions
    floor = house.memory.floor
    live = [
        {
            **{key: value for key, value in row.items() if key != "door"},
            "name": floor.name_of(row["staff"]),
            "tablet": sessions.tablet_of(row["door"]),
        }
        for row in request.app.state.live.receipts()
    ]
    paired = [actions.shape(house, each) for each in tablets.every(house.store.reader)]
    return {"paired": paired, "live": live, "required": sessions.paired_only}


@router.delete("/tablets/{tablet}", status_code=204, dependencies=[right("equip")])
async def revoke(tablet: str, request: Request, house: House, act: Act) -> Response:
    """Lets a tablet go: its sessions end and its sockets close at once."""
    answer = await act(lambda actor, now: actions.revoke(house, tablet, now))
    sessions: Sessions = request.app.state.sessions
    for door in sessions.of_tablet(tablet):
        await sessions.end(door)
        request.app.state.live.drop(door)
    return answer
