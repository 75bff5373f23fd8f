"""Tablets: paired once, and let go."""

from __future__ import annotations

from hashlib import sha256

from gateway.core.action import Action
from gateway.core.gateway import Gateway
from gateway.core.shapes import Shape
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
    }
    news = [News("tablet.paired", tablet.id, data, tablet.paired_by, at=tablet.paired_at)]
    return Action({"id": tablet.id, "name": tablet.name}, 201, news=news)


def revoke(house: Gateway, tablet: str) -> Action:
    """Lets a tablet go: whoever is signed in on it no longer is; raises Refused(404)."""
    found = next((each for each in tablets.every(house.store.reader) if each.id == tablet), None)
    if found is None:
        raise Refused(404, "there is no such tablet")
    return Action(None, 204, news=[News("tablet.revoked", tablet, {"tablet": tablet, "name": found.name})])


def shape(house: Gateway, tablet: Tablet) -> Shape:
    """A paired tablet as IT sees it."""
    return {
        "id": tablet.id,
        "name": tablet.name,
        "paired_at": iso(tablet.paired_at),
        "paired_by": house.memory.floor.name_of(tablet.paired_by) or tablet.paired_by,
        "last_seen": iso(tablet.last_seen),
    }
