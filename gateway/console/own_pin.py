"""PINs that their owners choose: with a one-time code, or with the one before."""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from gateway import pins
from gateway.console import sign_in
from gateway.console.act import House
from gateway.console.bodies import ChangePin
from gateway.console.guesses import Guesses
from gateway.console.problems import Problem, documented
from gateway.console.roles import Principal
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.console.sessions import Sessions
from gateway.console.staff import StaffPath, may_grant
from gateway.core.action import Action
from gateway.core.gateway import Gateway
from gateway.events.event import News
from gateway.events.times import iso

router = Routes(prefix="/api", tags=["sign-in"])


@router.post(
    "/staff/{staff}/pin-code",
    status_code=201,
    response_model="answers_sign_in.PinCode",
    responses=documented(404, 503, 507),
    dependencies=[right("reset")],
)
async def code(staff: StaffPath, request: Request, house: House, who: Who) -> Response:
    """A one-time code with which this person signs in once and chooses a new PIN; told this once, and soon over.

    The PIN before is good until then.
    """
    sessions: Sessions = request.app.state.sessions
    if who.staff is None or house.glass.opens(who.staff, "manager", staff) is None:
        may_grant(who, house, staff, ())

    def decide() -> Action:
        if house.memory.floor.member(staff) is None:
            raise Problem(404, "there is no such member of staff")
        code, ends = sessions.pin_codes.new(staff, house.memory.steady())
        until = iso(house.memory.clock.shown(ends))
        told = News("staff.code_made", staff, {"staff": staff, "until": until})
        return Action({"code": code, "expires": until}, 201, news=[told])

    action = await house.act(decide, who.id)
    return JSONResponse(action.answer, action.status)


@router.post(
    "/session/pin",
    response_model="answers_sign_in.SignedIn",
    responses=documented(401, 429, 503, 507),
    dependencies=[right("signed-in")],
)
async def change(body: ChangePin, request: Request, house: House, who: Who) -> Response:
    """A new PIN of whoever is signed in, with the one before; whatever else they are signed in on ends."""
    staff = await again(request, house, who, body.pin)
    key = request.app.state.sessions.key_of(who.door)
    return await sign_in.chosen(request, house, staff, body.pin, body.new_pin, key)


async def again(request: Request, house: Gateway, who: Principal, pin: str) -> str:
    """The person who is signed in, and has given their PIN once more; raises Problem: 403, 401, 429."""
    if who.staff is None or not who.by_cookie:
        raise Problem(403, "a PIN is of a person who is signed in")
    guesses: Guesses = request.app.state.guesses
    source = request.app.state.sessions.source(request)
    guesses.begin(source, who.staff)
    if not await pins.matches(sign_in.pin_hash_of(house, who.staff), pin, house.store.keyring.secrets):
        guesses.wrong(source, who.staff)
        raise Problem(401, "wrong PIN")
    guesses.right(source, who.staff)
    return who.staff
