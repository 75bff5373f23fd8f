"""Tablets: paired once, and let go."""

from __future__ import annotations

from hashlib import sha256

from gateway.core.action import Action
from gateway.core.gateway import Gateway
from gateway.core.shapes import Shape, iso_or_none
from gateway.events.event import News
from gateway.events.times import iso
from gateway.records import tablets
from gateway.records.tablets import Tablet
from gateway.service.alert import Refused


def pair(tablet: Tablet, secret: str) -> Action:
    """Takes in a tablet that showed a good code; who made the code answers for it."""
    data = {
        "tablet": tablet.id,
        "name": tablet.name,
        "hash": sha256(secret.encode()).hexdigest(),
        "paired_by": tablet.paired_by,
        "key": tablet.key.hex() if tablet.key else None,
    }
    news = [News("tablet.paired", tablet.id, data, tablet.paired_by, at=tablet.paired_at)]
    return Action({"id": tablet.id, "name": tablet.name}, 201, news=news)


def revoke(house: Gateway, tablet: str, *, lost: bool = False) -> Action:
    """Lets a tablet go, or one that is ``lost``: whoever is signed in on it no longer is; raises Refused(404)."""
    found = next((each for each in tablets.every(house.store.reader) if each.id == tablet), None)
    if found is None:
        raise Refused(404, "there is no such tablet")
    facts = {"tablet": tablet, "name": found.name, "lost": lost}
    return Action(None, 204, news=[News("tablet.revoked", tablet, facts)])


def wiped(tablet: Tablet) -> Action:
    """A tablet that was let go has wiped what it kept."""
    data = {"tablet": tablet.id, "name": tablet.name}
    return Action(None, 204, news=[News("tablet.wiped", tablet.id, data)])


def gone(tablet: Tablet) -> Shape:
    """A tablet that was let go: since when, and whether it has been heard and is empty."""
    return {
        "id": tablet.id,
        "name": tablet.name,
        "revoked_at": iso_or_none(tablet.revoked_at),
        "wiped_at": iso_or_none(tablet.wiped_at),
        "last_seen": iso(tablet.last_seen),
    }


def shape(house: Gateway, tablet: Tablet) -> Shape:
    """A paired tablet as IT sees it."""
    return {
        "id": tablet.id,
        "name": tablet.name,
        "paired_at": iso(tablet.paired_at),
        "paired_by": house.memory.floor.name_of(tablet.paired_by) or tablet.paired_by,
        "last_seen": iso(tablet.last_seen),
        "bound": tablet.key is not None,
    }
