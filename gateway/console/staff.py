"""Staff and their shifts."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Annotated

from fastapi import Path, Request, Response

from gateway.console.act import Act, House, respond
from gateway.console.bodies import EndShift, NewShift, StaffFacts, StaffId
from gateway.console.problems import Problem, documented
from gateway.console.roles import Principal
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.console.sessions import Because, Sessions
from gateway.core.action import Action, Actor
from gateway.core.actions import staff as actions
from gateway.core.gateway import Gateway
from gateway.core.shapes import Shape
from gateway.pins import hash_pin, weak
from gateway.records.staff import Staff
from gateway.service.floor import Member

router = Routes(prefix="/api/staff", tags=["staff"])

UNKNOWN = documented(404)
StaffPath = Annotated[StaffId, Path()]


def _shape(house: House, member: Member) -> Shape:
    floor = house.memory.floor
    return {
        "id": member.id,
        "name": member.name,
        "roles": sorted(member.roles),
        "zones": sorted(member.zones),
        "languages": list(member.languages),
        "on_shift": floor.on_shift(member.id, house.memory.now()),
        "connected": floor.connected(member.id),
    }


@router.get("", response_model="list[answers.StaffMember]", dependencies=[right("colleagues")])
async def everyone(house: House) -> Response:
    """Everyone who works here."""
    return respond([_shape(house, m) for m in house.memory.floor.members()])


@router.get("/{staff}", response_model="answers.StaffMember", responses=UNKNOWN, dependencies=[right("colleagues")])
async def one(staff: StaffPath, house: House) -> Response:
    """A member of staff; the PIN is never given back."""
    member = house.memory.floor.member(staff)
    if member is None:
        raise Problem(404, "there is no such member of staff")
    return respond(_shape(house, member))


@router.put(
    "/{staff}",
    response_model="answers.StaffRecord",
    responses=documented(409, answers={201: "answers.StaffRecord"}),
    dependencies=[right("staff")],
)
async def put(staff: StaffPath, body: StaffFacts, request: Request, house: House, who: Who, act: Act) -> Response:
    """Makes or changes a member of staff; a new PIN ends their sessions.

    Managers are made, changed and let go by managers alone.
    """
    may_grant(who, house, staff, body.roles)
    if body.pin and house.memory.floor.member(staff) is not None and not who.may("lead"):
        raise Problem(403, "a PIN is its owner's to choose: give them a one-time code (POST pin-code)")
    unknown = set(body.zones) - {z.id for z in house.config.zones}
    if unknown:
        raise Problem(422, f"zones: there is no zone {sorted(unknown)[0]!r}")
    if body.pin and (too_easy := weak(body.pin)):
        raise Problem(422, f"pin: {too_easy}")
    pin_hash = await hash_pin(body.pin, house.store.keyring.secrets) if body.pin else None
    member = Staff(staff, body.name, list(body.roles), body.zones, body.languages, pin_hash)
    before = house.memory.floor.member(staff)
    if before is not None and before.roles != frozenset(body.roles):
        return await _and_sign_out(request, staff, "role_changed", act, lambda now: actions.put(house, member))
    if pin_hash is not None:
        return await _and_sign_out(request, staff, "new_pin", act, lambda now: actions.put(house, member))
    return await act(lambda actor, now: actions.put(house, member))


@router.delete("/{staff}", status_code=204, responses=UNKNOWN, dependencies=[right("staff")])
async def remove(staff: StaffPath, request: Request, house: House, who: Who, act: Act) -> Response:
    """Removes a member of staff; their sessions and tokens end."""
    may_grant(who, house, staff, ())
    answer = await _and_sign_out(request, staff, "removed", act, lambda now: actions.remove(house, staff, now))
    request.app.state.live.drop_staff(staff)
    return answer


@router.post(
    "/{staff}/shift", response_model="answers.ShiftStarted", responses=UNKNOWN, dependencies=[right("signed-in")]
)
async def start_shift(staff: StaffPath, house: House, who: Who, act: Act, body: NewShift | None = None) -> Response:
    """On shift from now; a person's own shift, or anyone's for who runs the staff list."""
    _own_or_lead(staff, who)
    shift = body or NewShift()
    return await act(lambda actor, now: actions.start_shift(house, staff, shift.zones, shift.until, now))


@router.delete(
    "/{staff}/shift",
    status_code=204,
    responses=documented(404, answers={200: "answers.ShiftEnded"}),
    dependencies=[right("signed-in")],
)
async def end_shift(staff: StaffPath, house: House, who: Who, act: Act, body: EndShift | None = None) -> Response:
    """Off shift from now; answers 200 with the promises that were handed on, 204 where there were none."""
    _own_or_lead(staff, who)
    hand_to = body.hand_to if body else None
    return await act(lambda actor, now: actions.end_shift(house, staff, now, hand_to))


def may_grant(who: Principal, house: Gateway, staff: str, roles: Collection[str]) -> None:
    """Raises Problem(403) where somebody would make, or have in their hands, somebody of more rights than theirs."""
    before = house.memory.floor.member(staff)
    if not who.may_grant({*roles, *(before.roles if before is not None else ())}):
        raise Problem(403, "only a manager makes, changes or removes somebody with this role")


def _own_or_lead(staff: str, who: Who) -> None:
    if who.staff != staff and not who.may("staff"):
        raise Problem(403, "this is somebody else's shift")


async def _and_sign_out(
    request: Request, staff: str, because: Because, act: Act, make: Callable[[float], Action]
) -> Response:
    """Performs an action with which everything that this person is signed in on ends.

    With other roles the programs that stand for them end too; their sockets close at once.
    """
    sessions: Sessions = request.app.state.sessions
    over: list[tuple[str, str]] = []
    doors: list[str] = []

    def ended(_: Actor, now: float) -> Action:
        action = make(now)
        over[:] = [(door, staff) for door in sessions.of_staff(staff)]
        action.news[:0] = sessions.ending(over, because)
        if because == "role_changed":
            news, doors[:] = sessions.programs.ending(sessions.programs.of_staff(staff), because)
            action.news[:0] = news
        return action

    answer = await act(ended)
    sessions.forget(over)
    for door in (*(door for door, _ in over), *doors):
        request.app.state.live.drop(door)
    return answer
