"""The door of the live socket."""

from __future__ import annotations

import asyncio
from functools import partial

from fastapi import APIRouter, Request, Response, WebSocket

from gateway.console import problems, scopes
from gateway.console.in_view import InView
from gateway.console.live import SCREENS_EACH, Live
from gateway.console.problems import Problem
from gateway.console.roles import Principal
from gateway.console.security import foreign, note_origin
from gateway.console.sessions import Sessions
from gateway.console.sign_in import me
from gateway.console.snapshots import Snapshots
from gateway.console.stopped import Away, away, stopped, stopped_since
from gateway.console.tablet import audience_of
from gateway.console.zones import eyes_of
from gateway.core.actions.staff import connected
from gateway.core.gateway import Gateway
from gateway.operations.overruns import Overruns
from gateway.records.compact import compact

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
    """Hello with what was ended meanwhile, what was missed, then events as they happen; refused where not allowed."""
    sessions: Sessions = socket.app.state.sessions
    why = foreign(socket)
    if why is not None:
        note_origin(socket)
        await socket.send_denial_response(problems.answer(403, why))
        return
    try:
        who = await sessions.asks(socket, behind_cover=True)
    except Problem as refused:
        headers = refused.headers or {}
        await socket.send_denial_response(problems.answer(refused.status, refused.detail, headers, **refused.extra))
        return
    if who is None:
        await socket.send_denial_response(problems.answer(401, "sign in, or send a bearer token"))
        return
    try:
        back = away(socket.query_params.get("since"), socket.query_params.get("held"))
    except ValueError as wrong:
        await socket.send_denial_response(problems.answer(422, str(wrong)))
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
        await _serve(socket, house, hub, who, back)
    finally:
        hub.leave(who)


async def _serve(socket: WebSocket, house: Gateway, hub: Live, who: Principal, back: Away) -> None:
    sessions: Sessions = socket.app.state.sessions
    _connected(house, sessions, who, +1)
    try:
        view = InView(house.sight, eyes_of(who), house.views.about, house.memory.family.root)
        customers = await asyncio.to_thread(stopped_since, house, back)
        covered = sessions.is_locked(who.door)
        ended = [] if covered else stopped(house, who, customers)
        state = partial(_state, socket.app.state.snapshots, house, who, view)
        await hub.serve(socket, who, back.since, state, view, covered=covered, stopped=ended)
    finally:
        _connected(house, sessions, who, -1)


def _state(snapshots: Snapshots, house: Gateway, who: Principal, view: InView) -> str:
    """The whole state as this person or program may see it, as JSON."""
    audience, ours = audience_of(who), me(house, who)
    common = snapshots.for_all(ours) if audience == "service" and who.scopes is None and not view.limited else None
    if common is not None:
        state, text = view.state(common[0]), common[1]
    else:
        state = view.state(scopes.parts(who.scopes, house.views.state(ours, audience=audience)))
        text = house.names.outward(compact(state))
    if not who.program:  # which is sent no names; written once the state is on its way
        rows = [*state["present"], *state["expected"], *(a["card"] for a in state["alerts"] if a["card"])]
        asyncio.get_running_loop().call_soon(partial(house.looks.shown, rows, who.id, program=False))
    else:
        house.received.state(who.id, state["present"], house.journal.sequence)
    return text


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
