"""Signing in and out on a tablet."""

from __future__ import annotations

import time

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from gateway.console import pins
from gateway.console.act import House
from gateway.console.bodies import SignIn
from gateway.console.problems import Problem
from gateway.console.security import Principal, Who, right, same_origin
from gateway.console.sessions import Sessions
from gateway.core.actions import staff as actions
from gateway.core.gateway import Gateway
from gateway.core.shapes import Shape, iso_or_none
from gateway.records import staff

STRANGERS = ""  # names that nobody has wait together: what is made up takes no memory

router = APIRouter(prefix="/api", tags=["sign-in"])


@router.get("/sign-in")
async def who_works_here(request: Request, house: House) -> Shape:
    """The names to pick from, where this tablet may be signed in on; no login."""
    sessions: Sessions = request.app.state.sessions
    may = not sessions.paired_only or sessions.tablet(request) is not None
    members = house.memory.floor.members() if may else []
    venue = house.views.venue()
    return {
        "venue": {k: venue[k] for k in ("id", "name", "kind")},
        "staff": [{"id": m.id, "name": m.name} for m in members],
        "demo": request.app.state.demo,
        "paired": may,
    }


@router.post("/sign-in")
async def sign_in(body: SignIn, request: Request, house: House) -> Response:
    """Checks a PIN and starts a session; 429 while this person must wait after a wrong one. No login."""
    if not same_origin(request):
        raise Problem(403, "this request comes from another site")
    sessions: Sessions = request.app.state.sessions
    tablet = sessions.tablet(request)
    if sessions.paired_only and tablet is None:
        raise Problem(403, "this tablet is not paired")
    tries: pins.Tries = request.app.state.tries
    guessed = body.staff if house.memory.floor.member(body.staff) else STRANGERS
    try:
        tries.may_try(guessed, time.monotonic())
    except pins.TooSoon as soon:
        wait = max(1, round(soon.wait + 0.5))
        raise Problem(
            429, f"wrong PIN before; wait {wait} s", headers={"Retry-After": str(wait)}, retry_after_s=wait
        ) from None
    tries.wrong(guessed, time.monotonic())  # counted before it is checked, so that guesses sent at once count too
    if not await pins.matches(_pin_hash(house, body.staff), body.pin):
        raise Problem(401, "wrong PIN")
    tries.right(guessed)
    secret = await sessions.begin(body.staff, tablet)
    now = house.memory.now()
    if not house.memory.floor.on_shift(body.staff, now):  # who signs in on a tablet is at work
        await house.act(actions.start_shift(house, body.staff, [], now + sessions.longest, now), body.staff)
    member = house.memory.floor.member(body.staff)
    if member is None:
        raise Problem(401, "wrong PIN")
    answer = JSONResponse(me_of(house, body.staff, member.name, sorted(member.roles)))
    answer.set_cookie(
        sessions.cookie,
        secret,
        max_age=int(sessions.longest),
        httponly=True,
        secure=sessions.secure,
        samesite="strict",
    )
    return answer


def _pin_hash(house: Gateway, staff_id: str) -> str | None:
    member = staff.get_staff(house.store.reader, staff_id)
    return member.pin_hash if member else None


@router.get("/session", dependencies=[right("signed-in")])
async def session(who: Who, house: House) -> Shape:
    """Who I am."""
    return me(house, who)


@router.post("/sign-out", status_code=204)
async def sign_out(request: Request, who: Who, house: House) -> Response:
    """Ends this session and its sockets; the shift of a person without another session ends with it."""
    sessions: Sessions = request.app.state.sessions
    await sessions.end(who.door)
    request.app.state.live.drop(who.door)
    if who.staff and who.by_cookie and not sessions.of_staff(who.staff):
        await house.act(actions.end_shift(house, who.staff, house.memory.now()), who.staff)
    answer = Response(status_code=204)  # not Clear-Site-Data: the tablet stays paired
    answer.delete_cookie(sessions.cookie, httponly=True, secure=sessions.secure, samesite="strict")
    return answer


def me(house: Gateway, who: Principal) -> Shape:
    """The person or program on this side of a session."""
    return me_of(house, who.staff, who.name, list(who.roles))


def me_of(house: Gateway, staff_id: str | None, name: str, roles: list[str]) -> Shape:
    """The same from its parts."""
    floor = house.memory.floor
    member = floor.member(staff_id) if staff_id else None
    shift = floor.shift(staff_id) if staff_id else None
    on_shift = bool(staff_id and floor.on_shift(staff_id, house.memory.now()))
    order = ("manager", "it", "crew", "floor", "integration")
    return {
        "staff": staff_id,
        "name": name,
        "role": next(r for r in order if r in roles),
        "roles": roles,
        "zones": sorted(floor.zones_of(staff_id)) if staff_id else [],
        "languages": list(member.languages) if member else [],
        "on_shift": on_shift,
        "shift": {"zones": sorted(shift.zones), "until": iso_or_none(shift.until)} if shift and on_shift else None,
    }
