"""What may be sent of value, cost, causes and plans; anything else is refused by name."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, WithJsonSchema

from gateway.console.bodies import Body, CustomerId, EmptyIsNone, Line, Note, RecordId, StaffId, Word
from gateway.events.insight import Cause, Lever, Relation, Way

MOST = 500  # lines in one request
Day = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
Amount = Annotated[float | int, Field(ge=-1e12, le=1e12, allow_inf_nan=False)]
_Line = Annotated[Line | None, EmptyIsNone]
_Word = Annotated[Word | None, EmptyIsNone]


class NewEntry(Body):
    """One line of money: value that came in from a customer, or cost that was spent on them or on a gathering."""

    id: RecordId | None = None
    side: Literal["value", "cost"]
    customer: CustomerId | None = None
    gathering: _Word = None
    on: Day
    amount: Amount | None = None
    margin: Amount | None = None
    currency: Annotated[str | None, Field(max_length=8)] = None
    source: _Word = None
    reference: _Line = None
    way: Way | None = None
    minutes: Annotated[float | int | None, Field(gt=0, le=100_000, allow_inf_nan=False)] = None
    role: Literal["floor", "crew", "manager"] | None = None
    lever: Lever | None = None
    budget: _Word = None
    line: _Word = None
    reason: Annotated[Note | None, EmptyIsNone] = None
    expects: Annotated[Note | None, EmptyIsNone] = None
    approver: Annotated[StaffId | None, EmptyIsNone] = None
    touch: _Word = None


_Row = Annotated[Any, WithJsonSchema({"$ref": "#/components/schemas/NewEntry"})]
SeveralEntries = NewEntry | Annotated[list[_Row], Field(max_length=MOST)]
"""One line, or several: of a list each is taken or refused for itself."""


class Judgement(Body):
    """What came of it."""

    result: Literal["worked", "not", "unclear"]
    words: Annotated[str, Field(max_length=2000)] = ""


class Why(Body):
    """Why it is done."""

    reason: Annotated[str, Field(max_length=2000)] = ""


class NewBudget(Body):
    """What may be spent under one name, from a day on and until another."""

    amount: Amount
    currency: Annotated[str | None, Field(max_length=8)] = None
    begins: Day
    ends: Day


class TierSaid(Body):
    """The tier that a person decided, and why; ``run`` is what they had before them."""

    tier: Word
    reason: Annotated[str, Field(max_length=2000)] = ""
    run: _Word = None


class PotentialSaid(Body):
    """Why somebody will be worth more, and until when that is looked at again."""

    reason: Annotated[str, Field(max_length=2000)] = ""
    until: Day | None = None


class StandingSaid(Body):
    """Where somebody belongs; what is not known is left out."""

    sector: Annotated[str, Field(max_length=64)] = ""
    region: Annotated[str, Field(max_length=64)] = ""
    relation: Relation = "person"
    company: Annotated[str, Field(max_length=200)] = ""
    owes: Annotated[str, Field(max_length=500)] = ""


class MeasuresSaid(Body):
    """The two or three things by which a customer judges us, in their own words; none: nothing any more."""

    measures: Annotated[list[Annotated[str, Field(max_length=120)]], Field(max_length=3)]


class EvidenceSaid(Body):
    """Whether one of their measures was met today, and what was seen or heard of it."""

    measure: Annotated[str, Field(min_length=1, max_length=120)]
    met: bool
    words: Annotated[str, Field(max_length=500)] = ""


class NewList(Body):
    """What a list chooses by."""

    sector: _Word = None
    region: _Word = None
    relation: Relation | None = None


class LostSaid(Body):
    """Why a customer left, as they said or as somebody of the house knows."""

    cause: Cause
    words: Annotated[str, Field(max_length=2000)] = ""
    on: Day | None = None


class SuggestionAnswer(Body):
    """What came of a suggestion, or why it is not to be done."""

    why: Annotated[str, Field(max_length=500)] = ""


class SatisfactionSaid(Body):
    """What was expected and what was found, from 1 to 5, and what it is about."""

    layer: Literal["material", "spiritual", "social"]
    object: Literal["system", "enterprise", "product_service", "person"]
    expected: Annotated[int, Field(ge=1, le=5)]
    perceived: Annotated[int, Field(ge=1, le=5)]
    visit: _Word = None


class NewTie(Body):
    """Two who both agreed, and how they belong together."""

    a: CustomerId
    b: CustomerId
    kind: Literal["introduced", "family"]
    on: Day | None = None


class NewRun(Body):
    """Over which days: by default the year before today."""

    on: Day | None = None
    begins: Annotated[Day | None, Field(alias="from")] = None
    ends: Annotated[Day | None, Field(alias="until")] = None


class WhatIf(Body):
    """Who would meet, or who would be gone."""

    gathering: Annotated[list[CustomerId], Field(max_length=500)] | None = None
    without: CustomerId | None = None


class RunTold(Body):
    """What a run of this machine made."""

    run: Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}$")]
    on: Day
    begins: Day
    ends: Day
    position: Annotated[int, Field(ge=0, le=2**62)]
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    customers: Annotated[int, Field(ge=0, le=2**31)]
    parameters: dict[str, float | str | dict[str, float]]
