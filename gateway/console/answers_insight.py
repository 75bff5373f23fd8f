"""What HTTP answers about value and cost, causes and plans."""

from __future__ import annotations

from typing import Literal

from pydantic import RootModel

from gateway.events.data import Time
from gateway.events.insight import Lever, Way
from gateway.events.sent import Sent


class Reversed(Sent):
    """That an entry counts on no date: why, and by whom."""

    id: str
    reason: str
    by: str
    at: Time


class Judged(Sent):
    """What came of it."""

    result: Literal["worked", "not", "unclear"]
    words: str
    by: str
    at: Time


class Entry(Sent):
    """One line of money, in the currency's own unit."""

    id: str
    side: Literal["value", "cost"]
    customer: str | None
    gathering: str | None
    on: str
    amount: float | None
    margin: float | None
    currency: str
    source: str | None
    reference: str | None
    way: Way | None
    minutes: float | None
    role: Literal["floor", "crew", "manager"] | None
    lever: Lever | None
    budget: str | None
    line: str | None
    reason: str | None
    expects: str | None
    approver: str | None
    touch: str | None
    by: str
    at: Time
    reversed: Reversed | None
    result: Judged | None


class EntryAnswer(Sent):
    """What became of one line, counted from 1: its ``status``, and why where it was refused."""

    row: int
    status: int
    detail: str | None
    type: str | None
    entry: Entry | None


class Usual(Sent):
    """How, how much and why something is given often."""

    way: Way
    amount: float
    reason: str
    times: int
    currency: str


class Budget(Sent):
    """What may be spent under one name."""

    budget: str
    amount: float
    currency: str
    begins: str
    ends: str
    by: str


class Decided(Sent):
    """The tier that a person decided, and why."""

    id: str
    customer: str
    tier: str
    was: str
    reason: str
    run: str | None
    by: str
    at: Time


class Potential(Sent):
    """Why somebody will be worth more."""

    id: str
    customer: str
    reason: str
    until: str | None
    by: str
    at: Time


class Lost(Sent):
    """Why a customer left."""

    id: str
    customer: str
    on: str
    cause: str
    words: str
    by: str
    at: Time


class SeveralAnswers(RootModel[Entry | list[EntryAnswer]]):
    """The line that was there already, or of several lines an answer for each."""
