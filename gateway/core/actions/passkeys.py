"""Passkeys of staff: added and removed by their owners, and taken from somebody who lost theirs."""

from __future__ import annotations

from gateway.core.action import Action
from gateway.core.gateway import Gateway
from gateway.core.shapes import Shape, iso_or_none
from gateway.events.event import News
from gateway.events.times import iso, new_id
from gateway.records import passkeys
from gateway.records.passkeys import Passkey
from gateway.service.alert import Refused

MOST = 20  # of one person
UNKNOWN = "there is no such passkey"


def add(house: Gateway, staff: str, name: str, host: str, made: tuple[bytes, bytes, int]) -> Action:
    """One more of this person: its id, its public key and its count. Raises Refused: 404, 409 where it is known."""
    credential, public_key, count = made
    reader = house.store.reader
    if house.memory.floor.member(staff) is None:
        raise Refused(404, "there is no such member of staff")
    if passkeys.find(reader, credential) is not None:
        raise Refused(409, "this passkey is known already")
    if len(passkeys.of_staff(reader, staff)) >= MOST:
        raise Refused(409, f"one person has {MOST} passkeys at most: remove one that is not used")
    now = house.memory.now()
    data = {
        "passkey": (id_ := new_id(now)), "staff": staff, "name": name, "host": host,
        "credential": credential.hex(), "public_key": public_key.hex(), "count": count,
    }  # fmt: skip
    shape = {"id": id_, "name": name, "host": host, "here": True, "added_at": iso(now), "used_at": None}
    return Action(shape, 201, news=[News("passkey.added", staff, data)])


def used(house: Gateway, passkey: Passkey, count: int) -> News:
    """It was shown; raises Refused where it was removed meanwhile, or shown by a copy of it at the same time."""
    kept = passkeys.find(house.store.reader, passkey.credential)
    if kept is None or kept.id != passkey.id or (count <= kept.count and (count or kept.count)):
        raise Refused(401, "this passkey is not known here")
    return News("passkey.used", kept.staff, {"passkey": kept.id, "staff": kept.staff, "count": count})


def remove(house: Gateway, staff: str, passkey: str) -> Action:
    """Its owner wants it no more; raises Refused(404) for one that is not theirs."""
    if all(each.id != passkey for each in passkeys.of_staff(house.store.reader, staff)):
        raise Refused(404, UNKNOWN)
    return Action(None, 204, news=[_removed(staff, passkey, "removed")])


def take_all(house: Gateway, staff: str) -> Action:
    """Somebody lost what theirs are on: none of them opens anything any more."""
    if house.memory.floor.member(staff) is None:
        raise Refused(404, "there is no such member of staff")
    found = passkeys.of_staff(house.store.reader, staff)
    return Action(None, 204, news=[_removed(staff, each.id, "taken") for each in found])


def shape(passkey: Passkey, host: str) -> Shape:
    """A passkey as its owner sees it."""
    return {
        "id": passkey.id,
        "name": passkey.name,
        "host": passkey.host,
        "here": passkey.host == host,
        "added_at": iso(passkey.added_at),
        "used_at": iso_or_none(passkey.used_at),
    }


def _removed(staff: str, passkey: str, because: str) -> News:
    return News("passkey.removed", staff, {"passkey": passkey, "staff": staff, "because": because})
