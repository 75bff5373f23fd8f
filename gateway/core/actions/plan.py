"""The venue's plan."""

from __future__ import annotations

from gateway.core.action import Action
from gateway.core.gateway import Gateway
from gateway.core.shapes import Shape
from gateway.events.event import News
from gateway.service.alert import Refused


def draw(house: Gateway, plan: Shape) -> Action:
    """Keeps a new plan; raises Refused(422) for what is not of this venue, or lies outside."""
    zones, readers = {z.id for z in house.config.zones}, {r.id for r in house.config.readers}
    for row in plan["zones"]:
        if row["zone"] not in zones:
            raise Refused(422, f"zones: there is no zone {row['zone']!r}")
        if row["x"] + row["w"] > plan["width"] or row["y"] + row["h"] > plan["height"]:
            raise Refused(422, f"zones: {row['zone']!r} reaches beyond the plan")
    for row in plan["readers"]:
        if row["reader"] not in readers:
            raise Refused(422, f"readers: there is no reader {row['reader']!r}")
        if row["x"] > plan["width"] or row["y"] > plan["height"]:
            raise Refused(422, f"readers: {row['reader']!r} is beyond the plan")
    return Action(plan, news=[News("plan.changed", house.config.venue.id, plan)])
