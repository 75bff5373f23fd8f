"""What happens to gatherings: planned, opened, over and reckoned; who is invited, what they answered, who was there."""

from __future__ import annotations

from typing import Literal

from gateway.events.data import Data, Time

Kind = Literal["contest", "tasting", "course", "owners", "salon", "online"]
State = Literal["draft", "open", "closed", "under_way", "over", "reckoned", "cancelled"]
By = Literal["value", "interest", "relation", "woken", "membership", "named"]
Standing = Literal[
    "listed", "sent", "accepted", "waiting", "declined", "lapsed", "withdrawn", "attended", "not_seen"
]  # fmt: skip
Proof = Literal["invoice", "registration", "contract", "card"]


class ListRow(Data):
    """A rule of who is invited: by what, at most how many, and the reason that they may be told."""

    by: By
    most: int | None
    days: int
    category: str
    reason: str


class Reckoning(Data):
    """What a gathering came to: what it cost in all, in minor units, and what is to be remembered of it."""

    cost: int
    currency: str
    attended: int
    words: str
    by: str
    at: Time


class GatheringFacts(Data):
    """A gathering as it is from now on; nobody who is invited stands in it."""

    id: str
    kind: Kind
    title: dict[str, str]
    zones: list[str]
    begins: Time
    ends: Time
    seats: int
    hosts: list[str]
    every: Literal["week", "month"] | None
    offer_hours: int
    budget_cents: int | None
    split: str | None
    lists: list[ListRow]
    state: State
    reckoning: Reckoning | None
    by: str
    at: Time


class InvitationFacts(Data):
    """Somebody's invitation as it is from now on; ``drawn`` is where chance put them, which anybody can work out again.

    ``reasons`` are those that they may be told. Who is ``listed`` once a gathering is open was not drawn: they are what
    those who were invited are compared with.
    """

    id: str
    gathering: str
    customer: str
    standing: Standing
    companions: int
    reasons: list[str]
    drawn: str
    sent_at: Time | None
    answered_at: Time | None
    offered_until: Time | None
    came: Time | None
    went: Time | None
    by: str
    at: Time


class MembershipSeen(Data):
    """Somebody saw a document that shows that the customer owns something of this brand: no copy and no number."""

    customer: str
    brand: str
    proof: Proof
    seen_by: str
    seen_at: Time
    valid_until: str | None


class MembershipEnded(Data):
    """A proof counts no more."""

    customer: str
    brand: str


class IntroductionOpened(Data):
    """Two are to be asked, each by itself, whether they would like to meet somebody who shares ``why``."""

    id: str
    one: str
    other: str
    why: str
    opened_at: Time
    lapses_at: Time
    by: str


class IntroductionAnswered(Data):
    """What one of the two said; nothing of the other."""

    id: str
    customer: str
    answer: Literal["yes", "no", "later"]
    by: str
    at: Time


class IntroductionMade(Data):
    """Both have said yes: each is told of the other."""

    id: str
    at: Time


class IntroductionStopped(Data):
    """One of the two wants it to be no more, and nobody is told which: it is gone from both."""

    id: str
    at: Time
