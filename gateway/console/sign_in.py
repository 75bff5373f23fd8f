"""Signing in and out on a tablet."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from gateway.console import pins
from gateway.console.act import House, respond
from gateway.console.answers import SignInPage
from gateway.console.bodies import SignIn
from gateway.console.guesses import Guesses
from gateway.console.problems import Problem, documented
from gateway.console.security import ROLES, Principal, Who, our_own_page, right
from gateway.console.sessions import Sessions
from gateway.core.actions import staff as actions
from gateway.core.gateway import Gateway
from gateway.core.shapes import Shape, iso_or_none
from gateway.events.event import News
from gateway.events.sent import Me
from gateway.records import staff

STRANGERS = ""  # names that nobody has wait together: what is made up takes no memory

router = APIRouter(prefix="/api", tags=["sign-in"])


@router.get("/sign-in", response_model=SignInPage)
async def who_works_here(request: Request, house: House) -> Response:
    """The names to pick from, where this tablet may be signed in on; no login."""
    sessions: Sessions = request.app.state.sessions
    may = not sessions.paired_only or sessions.tablet(request) is not None
    members = house.memory.floor.members() if may else []
    venue = house.views.venue()
    shape = {
        "venue": {k: venue[k] for k in ("id", "name", "kind")},
        "staff": [{"id": m.id, "name": m.name} for m in members],
        "demo": request.app.state.demo,
        "paired": may,
    }
    return respond(shape)


@router.post("/sign-in", response_model=Me, responses=documented(401, 403, 429, 503, 507))
async def sign_in(body: SignIn, request: Request, house: House) -> Response:
    """Checks a PIN and starts a session; 429 while who tries must wait after a wrong one. No login."""
    our_own_page(request)
    sessions: Sessions = request.app.state.sessions
    tablet = sessions.tablet(request)
    if sessions.paired_only and tablet is None:
        raise Problem(403, "this tablet is not paired")
    guesses: Guesses = request.app.state.guesses
    guessed = body.staff if house.memory.floor.member(body.staff) else STRANGERS
    source = sessions.source(request)
    guesses.begin(source, guessed)  # counted before it is checked, so that guesses sent at once count too
    if not await pins.matches(_pin_hash(house, body.staff), body.pin):
        guesses.wrong(source, guessed)
        tried = {"staff": guessed or None, "tablet": tablet}
        house.note([News("sign_in.refused", guessed or house.config.venue.id, tried)])
        raise Problem(401, "wrong PIN")
    guesses.right(source, guessed)
    secret = await sessions.begin(body.staff, tablet, lambda: _at_work(house, body.staff, sessions.longest))
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


def _at_work(house: Gateway, staff_id: str, longest: float) -> list[News]:
    """Who signs in on a tablet is at work."""
    now = house.memory.now()
    if house.memory.floor.on_shift(staff_id, now):
        return []
    return actions.start_shift(house, staff_id, [], now + longest, now).news


def _pin_hash(house: Gateway, staff_id: str) -> str | None:
    member = staff.get_staff(house.store.reader, staff_id)
    return member.pin_hash if member else None


@router.get("/session", response_model=Me, dependencies=[right("signed-in")])
async def session(who: Who, house: House) -> Response:
    """Who I am."""
    return respond(me(house, who))


@router.post("/sign-out", status_code=204, responses=documented(503, 507))
async def sign_out(request: Request, who: Who, house: House) -> Response:
    """Ends this session and its sockets; the shift of a person without another session ends with it."""
    sessions: Sessions = request.app.state.sessions

    def ends_the_shift() -> list[News]:
        if not who.staff or sessions.of_staff(who.staff):
            return []
        return actions.end_shift(house, who.staff, house.memory.now(), because="signed_out").news

    await sessions.end(who.door, ends_the_shift)
    request.app.state.live.drop(who.door)
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
    zones = sorted(floor.zones_of(staff_id)) if staff_id else []
    on_shift = bool(staff_id and floor.on_shift(staff_id, house.memory.now()))
    return {
        "staff": staff_id,
        "name": name,
        "role": next(r for r in ROLES if r in roles),
        "roles": roles,
        "zones": zones,
        "languages": list(member.languages) if member else [],
        "on_shift": on_shift,
        "shift": {"zones": zones, "until": iso_or_none(shift.until)} if shift and on_shift else None,
    }
