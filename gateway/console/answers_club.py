"""What a hub answers of the club's books, as a gateway passes it on."""

from __future__ import annotations

from typing import Literal

from gateway.events.data import Time
from gateway.events.sent import Localised, Sent


class ClubBooked(Sent):
    """What one request came to: what there is to say of its kind, and nothing else."""

    id: str
    position: int
    kind: str
    replayed: bool | None = None
    points: int | None = None
    value_cents: int | None = None
    amount_cents: int | None = None
    owed: int | None = None
    reserved: int | None = None
    released: int | None = None
    shortfall: int | None = None
    expires: Time | None = None


class ClubOutcome(ClubBooked):
    """One of several: booked, or refused with the members of a problem."""

    id: str | None = None  # type: ignore[assignment]
    position: int | None = None  # type: ignore[assignment]
    kind: str | None = None  # type: ignore[assignment]
    type: str | None = None
    title: str | None = None
    status: int | None = None
    detail: str | None = None
    words: Localised | None = None
    available: int | None = None
    missing: int | None = None
    most_cents: int | None = None
    most_points: int | None = None
    min_points: int | None = None
    step: int | None = None
    ways: list[str] | None = None
    why: str | None = None


class ClubSeveral(Sent):
    """What several requests came to, in their order."""

    transfers: list[ClubOutcome]


class ClubEntry(Sent):
    """An amount from one account to another; ``follows``: the points entry whose money it is."""

    debit: str
    credit: str
    amount: int
    unit: str
    follows: int | None


class ClubBody(Sent):
    """A request as it was sent."""

    id: str
    kind: str
    at: str | None = None
    by: str | None = None
    member: str | None = None
    partner: str | None = None
    venue: str | None = None
    sale: str | None = None
    of: str | None = None
    amount_cents: int | None = None
    category: str | None = None
    offline: bool | None = None
    points: int | None = None
    reason: str | None = None
    sale_cents: int | None = None
    minutes: int | None = None
    allowance: bool | None = None
    confirmed: str | None = None


class ClubTransfer(Sent):
    """What was booked by one request."""

    id: str
    position: int
    kind: str
    at: Time
    body: ClubBody
    answer: ClubBooked
    entries: list[ClubEntry]
    hash: str


class ClubEnding(Sent):
    """Points that end at a time."""

    points: int
    at: Time


class ClubMember(Sent):
    """What a member number has; ``points`` may be negative, and ``reserved`` is not in it."""

    member: str
    points: int
    reserved: int
    owed: int
    expiring: list[ClubEnding]


class PointsEnding(Sent):
    """Points that end with a day."""

    points: int
    day: str


class PointsLine(Sent):
    """A guest's points: ``shown``; ``away``: the hub has not said them; ``off``: not agreed, or no club.

    ``as_of`` is set where the hub is away: it said this then.
    """

    customer: str
    state: Literal["shown", "away", "off"]
    member: str | None
    club: Localised | None
    points: int | None
    reserved: int | None
    owed: int | None
    ending: PointsEnding | None
    as_of: Time | None


class PaymentNumber(Sent):
    """The member number behind a code, and the club's name."""

    member: str
    club: str
    name: Localised
