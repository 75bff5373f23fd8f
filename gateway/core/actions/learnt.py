"""What the venue has learnt of its rooms: what it is worth, and from another copy of the venue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.core.action import Action
from gateway.core.gateway import Gateway
from gateway.core.shapes import Shape
from gateway.core.state import plan_of
from gateway.events.event import News
from gateway.recognition.learnt import BadLearnt, Learnt
from gateway.recognition.plan import Plan
from gateway.service.alert import Refused

APART_ENOUGH = 85.0  # % of the times: below, a reader that stood elsewhere would do more than any learning


def worth(house: Gateway) -> Shape:
    """Per zone how often its card was right, zones that are taken for each other, and readers that hear otherwise."""
    presence = house.memory.presence
    found = presence.learnt.worth()
    anew, drifts = found["changed"], presence.drifts()
    changed = [{"reader": reader, "db": db, "anew": True} for reader, db in anew.items()]
    changed += [{"reader": reader, "db": db, "anew": False} for reader, db in drifts.items() if reader not in anew]
    return {
        "zones": [{"zone": zone, **facts} for zone, facts in found["zones"].items()],
        "pairs": [{**pair, "move": pair["apart"] < APART_ENOUGH} for pair in found["pairs"]],
        "readers": changed,
    }


def bring_in(house: Gateway, document: Mapping[str, Any]) -> Action:
    """Has what ``document`` holds take the place of what was learnt; raises Refused(422) with what is wrong with it."""
    try:
        taken = of_this_venue(plan_of(house.config), document)
    except BadLearnt as bad:
        raise Refused(422, str(bad)) from None
    return Action(taken, news=[News("rooms.learnt", house.config.venue.id, imported(taken))])


def imported(document: Mapping[str, Any]) -> dict[str, Any]:
    """The data of the event that takes a document in."""
    return {"rooms": document, "because": "imported"}


def of_this_venue(plan: Plan, document: Mapping[str, Any]) -> dict[str, Any]:
    """What of a document is about zones and readers of this venue; raises BadLearnt in words, also where nothing is."""
    learnt = Learnt(plan)
    learnt.take_back(document)
    kept = learnt.document()
    if any(document["rooms"].values()) and not any(kept["rooms"].values()):
        zones = ", ".join(plan.zones)
        raise BadLearnt(f"rooms: none of its zones and readers is of this venue, whose zones are {zones}")
    return kept
