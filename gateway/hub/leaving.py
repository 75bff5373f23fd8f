"""Somebody leaves the house: what was theirs goes to others at every venue, in one act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from gateway.events.event import HOUSE
from gateway.hub.own_rows import Own
from gateway.hub.people import Person
from gateway.hub.taking import LEFT

HANDED = "customer.handed_over"


class Hand(NamedTuple):
    """Who takes over: of one venue's customers somebody of their own, of all others the usual one."""

    default: str
    by_venue: Mapping[str, str]

    def over(self, customer: str) -> str:
        """Who takes over a customer, by the venue whose they are."""
        return self.by_venue.get(customer.rpartition("@")[2], self.default)


def held_by(staff: str, people: Sequence[Person], to: Hand) -> list[dict[str, Any]]:
    """What is theirs: customers they look after, promises and complaints that they own; each with who takes it."""
    found: list[dict[str, Any]] = []
    for each in people:
        about = {"customer": each.id, "name": each.folded.value("name"), "from": staff, "to": to.over(each.id)}
        for role in ("associate", "deputy"):
            if each.folded.value(role) == staff:
                found.append({**about, "what": role, "id": None})
        for id_, owing in sorted(each.folded.owed.items()):
            if owing.is_open and owing.facts.get("owner") == staff:
                found.append({**about, "what": str(owing.facts.get("kind")), "id": id_})
    return found


def rows(staff: str, handed: Sequence[Mapping[str, Any]], to: Hand, note: str) -> list[Own]:
    """What the hub writes: that they left, first of all, and one row for each thing that is handed over.

    Customers whom the hub may not know are handed over by their own venue, which reads ``hand_to``.
    """
    left = {"staff": staff, "hand_to": {"default": to.default, "by_venue": dict(to.by_venue)}, "note": note}
    found = [Own(LEFT, staff, left, HOUSE)]
    for each in handed:
        data = {key: each[key] for key in ("customer", "from", "to", "what", "id")}
        found.append(Own(HANDED, each["customer"], data, each["customer"]))
    return found
