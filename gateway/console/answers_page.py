"""What the gateway answers a customer on their own page, and staff about it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from gateway.console.answers_suggestions import WordsOf
from gateway.events.data import Time
from gateway.events.sent import Sent

Digits = Literal["none", "chosen", "locked"]


class PageLink(Sent):
    """A new link to a customer's own page, and a picture of it; it stands nowhere else."""

    customer: str
    link: str
    picture: str
    digits: Digits


class OwnConsent(Sent):
    """What the customer agrees to for one purpose, and one partner; ``until`` is the last day, null where none is.

    ``brand`` is null in a house of one brand.
    """

    purpose: str
    brand: str | None
    partner: str | None
    partner_name: dict[str, str] | None
    labels: dict[str, str]
    data: list[str]
    state: Literal["given", "refused", "ended", "expired", "never"]
    since: Time | None
    until: str | None


class OwnController(Sent):
    """Who answers for the data, and how they are reached."""

    name: str
    address: str
    contact: str


class OwnReceipt(Sent):
    """A receipt that the customer was given."""

    id: str
    at: Time


class OwnPage(Sent):
    """What the link alone shows: nothing that names anybody."""

    venue: dict[str, str]
    house: str
    timezone: str
    language: str | None
    at: Time
    linked_at: Time | None
    digits: Digits
    controller: OwnController | None
    consents: list[OwnConsent]
    receipts: list[OwnReceipt]
    operator: str | None
    """The beginning of the operator's key, to be compared with the sign at the door."""
    wishes: list[str]


class OwnPerson(Sent):
    """What is known of the customer's person; ``meets`` is how many people they agreed to meet."""

    id: str
    name: str
    address_as: str | None
    language: str | None
    tier: str | None
    birthday: str | None
    associate: str | None
    deputy: str | None
    meets: int


class OwnFact(Sent):
    """A fact, who said so (null: the customer), how it is known, whether it holds, and how often it was told."""

    id: str
    category: str
    value: str
    code: str | None
    polarity: str
    basis: str
    scope: str
    at: Time
    state: str
    by: str | None
    told: int


class OwnThing(Sent):
    """A tag or phone that the customer carries."""

    scheme: str
    label: str


class OwnLook(Sent):
    """Who looked (null: the customer), when, at what, and the reason where one was given."""

    at: Time
    by: str | None
    house: str
    what: str | None
    reason: str | None


class OwnRecipient(Sent):
    """Another program or company that has what is known of the customer: which kinds of event, and which members.

    ``waits_since``: something is on its way to a partner since then, and it has not answered.
    """

    recipient: str
    kind: Literal["webhook", "program", "partner"]
    first: Time
    last: Time
    times: int
    types: list[str]
    members: list[str]
    waits_since: Time | None


class OwnHouse(Sent):
    """Another house that has written something of the customer, or looked at them: how much, and when last."""

    house: str
    rows: int
    last: Time


class OwnLending(Sent):
    """What other houses of the operator may know, by way of its ``hub``.

    ``ending``: it was stopped, and the hub has not yet answered that it has the stop.
    """

    state: Literal["known", "ending", "over"]
    hub: str | None
    houses: list[OwnHouse]


class Answered(Sent):
    """A recipient of what was wrong; when it acknowledged the correction, null: it has not yet."""

    recipient: str
    kind: Literal["webhook", "program", "partner"]
    answered_at: Time | None


class OwnCorrection(Sent):
    """What the customer put right; ``now`` is null where a fact was only taken back."""

    id: str
    at: Time
    was: list[str]
    now: str | None
    recipients: list[Answered]


class OwnCard(Sent):
    """A card that was shown about the customer: its kind, where, to whom, and what kind of evidence it rests on."""

    at: Time
    kind: str
    zone: str | None
    to: list[str | None]
    evidence: str | None


class OwnSuggestion(Sent):
    """What a card would suggest now, and what it rests on."""

    kind: str
    value: str | None
    basis: str | None
    at: Time | None
    code: str | None
    fact: str | None


class OwnSuggested(Sent):
    """What was suggested about the customer, why in their words, since when somebody saw it, and what became of it."""

    on: str
    why: WordsOf
    held: bool
    shown_at: Time | None
    state: Literal["open", "done", "dismissed"]


class OwnRecord(Sent):
    """Everything that is known of a customer; ``rows`` is what each table of the records holds of them."""

    person: OwnPerson
    facts: list[OwnFact]
    carries: list[OwnThing]
    looks: list[OwnLook]
    received: list[OwnRecipient]
    lending: OwnLending | None
    cards: list[OwnCard]
    suggestion: OwnSuggestion
    suggested: list[OwnSuggested]
    corrections: list[OwnCorrection]
    rows: dict[str, list[dict[str, Any]]]


class OwnKey(Sent):
    """What opens the whole page until it is unused for ``seconds``."""

    key: str
    seconds: int


class PersonBrought(Sent):
    """What a file of one person brought, or would bring: rows by table, consents that count here, and the purposes of
    those that no receipt bears out. ``house`` is where it comes from.
    """

    customer: str
    house: str
    rows: dict[str, int]
    consents: int
    left_out: list[str]
    recorded: bool


class OwnErasure(Sent):
    """The number of the receipt that says place by place when nothing of the customer is left there."""

    erasure: str


class OwnInvitation(Sent):
    """An invitation, as its guest may know it; ``place_in_line`` of who waits, ``until`` of a seat that is offered."""

    id: str
    title: dict[str, str]
    kind: str
    begins: Time = Field(alias="from")
    ends: Time = Field(alias="until")
    standing: Literal["sent", "accepted", "waiting", "declined", "withdrawn", "lapsed", "attended", "not_seen"]
    companions: int
    reasons: list[str]
    place_in_line: int | None
    offered_until: Time | None
    open: bool


class OwnQuestion(Sent):
    """What the guest is asked, in words that name nobody; ``answer`` is theirs alone."""

    id: str
    words: dict[str, str]
    until: Time
    state: Literal["open", "made"]
    answer: Literal["yes", "no", "later"] | None


class OwnLot(Sent):
    """Points of one earning, at which partner of the club: what was given, what of it is left, its last day."""

    partner: str
    name: dict[str, str]
    given: int
    left: int
    held: int
    on: str
    last_day: str | None


class OwnPoints(Sent):
    """The guest's points in the club; ``shown`` where its books answer, ``away`` where they do not just now."""

    state: Literal["shown", "away", "off"]
    club: dict[str, str] | None
    points: int | None
    held: int | None
    owed: int | None
    as_of: Time | None
    lots: list[OwnLot]


class OwnClub(Sent):
    """What a club holds for its guest, on their own page: invitations, a question, points."""

    invitations: list[OwnInvitation]
    questions: list[OwnQuestion]
    points: OwnPoints


class OwnCode(Sent):
    """Digits for a till, good once and for so many seconds."""

    code: str
    expires_in: int
