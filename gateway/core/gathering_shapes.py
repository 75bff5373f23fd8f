"""Gatherings, invitations and lists as screens show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from gateway.club.gatherings import Drawn, Invitation
from gateway.core.gateway import Gateway
from gateway.core.gatherings import SAID, Kept, returns
from gateway.core.shapes import Shape
from gateway.events.gatherings import Standing

STANDINGS: tuple[Standing, ...] = get_args(Standing)


def gathering_shape(house: Gateway, kept: Kept, now: float) -> Shape:
    """As lists and screens show it: what is planned, and how many are where."""
    facts, seats = kept.facts, kept.evening.invitations.values()
    invited = [person for person, each in kept.evening.invitations.items() if each.standing != "listed"]
    here_now = {person for person in invited if is_here(house, facts, person)}
    to_come = [each for each in seats if each.standing == "accepted" and each.customer not in here_now]
    counted = {name: sum(1 for each in seats if each.standing == name) for name in STANDINGS}
    shape: Shape = {name: facts[name] for name in ("id", *SAID, "state", "reckoning", "by", "at")}
    shape |= {"from": shape.pop("begins"), "until": shape.pop("ends")}
    shape |= {
        "venue": house.config.venue.id, "counts": counted, "here": len(here_now), "to_come": len(to_come),
        "companions": sum(each.companions for each in seats if each.seats), "free": kept.evening.free,
        "host_names": [house.memory.floor.name_of(each) for each in facts["hosts"]],
        "returns": returns(house, kept, now) if facts["state"] == "reckoned" else None,
    }  # fmt: skip
    return shape


def is_here(house: Gateway, facts: Mapping[str, Any], person: str) -> bool:
    """Whether somebody is in a zone of the gathering just now."""
    found = house.memory.presence.where(person)
    return found is not None and (not facts["zones"] or found.zone in facts["zones"])


def invitation_shape(house: Gateway, kept: Kept, person: str, line: Sequence[str]) -> Shape:
    """One row of the list: who, why, what they answered, whether they are here; what warns stands first."""
    each: Invitation = kept.evening.invitations[person]
    whole, met = kept.invitations[person], house.memory.meet(person)
    named = house.views.named(person)
    return {
        **{name: named[name] for name in ("customer", "name", "address_as", "language")},
        "id": whole["id"], "gathering": whole["gathering"], "standing": each.standing, "companions": each.companions,
        "reasons": whole["reasons"], "sent_at": whole["sent_at"], "answered_at": whole["answered_at"],
        "offered_until": whole["offered_until"], "came": whole["came"], "went": whole["went"],
        "place_in_line": line.index(person) + 1 if person in line else None,
        "associate": house.memory.floor.name_of(met.associate) if met is not None and met.associate else None,
        "here": is_here(house, kept.facts, person), "recognised": house.memory.roster.admits(person),
        "care": _care(house, person),
    }  # fmt: skip


def _care(house: Gateway, person: str) -> list[Shape]:
    """Allergies and what is to be avoided: hosts see these first."""
    names = ("category", "value", "polarity")
    shown_ = house.views.preferences(person, every=False, over=False)
    return [{name: each[name] for name in names} for each in shown_ if each["polarity"] in ("allergy", "avoid")]


def drawn_shape(house: Gateway, drawn: Drawn) -> Shape:
    """A list as it would be drawn now."""

    def named(person: str, reasons: Sequence[str]) -> Shape:
        found = house.views.named(person)
        return {**{name: found[name] for name in ("customer", "name", "address_as")}, "reasons": list(reasons)}

    return {
        "chosen": [named(each.customer, [r for r in each.reasons if r]) for each in drawn.chosen],
        "others": [named(each.customer, [r for r in each.reasons if r]) for each in drawn.others],
        "for_owners": [named(each, ()) for each in drawn.for_owners],
    }
