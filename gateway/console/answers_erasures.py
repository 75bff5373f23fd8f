"""Answers about erasures."""

from __future__ import annotations

from typing import Literal

from gateway.events.data import Time
from gateway.events.sent import Sent


class ListEntry(Sent):
    """The line of the list of erasures on which the last of the destroyed keys stands."""

    n: int
    hash: str


class PlaceAnswer(Sent):
    """Where something of the erased may lie, and what became of it there.

    ``by`` is who of the staff had it from a partner in another way that it is done; null: the place has answered.
    """

    place: str
    kind: Literal["venue", "tablet", "backup", "list", "webhook", "partner", "club"]
    what: str | None
    told_at: Time | None
    done_at: Time | None
    by: str | None
    not_heard_since: Time | None


class KeptOn(Sent):
    """What is kept of an erased customer, and until which day."""

    what: str
    until: str


class ErasureProof(Sent):
    """Ed25519 over ``moments-erasure-1``, a line feed and the receipt without ``proof`` (JSON, members by name)."""

    house: str
    sig: str


class ErasureReceipt(Sent):
    """What was erased where; ``dark_at`` is when the last place answered, null until then."""

    erasure: str
    customer: str
    at: Time
    by: Literal["customer", "staff", "house"]
    because: Literal["asked", "no_consent", "restored"]
    entry: ListEntry | None
    places: list[PlaceAnswer]
    dark_at: Time | None
    kept: list[KeptOn]
    proof: ErasureProof


class ListsTaken(Sent):
    """How many people the lists brought that were not erased here yet, and whether a quarantine is over."""

    erased: int
    lifted: bool
