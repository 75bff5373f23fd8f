"""What may be sent of gatherings, invitations and proofs of ownership; anything else is refused by name."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gateway.console.bodies import Body, CustomerId, EmptyIsNone, Line, Note, RecordId, StaffId, Time, Word
from gateway.console.bodies_insight import Day
from gateway.console.bodies_rounds import DishLabels
from gateway.events.gatherings import Kind, Proof

MOST_SEATS, MOST_COMPANIONS, MOST_ROWS = 2_000, 20, 20
Seats = Annotated[int, Field(ge=1, le=MOST_SEATS)]
Money = Annotated[float | int, Field(ge=0, le=1e9, allow_inf_nan=False)]
Cents = Annotated[int, Field(ge=0, le=10**12)]
Zones = Annotated[list[Word], Field(max_length=50)]
Hosts = Annotated[list[StaffId], Field(max_length=20)]


class ListRule(Body):
    """Who is invited: by what, at most how many, and the reason that they may be told.

    ``value`` goes by the tier ``category`` (any, where it is empty), ``interest`` by what they said they like,
    ``woken`` by who was not here for ``days``.
    """

    by: Literal["value", "interest", "relation", "woken", "membership"]
    most: Annotated[int | None, Field(ge=0, le=MOST_SEATS)] = None
    days: Annotated[int, Field(ge=1, le=3_650)] = 90
    category: Annotated[str, Field(max_length=100)] = ""
    reason: Line


class NewGathering(Body):
    """A gathering as it is planned."""

    id: RecordId | None = None
    kind: Kind
    title: DishLabels
    zones: Zones = Field(default_factory=list)
    begins: Annotated[Time, Field(alias="from")]
    ends: Annotated[Time, Field(alias="until")]
    seats: Seats
    hosts: Hosts = Field(default_factory=list)
    every: Literal["week", "month"] | None = None
    offer_hours: Annotated[int, Field(ge=1, le=168)] = 24
    budget_cents: Cents | None = None
    split: Annotated[Word | None, EmptyIsNone] = None
    lists: Annotated[list[ListRule], Field(max_length=MOST_ROWS)] = Field(default_factory=list)


class GatheringChange(Body):
    """What of it is otherwise."""

    title: DishLabels | None = None
    zones: Zones | None = None
    begins: Annotated[Time | None, Field(alias="from")] = None
    ends: Annotated[Time | None, Field(alias="until")] = None
    seats: Seats | None = None
    hosts: Hosts | None = None
    offer_hours: Annotated[int | None, Field(ge=1, le=168)] = None
    budget_cents: Cents | None = None
    lists: Annotated[list[ListRule] | None, Field(max_length=MOST_ROWS)] = None


class Naming(Body):
    """Whom an associate wants there, and why."""

    customer: CustomerId
    reason: Line


class Accepting(Body):
    """With how many they come."""

    companions: Annotated[int, Field(ge=0, le=MOST_COMPANIONS)] = 0


class PromisedThere(Body):
    """What was promised to somebody there, by whom it is kept and until when."""

    customer: CustomerId
    text: Note
    owner: Annotated[StaffId | None, EmptyIsNone] = None
    due: Time | None = None


class Reckoned(Body):
    """What it cost in all, what is to be remembered, and what was promised."""

    cost: Money = 0
    words: Annotated[str, Field(max_length=2000)] = ""
    promises: Annotated[list[PromisedThere], Field(max_length=200)] = Field(default_factory=list)


class ProofSeen(Body):
    """A document was seen that shows what the customer owns: by whom and when, and no copy and no number of it."""

    proof: Proof
    seen_by: StaffId | None = None
    seen_at: Day | None = None
    valid_until: Day | None = None


class NewIntroduction(Body):
    """Whom to ask, and what both said they like."""

    id: RecordId | None = None
    one: CustomerId
    other: CustomerId
    why: Line


class Answering(Body):
    """What one of the two said."""

    customer: CustomerId
    answer: Literal["yes", "no", "later"]
