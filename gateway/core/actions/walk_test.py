"""The result of a walk through the venue, kept."""

from __future__ import annotations

from gateway.core.action import Action, Actor
from gateway.core.gateway import Gateway
from gateway.core.shapes import Shape
from gateway.events.event import News
from gateway.events.times import iso
from gateway.records import house_documents


def keep(house: Gateway, found: Shape, actor: Actor, now: float) -> Action:
    """Keeps how a walk ended: in the journal for good, and as the last one; nothing in it names the tag."""
    places = [{**each, "last": iso(each["last"]) if each["last"] else None} for each in found["places"]]
    result = {**found, "places": places, "at": iso(now), "by": actor.id}
    del result["taught"]  # is in what the venue has learnt
    return Action(result, news=[News("walk.ended", house.config.venue.id, result)])


def last(house: Gateway) -> Shape | None:
    """How the last walk ended; None before any."""
    found: Shape | None = house_documents.get(house.store.reader, house_documents.WALK_TEST)
    return found
