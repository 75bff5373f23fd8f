"""The result of a walk through the venue, kept."""

from __future__ import annotations

from gateway.deed import Actor, Deed, News
from gateway.gateway import Gateway
from gateway.records import documents
from gateway.records.times import iso
from gateway.shapes import Shape

LAST = "walk-test"


def keep(house: Gateway, found: Shape, actor: Actor, now: float) -> Deed:
    """Keeps how a walk ended: in the journal for good, and as the last one; nothing in it names the tag."""
    places = [{**each, "last": iso(each["last"]) if each["last"] else None} for each in found["places"]]
    result = {**found, "places": places, "at": iso(now), "by": actor.id}
    return Deed(
        result,
        news=[News("walk.ended", house.config.venue.id, result)],
        changes=[lambda tx: documents.put(tx, LAST, result, now)],
    )


def last(house: Gateway) -> Shape | None:
    """How the last walk ended; None before any."""
    found: Shape | None = documents.get(house.store.reader, LAST)
    return found
