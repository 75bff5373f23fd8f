"""Staff and their shifts."""

from __future__ import annotations

from dataclasses import replace

from gateway.core import handing_on, shapes
from gateway.core.action import Action, News
from gateway.core.gateway import Gateway
from gateway.records import staff
from gateway.records.staff import Staff
from gateway.records.store import Change
from gateway.service.alert import Refused
from gateway.service.floor import Member, Shift


def put(house: Gateway, member: Staff, now: float) -> Action:
    """Makes a member of staff, or changes one; ``member.pin_hash`` None leaves the PIN, a new one signs out."""
    changes: list[Change[object]] = [lambda tx: staff.put_staff(tx, member, now)]
    if member.pin_hash is not None:
        changes.append(lambda tx: staff.end_sessions_of(tx, member.id, now))
    else:
        before = staff.get_staff(house.store.reader, member.id)
        member = replace(member, pin_hash=before.pin_hash if before else None)
    floor = house.memory.floor
    existed, shift = floor.member(member.id) is not None, floor.shift(member.id)
    told = {**_shape(house, member.id, now), "name": member.name, "roles": sorted(member.roles)}
    told |= {"languages": list(member.languages)} | ({} if shift and shift.zones else {"zones": sorted(member.zones)})
    on_floor = Member(member.id, member.name, frozenset(member.roles), frozenset(member.zones), tuple(member.languages))
    return Action(
        {
            "id": member.id,
            "name": member.name,
            "roles": list(member.roles),
            "zones": list(member.zones),
            "languages": list(member.languages),
        },
        200 if existed else 201,
        news=[News("staff.changed", member.id, told)],
        changes=changes,
        after=[lambda: floor.put(on_floor)],
    )


def remove(house: Gateway, staff_id: str, now: float) -> Action:
    """Takes a member of staff off the books; their sessions and tokens end, and what they owed is others' to keep."""
    _known(house, staff_id)
    memory = house.memory
    handed = handing_on.handed_on(memory, staff_id, None, now)
    gone = {**_shape(house, staff_id, now), "on_shift": False, "connected": False, "removed": True}
    return Action(
        None,
        204,
        news=[News("staff.changed", staff_id, gone), *handing_on.news_of(handed)],
        changes=[lambda tx: staff.delete_staff(tx, staff_id, now), *map(handing_on.owed_row, handed)],
        after=[
            lambda: memory.floor.remove(staff_id),
            lambda: memory.ledger.restore(handed),
            lambda: house.left_to_others(staff_id, None, now),
        ],
    )


def start_shift(house: Gateway, staff_id: str, zones: list[str], until: float | None, now: float) -> Action:
    """On shift from now, in these zones (none: their own)."""
    _known(house, staff_id)
    unknown = set(zones) - {z.id for z in house.config.zones}
    if unknown:
        raise Refused(422, f"there is no zone {sorted(unknown)[0]!r}")
    if until is not None and until <= now:
        raise Refused(422, "until: the shift would be over already")
    shape = {**_shape(house, staff_id, now), "on_shift": True, "shift_until": shapes.iso_or_none(until)}
    shape["zones"] = zones or shape["zones"]
    return Action(
        {**shape, "zones": zones},
        news=[News("staff.changed", staff_id, shape)],
        changes=[lambda tx: staff.start_shift(tx, staff.Shift(staff_id, zones, now, until))],
        after=[lambda: house.memory.floor.start_shift(staff_id, Shift(frozenset(zones), until))],
    )


def end_shift(house: Gateway, staff_id: str, now: float, hand_to: str | None = None) -> Action:
    """Off shift from now; what was owed and who was looked after go to ``hand_to``, or to whoever is there."""
    _known(house, staff_id)
    if hand_to is not None and house.memory.floor.member(hand_to) is None:
        raise Refused(422, f"hand_to: there is no member of staff {hand_to!r}")
    return house.ending(staff_id, hand_to, now)


def _known(house: Gateway, staff_id: str) -> Member:
    member = house.memory.floor.member(staff_id)
    if member is None:
        raise Refused(404, "there is no such member of staff")
    return member


def _shape(house: Gateway, staff_id: str, now: float) -> shapes.Shape:
    return shapes.staff(staff_id, house.memory.floor, now)
