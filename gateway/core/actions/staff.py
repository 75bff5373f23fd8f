"""Staff and their shifts."""

from __future__ import annotations

from dataclasses import asdict

from gateway.core import facts, handing_on, shapes
from gateway.core.action import Action
from gateway.core.gateway import Gateway
from gateway.events.event import STAFF, News
from gateway.events.times import iso
from gateway.records import passkeys, staff
from gateway.records.ids import looks
from gateway.records.staff import Staff
from gateway.service.alert import Refused
from gateway.service.floor import Member


def put(house: Gateway, member: Staff, *, same_pin: bool = False) -> Action:
    """Makes a member of staff, or changes one; ``member.pin_hash`` None leaves the PIN, a new one signs out.

    ``same_pin``: it is the same PIN, hashed anew.
    """
    before = staff.get_staff(house.store.reader, member.id)
    if before is None:
        _unlike_others(house, member.id)
    pin_hash = member.pin_hash or (before.pin_hash if before else None)
    data = {
        "staff": member.id,
        "name": member.name,
        "roles": sorted(member.roles),
        "zones": sorted(member.zones),
        "languages": list(member.languages),
        "pin_hash": pin_hash,
        "hired": before is None,
        "new_pin": member.pin_hash is not None and not same_pin,
        "signs_out": before is not None and set(before.roles) != set(member.roles),
    }
    answer = {
        "id": member.id,
        "name": member.name,
        "roles": list(member.roles),
        "zones": list(member.zones),
        "languages": list(member.languages),
    }
    ended = passkeys.ended_with_pin(house.store.reader, member.id) if data["new_pin"] else []
    return Action(answer, 200 if before else 201, news=[News("staff.changed", member.id, data), *ended])


def _unlike_others(house: Gateway, staff_id: str) -> None:
    """Raises Refused(409) where somebody new would be taken for a colleague in the journal and on every list."""
    other = next((each.id for each in house.memory.floor.members() if looks(each.id) == looks(staff_id)), staff_id)
    if other != staff_id:
        raise Refused(409, f"{staff_id!r} looks like {other!r}, who is there already; expected another id")


def new_pin(house: Gateway, staff_id: str, pin_hash: str) -> list[News]:
    """This person has another PIN from now on, and no passkey; raises Refused where they do not work here any more."""
    kept = staff.get_staff(house.store.reader, staff_id)
    if kept is None:
        raise Refused(401, "wrong PIN")
    facts = {name: value for name, value in asdict(kept).items() if name not in ("id", "pin_hash")}
    told = {"staff": staff_id, **facts, "pin_hash": pin_hash, "hired": False, "signs_out": False, "new_pin": True}
    return [News("staff.changed", staff_id, told), *passkeys.ended_with_pin(house.store.reader, staff_id)]


def remove(house: Gateway, staff_id: str, now: float, hand_to: str | None = None) -> Action:
    """Removes a member of staff; their sessions and tokens end, and others keep what they owed: ``hand_to``, or else
    whoever a shift's end would give it to."""
    _known(house, staff_id)
    memory = house.memory
    handed = handing_on.handed_on(memory, staff_id, hand_to, now)
    left = memory.floor.copy()
    left.remove(staff_id)
    gone = handing_on.let_go(memory, house.moment_rules, staff_id, hand_to, now, left, handed)
    data = {
        "staff": staff_id,
        "keys": house.store.keyring.ids_of(STAFF + staff_id),
        "tokens": [token.id for token in staff.list_tokens(house.store.reader) if token.staff == staff_id],
    }
    return Action(
        None,
        204,
        news=[*handing_on.news_of(handed), *map(facts.alert, gone), News("staff.removed", staff_id, data)],
    )


def start_shift(house: Gateway, staff_id: str, zones: list[str], until: float | None, now: float) -> Action:
    """On shift from now, in these zones (none: their own)."""
    _known(house, staff_id)
    unknown = set(zones) - {z.id for z in house.config.zones}
    if unknown:
        raise Refused(422, f"there is no zone {sorted(unknown)[0]!r}")
    if until is not None and until <= now:
        raise Refused(422, "until: the shift would be over already")
    ends = shapes.iso_or_none(until)
    shape = {**shapes.staff(staff_id, house.memory.floor, now), "on_shift": True, "shift_until": ends, "zones": zones}
    data = {"staff": staff_id, "zones": zones, "since": iso(now), "until": ends}
    return Action(shape, news=[News("shift.started", staff_id, data)])


def end_shift(
    house: Gateway, staff_id: str, now: float, hand_to: str | None = None, because: handing_on.Why = "ended"
) -> Action:
    """Off shift from now; what was owed and who was looked after go to ``hand_to``, or to whoever is there."""
    _known(house, staff_id)
    if hand_to is not None and house.memory.floor.member(hand_to) is None:
        raise Refused(422, f"hand_to: there is no member of staff {hand_to!r}")
    return handing_on.ending(house.memory, house.moment_rules, staff_id, hand_to, now, because)


def connected(staff_id: str, live: bool) -> News:
    """The first live tablet of this person came, or the last went."""
    return News("staff.connected", staff_id, {"staff": staff_id, "connected": live}, staff_id)


def _known(house: Gateway, staff_id: str) -> Member:
    member = house.memory.floor.member(staff_id)
    if member is None:
        raise Refused(404, "there is no such member of staff")
    return member
