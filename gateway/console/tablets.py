"""Tablets: paired by a one-time code, listed, and let go."""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from gateway.console import pairing
from gateway.console.act import Act, House, respond
from gateway.console.below import path_of
from gateway.console.bodies import NewTablet, Pair
from gateway.console.guesses import Guesses
from gateway.console.problems import Problem, documented
from gateway.console.routes import Routes
from gateway.console.secrets import new_token
from gateway.console.security import Who, our_own_page, right
from gateway.console.sessions import KEYLESS, Sessions
from gateway.console.tablet import LET_GO
from gateway.core.action import Action, Actor
from gateway.core.actions import tablets as actions
from gateway.core.gateway import Gateway
from gateway.events.times import iso
from gateway.operations.control import LOCAL
from gateway.records import tablets
from gateway.records.errors import DiskFull, StoreFull

KEPT = 400 * 86400  # seconds; browsers keep no cookie longer

router = Routes(prefix="/api", tags=["tablets"])


@router.post("/tablets/codes", status_code=201, response_model="answers.PairingCode", dependencies=[right("equip")])
async def code(body: NewTablet, request: Request, house: House, who: Who) -> Response:
    """A one-time code for a new tablet, with the link that pairs it and a picture of that link."""
    sessions: Sessions = request.app.state.sessions
    made, until = sessions.codes.new(body.name, who.id, house.memory.steady())
    link = pairing.link(address_of(request, house), made)
    expires = iso(house.memory.clock.shown(until))
    return respond({"code": made, "link": link, "picture": pairing.picture(link), "expires": expires}, 201)


def address_of(request: Request, house: Gateway) -> str:
    """Where this console was reached; whoever asks on this machine's own socket is told where tablets reach it."""
    if LOCAL in request.scope:
        return str(request.app.state.address)
    console = house.config.console
    below = path_of(request, console.path, behind_proxy=console.behind_proxy)
    return (request.headers.get("origin") or str(request.base_url).rstrip("/")) + below


@router.post(
    "/pair", status_code=201, response_model="answers.PairedTablet", responses=documented(401, 403, 429, 503, 507)
)
async def pair(body: Pair, request: Request, house: House) -> Response:
    """Pairs the tablet that sends a good code; 401 for any other, and 429 after some. No login."""
    our_own_page(request)
    sessions: Sessions = request.app.state.sessions
    guesses: Guesses = request.app.state.guesses
    source, now = sessions.source(request), house.memory.now()
    guesses.may_pair(source)
    if body.key is not None:
        await sessions.prove(request, body.key, source)
    elif not sessions.keyless:
        raise Problem(403, KEYLESS)
    taken = sessions.codes.take(body.code, house.memory.steady())
    if taken is None:
        guesses.wrong_code(source)
        raise Problem(401, "the code is wrong, used, or older than ten minutes")
    name, by, until = taken
    tablet, secret = tablets.new(name, by, now, body.key), new_token()
    try:
        action = await house.act(lambda: actions.pair(tablet, secret), by)
    except (StoreFull, DiskFull):
        sessions.codes.give_back(body.code, name, by, until)
        raise
    answer = JSONResponse(action.answer, 201)
    answer.set_cookie(
        sessions.tablet_cookie, secret, max_age=KEPT, httponly=True, secure=sessions.secure, samesite="strict"
    )
    return answer


@router.get("/tablets", response_model="answers.Tablets", dependencies=[right("equip")])
async def every(request: Request, house: House) -> Response:
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
    gone = [actions.gone(each) for each in tablets.let_go(house.store.reader)]
    return respond({"paired": paired, "live": live, "gone": gone, "required": sessions.paired_only})


@router.post("/wiped", status_code=204, responses=documented(401, 503, 507))
async def wiped(request: Request, house: House) -> Response:
    """A tablet that was let go says that it has wiped what it kept; its browser empties itself too. No login."""
    our_own_page(request)
    sessions: Sessions = request.app.state.sessions
    tablet = sessions.let_go(request)
    if tablet is None:
        raise Problem(401, "this is no tablet that was let go")
    if tablet.wiped_at is None:
        await house.act(lambda: actions.wiped(tablet), tablet.id)
    answer = Response(status_code=204, headers={"Clear-Site-Data": '"cache", "cookies", "storage"'})
    for name in (sessions.cookie, sessions.tablet_cookie):
        answer.delete_cookie(name, httponly=True, secure=sessions.secure, samesite="strict")
    return answer


@router.delete("/tablets/{tablet}", status_code=204, responses=documented(404), dependencies=[right("equip")])
async def revoke(tablet: str, request: Request, house: House, act: Act, lost: bool = False) -> Response:
    """Lets a tablet go: its sessions end and its sockets close at once, and it wipes itself when it is heard again.

    Of one that is ``lost`` the draft of a notice says so, and whom it may have held.
    """
    sessions: Sessions = request.app.state.sessions
    over: list[tuple[str, str]] = []

    def revoked(_: Actor, __: float) -> Action:
        action = actions.revoke(house, tablet, lost=lost)
        over[:] = sessions.of_tablet(tablet)
        action.news += sessions.ending(over, "tablet_revoked")
        return action

    answer = await act(revoked)
    sessions.forget(over)
    for door, _ in over:
        request.app.state.live.drop(door, LET_GO)
    return answer
