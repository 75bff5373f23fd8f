"""What happens to an alert, to a question, and to what is owed: each event holds the whole of it from then on."""

from __future__ import annotations

from typing import Any, Literal

from gateway.events.data import Data, Time


class WantedFacts(Data):
    """Whom an alert asks for: the customer's own people, their language, their zone, how urgent it is."""

    zone: str
    associate: str | None
    deputy: str | None
    language: str | None
    owner: str | None
    complaint: bool
    due: bool
    tier: int
    manager: bool


class AlertFacts(Data):
    """An alert as it is from now on; ``party`` are those who came together, ``asked`` who was asked so far."""

    alert: str
    kind: str
    visit: str
    customer: str
    wanted: WantedFacts
    opened_at: Time
    state: Literal["open", "claimed", "closed"]
    to: list[str]
    by: str | None
    claimed_at: Time | None
    closed_at: Time | None
    level: int
    outcome: Literal["greeted", "not_found", "declined", "left", "revoked", "wrong_person", "merged"] | None
    note: str | None
    asked: list[str]
    stage: Literal["hint", "card"]
    party: str | None
    about: dict[str, Any]
    rated: bool | None
    accept_by: Time | None
    handed_by: str | None
    handed_because: Literal["released", "handed_over", "shift_ended", "tablet_lost"] | None
    met_at: Time | None


class PassedOver(Data):
    """Somebody who works here and was not given the alert, and why."""

    staff: str
    why: Literal["off_shift", "no_tablet", "no_role", "asked_already", "has_a_card", "had_enough", "ranked_below"]


class Routing(Data):
    """Why an alert went to whom: the rule, who could have had it in order of rank, and who was passed over."""

    rule: Literal["first", "party", "next", "managers", "named", "again", "nobody"]
    candidates: list[str]
    passed_over: list[PassedOver]


class AlertGiven(AlertFacts):
    """An alert that went to somebody, or that nobody could be told of."""

    routing: Routing | None


class CardShown(Data):
    """A card stood on the screen of somebody it rang with, ``ms`` milliseconds after it came there."""

    alert: str
    visit: str
    staff: str
    ms: float


class AskFacts(Data):
    """A question put to a customer in a visit, as it is from now on; with ``item`` the answer is an order of a menu.

    ``despite`` are the facts that the order goes against and whoever took it knew of, ``warnings`` how; ``flagged`` are
    those that came later, and ``seen_by`` says who in the galley has seen them. ``takes`` and ``gives_back`` are the
    items of the menu of which there is one less, or one more, by this event.

    ``slip``: it is open once more, and nobody was asked again.
    """

    id: str
    visit: str
    customer: str
    question: str
    by: str
    at: Time
    state: Literal["open", "answered", "served"]
    count: int
    slip: bool
    answer: str | None
    answered_by: str | None
    answered_at: Time | None
    served_by: str | None
    served_at: Time | None
    round: str | None
    menu: str | None
    item: str | None
    labels: dict[str, str] | None
    without: list[str]
    despite: list[str]
    reason: Literal["guest_confirmed", "prepared_without", "other"] | None
    note: str | None
    warnings: list[dict[str, Any]]
    flagged: list[dict[str, Any]]
    seen_by: str | None
    seen_at: Time | None
    takes: str | None
    gives_back: str | None


class Money(Data):
    """An amount of money."""

    amount: float
    currency: str


class OwedFacts(Data):
    """A promise or a complaint as it is from now on."""

    id: str
    kind: Literal["promise", "complaint"]
    customer: str
    visit: str | None
    text: str
    owner: str
    by: str
    at: Time
    due: Time | None
    state: Literal["open", "closed"]
    closed_by: str | None
    closed_at: Time | None
    note: str | None
    recovery_cost: Money | None
    handed_from: str | None
    handed_because: Literal["shift_ended"] | None
