"""Signing in and out on a tablet, and going on behind its cover."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Literal

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from starlette.background import BackgroundTask

from gateway import pins
from gateway.console import passkey_ceremonies as ceremonies
from gateway.console.act import House, respond
from gateway.console.bodies import SignIn, Unlock
from gateway.console.guesses import Guesses
from gateway.console.live import Live
from gateway.console.odd import oddness
from gateway.console.problems import Problem, documented
from gateway.console.roles import ROLES, Principal
from gateway.console.routes import Routes
from gateway.console.secrets import door_of
from gateway.console.security import Leaving, Who, our_own_page, right
from gateway.console.sessions import KEYLESS, Sessions, wiped_problem
from gateway.console.tablet import GOING_AWAY
from gateway.core.action import Action
from gateway.core.actions import staff as actions
from gateway.core.gateway import Gateway
from gateway.core.shapes import Shape, iso_or_none
from gateway.events.event import News
from gateway.events.times import iso
from gateway.records import passkeys, staff
from gateway.records.tablets import Tablet

STRANGERS = ""  # names that nobody has wait together: what is made up takes no memory
ANOTHER_DEVICE = (
    "another device is this tablet: its cookie was copied, or its browser was emptied. Pair this device anew, and let "
    "the other go where nobody knows it"
)
Shown = Literal["pin", "code"]

router = Routes(prefix="/api", tags=["sign-in"])


@router.get("/sign-in", response_model="answers_sign_in.SignInPage", responses=documented(401))
async def who_works_here(request: Request, house: House) -> Response:
    """The names to pick from, where this tablet may be signed in on; no login. 401 where it was let go."""
    sessions: Sessions = request.app.state.sessions
    if sessions.let_go(request) is not None:
        raise wiped_problem()
    tablet = sessions.tablet(request)
    may = not sessions.paired_only or tablet is not None
    members = house.memory.floor.members() if may else []
    venue = house.views.venue()
    shape = {
        "venue": {k: venue[k] for k in ("id", "name", "kind")},
        "staff": [{"id": m.id, "name": m.name} for m in members],
        "demo": request.app.state.demo,
        "paired": may,
        "bound": tablet is not None and tablet.key is not None,
        "keyless": sessions.keyless,
        "passkeys": may and passkeys_here(request, house),
    }
    return respond(shape)


def passkeys_here(request: Request, house: Gateway) -> bool:
    """Whether somebody could sign in here with a passkey: it can be done at this address, and there is one."""
    secure = request.app.state.sessions.secure
    place = ceremonies.place_of(request, secure=secure)
    return ceremonies.hindrance(place, secure=secure) is None and bool(passkeys.counts(house.store.reader))


@router.post("/sign-in", response_model="answers_sign_in.SignedIn", responses=documented(401, 403, 409, 429, 503, 507))
async def sign_in(body: SignIn, request: Request, house: House) -> Response:
    """Checks a PIN and starts a session; 429 while who tries must wait after a wrong one. No login.

    A one-time code instead of the PIN is answered 409 with ``choose_pin``, until ``new_pin`` comes with it.
    """
    our_own_page(request)
    tablet = await admitted(request, body.key)
    if await check_pin(request, house, body.staff, body.pin, tablet) == "code":
        if body.new_pin is None:
            raise Problem(409, "this code is good once: choose a new PIN", choose_pin=True)
        return await chosen(request, house, body.staff, body.pin, body.new_pin, body.key)
    return await begin(request, house, body.staff, tablet, body.key)


async def chosen(request: Request, house: Gateway, staff_id: str, before: str, new: str, key: bytes | None) -> Response:
    """A new PIN of this person, chosen by whoever had ``before``, and a session in place of all that they had.

    Raises Problem(422) for a PIN that is none.
    """
    if new == before:
        raise Problem(422, "pin: choose another than the one that you had")
    if too_easy := pins.weak(new):
        raise Problem(422, f"pin: {too_easy}")
    sessions: Sessions = request.app.state.sessions
    live: Live = request.app.state.live
    pin_hash = await pins.hash_pin(new, house.store.keyring.secrets)
    over: list[tuple[str, str]] = []

    def renewed() -> list[News]:
        over[:] = [(door, staff_id) for door in sessions.of_staff(staff_id)]
        return [*sessions.ending(over, "new_pin"), *actions.new_pin(house, staff_id, pin_hash)]

    answer = await begin(request, house, staff_id, sessions.tablet(request), key, first=renewed)
    sessions.forget(over)
    sessions.pin_codes.end(staff_id)

    def close() -> None:
        for door, _ in over:
            live.drop(door, GOING_AWAY)  # this tablet comes back with its new cookie, another signs in

    answer.background = BackgroundTask(close)
    return answer


async def admitted(request: Request, key: bytes | None) -> Tablet | None:
    """The paired tablet that this is, where people may sign in on it with this key; raises Problem(401, 403)."""
    sessions: Sessions = request.app.state.sessions
    tablet = sessions.tablet(request)
    if tablet is None and sessions.let_go(request) is not None:
        raise wiped_problem()
    if sessions.paired_only and tablet is None:
        raise Problem(403, "this tablet is not paired")
    if key is not None:
        await sessions.prove(request, key, f"tablet {tablet.id}" if tablet else "a device")
    if tablet is not None and tablet.key is not None and tablet.key != key:
        sessions.unproven(f"tablet {tablet.id}")
        raise Problem(403, ANOTHER_DEVICE if key else KEYLESS)
    if key is None and not sessions.keyless:
        raise Problem(403, KEYLESS)
    return tablet


async def check_pin(request: Request, house: Gateway, who: str, pin: str, tablet: Tablet | None) -> Shown:
    """What was right: their PIN, or a one-time code. Raises Problem(401) for a wrong one.

    And Problem(429) while whoever tries must wait after some.
    """
    sessions: Sessions = request.app.state.sessions
    guesses: Guesses = request.app.state.guesses
    guessed = who if house.memory.floor.member(who) else STRANGERS
    source = sessions.source(request)
    mine = tablet is not None or source == sessions.browser_of(who)
    guesses.begin(source, guessed, known=mine)  # counted before it is checked: guesses sent at once count too
    if sessions.pin_codes.fits(who, pin, house.memory.steady()):
        guesses.right(source, guessed, known=mine)
        return "code"
    known, secrets = pin_hash_of(house, who), house.store.keyring.secrets
    if not await pins.matches(known, pin, secrets):
        guesses.wrong(source, guessed)
        tried = {"staff": guessed or None, "tablet": tablet.id if tablet else None}
        house.note([News("sign_in.refused", guessed or house.config.venue.id, tried)])
        raise Problem(401, "wrong PIN")
    at = tablet.id if tablet else None
    note_odd(house, who, source, at, guesses.before(source, guessed))
    guesses.right(source, guessed, known=mine)
    if known is not None and pins.outdated(known, secrets):
        await _hash_anew(house, who, known, await pins.hash_pin(pin, secrets))
    return "pin"


def note_odd(house: Gateway, who: str, source: str, tablet: str | None, wrong: int) -> None:
    """Tells whoever leads of a sign-in that is right and yet odd; ``wrong`` tries came before it."""
    odd = oddness(house.store.reader, who, source, tablet, wrong, house.memory.now())
    if odd is not None:
        house.note([News("sign_in.odd", who, {"staff": who, "because": odd, "tablet": tablet}, who)])


async def begin(
    request: Request,
    house: Gateway,
    who: str,
    tablet: Tablet | None,
    key: bytes | None,
    then: Callable[[], Collection[News]] = tuple,
    first: Callable[[], Collection[News]] = tuple,
) -> Response:
    """A session of somebody who has shown who they are: the cookie, and what the tablet may keep for them."""
    sessions: Sessions = request.app.state.sessions

    def follows() -> list[News]:
        bound = []
        if tablet is not None and tablet.key is None and key is not None:
            data = {"tablet": tablet.id, "name": tablet.name, "key": key.hex()}
            bound = [News("tablet.bound", tablet.id, data)]
        return [*bound, *_at_work(house, who, sessions.longest), *then()]

    secret = await sessions.begin(who, tablet.id if tablet else None, key, follows, first)
    member = house.memory.floor.member(who)
    if member is None:
        raise Problem(401, "wrong PIN")
    me_now = me_of(house, who, member.name, sorted(member.roles))
    ends = sessions.ends_at(door_of(secret)) + house.memory.clock.moved
    answer = JSONResponse({**me_now, "keep": kept(house, who, key, ends)})
    answer.set_cookie(
        sessions.cookie,
        secret,
        max_age=int(sessions.longest),
        httponly=True,
        secure=sessions.secure,
        samesite="strict",
    )
    return answer


def kept(house: Gateway, who: str, key: bytes | None, ends: float) -> Shape:
    """The gateway's share of the key to what this device keeps for this person, until their shift or session ends."""
    shift = house.memory.floor.shift(who)
    until = min(ends, shift.until) if shift and shift.until is not None else ends
    share = house.store.keyring.fingerprint(f"kept\0{key.hex() if key else ''}\0{who}").hex()
    idle = house.config.console.session_idle_minutes * 60
    return {"share": share, "now": iso(house.memory.now()), "until": iso(until), "idle_s": idle}


def _at_work(house: Gateway, staff_id: str, longest: float) -> list[News]:
    """Who signs in on a tablet is at work."""
    now = house.memory.now()
    if house.memory.floor.on_shift(staff_id, now):
        return []
    return actions.start_shift(house, staff_id, [], now + longest, now).news


async def _hash_anew(house: Gateway, staff_id: str, before: str, anew: str) -> None:
    """Keeps the same PIN with the newest pepper; nobody is signed out by it."""

    def decide() -> Action:
        member = staff.get_staff(house.store.reader, staff_id)
        if member is None or member.pin_hash != before:  # let go, or given another, meanwhile
            return Action(None)
        return actions.put(house, replace(member, pin_hash=anew), same_pin=True)

    await house.act(decide, staff_id)


def pin_hash_of(house: Gateway, staff_id: str) -> str | None:
    """The hash of this person's PIN; None where they have none, or do not work here."""
    member = staff.get_staff(house.store.reader, staff_id)
    return member.pin_hash if member else None


@router.get("/session", response_model="answers_sign_in.SignedIn", dependencies=[right("signed-in")])
async def session(request: Request, who: Who, house: House) -> Response:
    """Who I am."""
    return respond(signed_in(request, house, who))


@router.post("/unlock", response_model="answers_sign_in.SignedIn", responses=documented(401, 403, 429, 503, 507))
async def unlock(body: Unlock, request: Request, house: House) -> Response:
    """Goes on behind the cover: a session that nobody touched for too long is open again with its person's PIN."""
    our_own_page(request)
    sessions: Sessions = request.app.state.sessions
    who = await sessions.asks(request, behind_cover=True)
    if who is None or who.staff is None or not who.by_cookie:
        raise Problem(401, "sign in, or send a bearer token")
    if await check_pin(request, house, who.staff, body.pin, sessions.tablet(request)) != "pin":
        raise Problem(401, "wrong PIN")
    house.note(sessions.unlock(who.door))
    return respond(signed_in(request, house, who))


def signed_in(request: Request, house: Gateway, who: Principal) -> Shape:
    """Who has signed in, and what their tablet may keep for them."""
    sessions: Sessions = request.app.state.sessions
    if not who.by_cookie or who.staff is None:
        return {**me(house, who), "keep": None}
    ends = sessions.ends_at(who.door) + house.memory.clock.moved
    return {**me(house, who), "keep": kept(house, who.staff, sessions.key_of(who.door), ends)}


@router.post("/sign-out", status_code=204, responses=documented(503, 507))
async def sign_out(request: Request, who: Leaving, house: House) -> Response:
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
        "name": member.name if member else name,  # which may be another than when the socket was opened
        "role": next(r for r in ROLES if r in roles),
        "roles": roles,
        "zones": zones,
        "languages": list(member.languages) if member else [],
        "on_shift": on_shift,
        "shift": {"zones": zones, "until": iso_or_none(shift.until)} if shift and on_shift else None,
    }
