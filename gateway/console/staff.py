"""Staff and their shifts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from gateway.console.act import Act, House
from gateway.console.bodies import EndShift, NewShift, StaffFacts
from gateway.console.live import GOING_AWAY
from gateway.console.pins import hash_pin
from gateway.console.problems import Problem
from gateway.console.security import Who, right
from gateway.core.actions import staff as actions
from gateway.core.shapes import Shape
from gateway.records.staff import Staff
from gateway.service.floor import Member

router = APIRouter(prefix="/api/staff", tags=["staff"])

StaffPath = Annotated[str, Path(pattern=r"^\w[\w.-]{0,63}$")]


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


@router.get("", dependencies=[right("signed-in")])
async def everyone(house: House) -> list[Shape]:
    """Everyone who works here."""
    return [_shape(house, m) for m in house.memory.floor.members()]


@router.get("/{staff}", dependencies=[right("signed-in")])
async def one(staff: StaffPath, house: House) -> Shape:
    """A member of staff; the PIN is never given back."""
    member = house.memory.floor.member(staff)
    if member is None:
        raise Problem(404, "there is no such member of staff")
    return _shape(house, member)


@router.put("/{staff}", dependencies=[right("staff")])
async def put(staff: StaffPath, body: StaffFacts, request: Request, house: House, act: Act) -> Response:
    """Makes or changes a member of staff; a new PIN ends their sessions."""
    unknown = set(body.zones) - {z.id for z in house.config.zones}
    if unknown:
        raise Problem(422, f"zones: there is no zone {sorted(unknown)[0]!r}")
    pin_hash = await hash_pin(body.pin) if body.pin else None
    member = Staff(staff, body.name, list(body.roles), body.zones, body.languages, pin_hash)
    before = house.memory.floor.member(staff)
    answer = await act(lambda actor, now: actions.put(house, member, now))
    if pin_hash:
        await _sign_out(request, staff)
    elif before is not None and before.roles != frozenset(body.roles):
        request.app.state.live.drop_staff(staff, GOING_AWAY)  # it comes back, and is sent what the new role may see
    return answer


@router.delete("/{staff}", status_code=204, dependencies=[right("staff")])
async def remove(staff: StaffPath, request: Request, house: House, act: Act) -> Response:
    """Takes a member of staff off the books; their sessions and tokens end."""
    answer = await act(lambda actor, now: actions.remove(house, staff, now))
    await _sign_out(request, staff)
    request.app.state.live.drop_staff(staff)
    return answer


@router.post("/{staff}/shift", dependencies=[right("signed-in")])
async def start_shift(staff: StaffPath, house: House, who: Who, act: Act, body: NewShift | None = None) -> Response:
    """On shift from now; a person's own shift, or anyone's for who runs the staff list."""
    _own_or_lead(staff, who)
    shift = body or NewShift()
    return await act(lambda actor, now: actions.start_shift(house, staff, shift.zones, shift.until, now))


@router.delete("/{staff}/shift", status_code=204, dependencies=[right("signed-in")])
async def end_shift(staff: StaffPath, house: House, who: Who, act: Act, body: EndShift | None = None) -> Response:
    """Off shift from now; answers 200 with the promises that were handed on, 204 where there were none."""
    _own_or_lead(staff, who)
    hand_to = body.hand_to if body else None
    return await act(lambda actor, now: actions.end_shift(house, staff, now, hand_to))


def _own_or_lead(staff: str, who: Who) -> None:
    if who.staff != staff and not who.may("staff"):
        raise Problem(403, "this is somebody else's shift")


async def _sign_out(request: Request, staff: str) -> None:
    for door in await request.app.state.sessions.end_all(staff):
        request.app.state.live.drop(door)
