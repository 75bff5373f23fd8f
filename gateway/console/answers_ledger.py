"""What HTTP answers about the customer ledger."""

from __future__ import annotations

from typing import Literal

from gateway.console.answers_worth import Of
from gateway.events.data import Time
from gateway.events.insight import Relation
from gateway.events.sent import Sent


class Bought(Sent):
    """What came in on a day; ``line`` is the line of goods."""

    on: str
    amount: float
    line: str | None


class StillOwed(Sent):
    """A promise or a complaint that is open: what we owe them."""

    id: str
    kind: Literal["promise", "complaint"]
    text: str
    due: Time | None


class Belongs(Sent):
    """Where somebody belongs, and what they owe us; "" is what is not known."""

    customer: str
    sector: str
    region: str
    relation: Relation
    company: str
    owes: str


class LedgerRow(Belongs):
    """Where somebody belongs, how often they bought and the last of it, and what is owed either way."""

    purchases: int
    bought: list[Bought]
    owed: list[StillOwed]


class LedgerCounts(Sent):
    """How many of those chosen are of each kind; "" is what is not known."""

    sector: dict[str, int]
    region: dict[str, int]
    relation: dict[str, int]


class LedgerChoices(Sent):
    """By what one may choose."""

    sector: list[str]
    region: list[str]
    relation: list[Relation]
    company: list[str]


class Company(Sent):
    """A company and who comes for it."""

    company: str
    people: list[str]


class ListOf(Sent):
    """A choice under a name."""

    list: str
    sector: str | None
    region: str | None
    relation: Relation | None


class KeptList(ListOf):
    """A choice under a name, and who keeps it."""

    by: str


class LedgerPage(Of):
    """The customer ledger: ``count`` of ``of`` chosen, by name; ``others`` have not agreed, or came since the run."""

    count: int
    of: int
    others: int
    by: LedgerCounts
    choices: LedgerChoices
    companies: list[Company]
    lists: list[ListOf]
    rows: list[LedgerRow]
    after: str | None


class Standing(Belongs):
    """Where somebody belongs from now on."""

    id: str
    by: str
    at: Time
