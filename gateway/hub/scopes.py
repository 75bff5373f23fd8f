"""Who may know of a customer, by what they agreed to: the venue, the house's brands, named partners."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, Literal

from gateway.consent.ledger import Entry, alive
from gateway.consent.told import entry_of, known_as

__all__ = [
    "AT_ONCE", "CONSENTS", "DECIDING", "HOUSES", "LOOKS", "MERGES", "NOBODY", "STAYS", "Scope", "Standing", "data_of",
    "entry_of", "goes_home", "known_as", "narrower", "standing", "tells",
]  # fmt: skip

HOUSES = "share_houses"
Scope = Literal["venue", "house"]

CONSENTS = frozenset({"consent.granted", "consent.revoked", "consent.refused"})
MERGES = frozenset({"customer.merged", "customer.unmerged"})
DECIDING = CONSENTS | MERGES | {"customer.enrolled"}
"""The types of events that say who may know: the hub opens these and no others."""
AT_ONCE = frozenset({"consent.revoked", "customer.erased", "staff.left"})
"""What a venue may send out of turn while a backlog goes."""
STAYS = frozenset({
    "visit", "alert", "card", "ask", "order", "places", "place", "menu", "round", "customers", "page", "staff", "shift",
    "session", "sign_in", "passkey", "glass", "token", "tablet", "reader", "plan", "walk", "areas", "rooms", "webhook",
    "retention", "limit", "clock", "records", "privacy", "quarantine", "keys", "epoch", "notice", "person", "erasure",
    "catalogue", "access", "expected", "lent",
})  # fmt: skip
"""First words of types that are about one house's day: they are kept, and lent to nobody."""


LOOKS = frozenset({"customer.viewed", "access.overridden", "card.shown"})
"""Who looked at somebody, for what: where they are lent, that is told to their own venue and to nobody else."""


@dataclass(slots=True, frozen=True)
class Standing:
    """Who may know: ``brands`` by whose word the customer may be lent, and until when (ms since 1970; None: no end)."""

    scope: Scope = "venue"
    brands: frozenset[str] = frozenset()
    until: int | None = None


NOBODY = Standing()


def tells(type_: str) -> bool:
    """Whether events of this type travel with a customer; a type that we do not know does."""
    return type_.partition(".")[0] not in STAYS and type_ not in {"customer.viewed", "customer.expected"}


def goes_home(type_: str, customer: str, venue: str) -> bool:
    """Whether an event of this type, written by ``venue``, is told to the venue whose customer it is about."""
    return type_ in LOOKS and customer.rpartition("@")[2] != venue


def standing(entries: Collection[Entry], brands: Collection[str], now: float) -> Standing:
    """Who may know by these acts, of a customer of these brands."""
    found: dict[str, float] = {}
    for brand in brands:
        living = alive(entries, HOUSES, now, brand=brand)
        if living:
            found[brand] = living[0].ends
    if not found:
        return NOBODY
    first = min(found.values())
    return Standing("house", frozenset(found), None if first == inf else int(first * 1000))


def narrower(one: Standing, other: Standing) -> Standing:
    """The less of two, as it is of two records that are one person."""
    brands = one.brands & other.brands
    if not brands:
        return NOBODY
    ends = [each for each in (one.until, other.until) if each is not None]
    return Standing("house", brands, min(ends, default=None))


def data_of(raw: bytes) -> Mapping[str, Any]:
    """The data of an event; empty where it is no JSON object."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
