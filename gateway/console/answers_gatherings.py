"""What is answered of gatherings, invitations and proofs of ownership."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gateway.events.data import Time
from gateway.events.gatherings import By, Kind, Proof, Standing, State
from gateway.events.sent import Localised, Sent


class GatheringRule(Sent):
    """A rule of the list."""

    by: By
    most: int | None
    days: int
    category: str
    reason: str


class GatheringReckoning(Sent):
    """What it came to, the cost in minor units."""

    cost: int
    currency: str
    attended: int
    words: str
    by: str
    at: Time


class GatheringCounts(Sent):
    """How many invitations stand how; of a draft nobody was chosen yet."""

    listed: int
    sent: int
    accepted: int
    waiting: int
    declined: int
    lapsed: int
    withdrawn: int
    attended: int
    not_seen: int


class GroupReturned(Sent):
    """How many of a group came again within 90 days, with a 95 % interval; null below 30."""

    group: Literal["attended", "invited", "not_drawn"]
    of: int
    returned: int | None
    low: float | None
    high: float | None


class Gathering(Sent):
    """A gathering with its numbers: seats ``free``, ``companions`` who come, guests ``here`` and ``to_come``."""

    id: str
    kind: Kind
    title: Localised
    venue: str
    zones: list[str]
    begins: Time = Field(alias="from")
    ends: Time = Field(alias="until")
    seats: int
    hosts: list[str]
    host_names: list[str | None]
    every: Literal["week", "month"] | None
    offer_hours: int
    budget_cents: int | None
    split: str | None
    lists: list[GatheringRule]
    state: State
    reckoning: GatheringReckoning | None
    counts: GatheringCounts
    here: int
    to_come: int
    companions: int
    free: int
    returns: list[GroupReturned] | None
    by: str
    at: Time


class Heeded(Sent):
    """What a host knows first: an allergy, or what is to be avoided."""

    category: str
    value: str
    polarity: str


class Invitation(Sent):
    """Somebody's invitation: why, what they answered, whether they are here. ``place_in_line``: of who waits."""

    id: str
    gathering: str
    customer: str
    name: str | None
    address_as: str | None
    language: str | None
    standing: Standing
    companions: int
    reasons: list[str]
    sent_at: Time | None
    answered_at: Time | None
    offered_until: Time | None
    place_in_line: int | None
    associate: str | None
    came: Time | None
    went: Time | None
    here: bool
    recognised: bool
    care: list[Heeded]


class Chosen(Sent):
    """Whom the rules would choose now, and why; nothing is sent by looking."""

    customer: str
    name: str | None
    address_as: str | None
    reasons: list[str]


class Drawn(Sent):
    """A list as it would be drawn now: chosen, not drawn, and for whom an owner of a complaint decides."""

    chosen: list[Chosen]
    others: list[Chosen]
    for_owners: list[Chosen]


class ProofKept(Sent):
    """A proof of ownership."""

    customer: str
    brand: str
    proof: Proof
    seen_by: str
    seen_at: Time
    valid_until: str | None
    live: bool


class Called(Sent):
    """How somebody is named on a screen."""

    customer: str
    name: str | None
    address_as: str | None


class Introduction(Sent):
    """As whoever opened it may know it: no answer of anybody."""

    id: str
    one: Called
    other: Called
    why: str
    opened_at: Time
    until: Time
    state: Literal["open", "made", "lapsed"]


class MayMeet(Sent):
    """Two who said that they like the same."""

    one: Called
    other: Called
    why: str


class Asked(Sent):
    """What a guest is asked: ``answered`` says whether they said something; ``with`` is null until both said yes."""

    id: str
    words: Localised
    asked_at: Time
    until: Time
    state: Literal["open", "made", "lapsed"]
    answered: bool
    answer: Literal["yes", "no", "later"] | None
    with_: Called | None = Field(alias="with")


class Noted(Sent):
    """That an answer was written down."""

    id: str
    noted: bool
    state: Literal["open", "made", "lapsed"]
