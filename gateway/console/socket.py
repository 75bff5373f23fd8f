"""The door of the live socket."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response, WebSocket

from gateway.console import problems
from gateway.console.live import SCREENS_EACH, Live, audience_of
from gateway.console.security import Principal, foreign
from gateway.console.sessions import Sessions
from gateway.console.sign_in import me
from gateway.core.actions.staff import connected
from gateway.core.gateway import Gateway
from gateway.core.shapes import Shape
from gateway.operations.overruns import Overruns

router = APIRouter()
UPGRADE = (
    "this is a WebSocket: ask with Upgrade; a proxy in between must pass the headers Upgrade and Connection "
    "(nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade)"
)


async def not_upgraded(_: Request) -> Response:
    """What a plain GET of the socket's address is answered: 426, with what a proxy must pass."""
    return problems.answer(426, UPGRADE, {"Upgrade": "websocket", "Connection": "Upgrade"})


@router.websocket("/live")
async def live(socket: WebSocket) -> None:
    """Hello, what was missed since ``since``, then events as they happen; refused before it opens where not allowed."""
    sessions: Sessions = socket.app.state.sessions
    why = foreign(socket)
    if why is not None:
        await socket.send_denial_response(problems.answer(403, why))
        return
    who = sessions.who(socket)
    if who is None:
        await socket.send_denial_response(problems.answer(401, "sign in, or send a bearer token"))
        return
    since = socket.query_params.get("since")
    if since is not None and not (since.isascii() and since.isdigit() and len(since) < 18):
        await socket.send_denial_response(problems.answer(422, "since: expected a sequence number"))
        return
    house: Gateway = socket.app.state.gateway
    hub: Live = socket.app.state.live
    if not hub.enter(who):
        overruns: Overruns = socket.app.state.overruns
        overruns.note("live", who.staff or who.id)
        words = f"{SCREENS_EACH} live screens are open for {who.name} already: close some of them"
        await socket.send_denial_response(problems.answer(429, words, {"Retry-After": "30"}, retry_after_s=30))
        return
    try:
        await socket.accept()
        await _serve(socket, house, hub, who, int(since) if since else None)
    finally:
        hub.leave(who)


async def _serve(socket: WebSocket, house: Gateway, hub: Live, who: Principal, since: int | None) -> None:
    sessions: Sessions = socket.app.state.sessions
    _connected(house, sessions, who, +1)
    try:
        await hub.serve(socket, who, since, lambda: _state(house, who))
    finally:
        _connected(house, sessions, who, -1)


def _state(house: Gateway, who: Principal) -> Shape:
    return house.views.state(me(house, who), audience=audience_of(who))


def _connected(house: Gateway, sessions: Sessions, who: Principal, sockets: int) -> None:
    """A person's tablet came or went: routing knows, and colleagues see it."""
    sessions.watching(who, sockets)
    if who.staff is None:
        return
    floor = house.memory.floor
    before = floor.connected(who.staff)
    (floor.connect if sockets > 0 else floor.disconnect)(who.staff)
    if floor.connected(who.staff) != before and floor.member(who.staff) is not None:
        house.note([connected(who.staff, floor.connected(who.staff))])
