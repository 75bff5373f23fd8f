"""What HTTP answers about what a run found."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gateway.console.answers_suggestions import EffectOf, SuggestionBrief, SuggestionOf, WordsOf
from gateway.events.data import Time
from gateway.events.sent import Sent

Stage = Literal["target", "potential", "opportunity", "user", "repeat", "dormant", "lost", "woken"]
Band = Literal["in time", "late", "long silent", "gone quiet"]


class RunBegun(Sent):
    """A run has begun."""

    run: str


class RunState(Sent):
    """How far a run is, and what it said where it failed."""

    run: str
    state: Literal["running", "done", "failed"]
    phase: str
    share: float
    words: str | None


class Computed(Sent):
    """A run is in the journal."""

    run: str


class Of(Sent):
    """Of which run an answer is: its days, when and up to where in the journal it was computed, in which order."""

    run: str
    on: str
    from_: Annotated[str, Field(alias="from")]
    until: str
    computed_at: Time
    position: int
    ordered_by: str
    currency: str
    names: dict[str, str]
    """What whoever is in it is called."""


class Range(Sent):
    """An amount, what it is at least and at most, and the entries whose margin is assumed."""

    amount: float
    low: float
    high: float
    assumed: list[str]


class ReasonOf(Sent):
    """Why a number is what it is, in words, with the day and the events that it rests on."""

    code: str
    words: WordsOf
    at: str | None
    events: list[str]


class ModelSays(Sent):
    """Of ten like this one so many come again."""

    of_ten: float
    low: float
    high: float
    cases: int


class WorthRow(Sent):
    """What one customer brought and cost."""

    customer: str
    revenue: float
    value: Range
    cost: float
    net: Range
    future: Range | None
    strategic: float
    stage: Stage
    seed: bool


class WorthTotal(Sent):
    """The sum of all rows, and of the others where they are shown."""

    value: Range
    cost: float
    net: Range


class OthersOf(Sent):
    """Who has agreed to nothing, as one line."""

    customers: int
    revenue: float
    value: Range
    cost: float
    net: Range


class Intervals(Sent):
    """95 % of both shares."""

    top20: list[float]
    bottom30: list[float]


class Shares(Sent):
    """How much the best 20 % and the least 30 % bring."""

    top20: float | None
    bottom30: float | None
    intervals: Intervals | None = None


class Spread(Shares):
    """The same, what the least 30 % take away, and the highest point of the running sum."""

    eats: float | None
    peak: float | None
    peak_customers: int


class LossMakers(Sent):
    """How many cost more than they bring, and how much."""

    count: int
    net: float


class WorthPage(Of):
    """What customers bring, the best first."""

    rows: list[WorthRow]
    total: WorthTotal
    others: OthersOf | None
    net: Spread
    revenue: Shares
    loss_makers: LossMakers
    curve: list[list[float]]
    after: str | None


class Sentence(Sent):
    """A page's figure: of ``worth`` loss makers and the share of the best 20 %, of ``risk`` who has gone silent, of
    ``spend`` costs without a reason, of ``network`` ties, of ``voices`` visits with indifference."""

    page: Literal["worth", "risk", "spend", "network", "voices"]
    count: int
    of: int | None
    share: float | None
    interval: list[float] | None
    amount: float | None
    people: list[str]
    """Whom it is about, at most twelve."""
    more: int
    """How many others it is about."""


class MorningPage(Of):
    """What a manager reads first."""

    sentences: list[Sentence]


class SuggestionsPage(Of):
    """What is suggested about whom, and what suggestions have done so far."""

    rows: list[SuggestionOf]
    effects: list[EffectOf]
    after: str | None


class RiskRow(Sent):
    """How silent one customer is by their own rhythm."""

    customer: str
    silent_days: int
    rhythm_days: float
    gaps: int
    ratio: float
    band: Band
    reasons: list[ReasonOf]
    model: ModelSays | None
    lever: str | None
    suggestion: SuggestionBrief | None


class Bands(Sent):
    """How many customers are of each band."""

    in_time: Annotated[int, Field(alias="in time")]
    late: int
    long_silent: Annotated[int, Field(alias="long silent")]
    gone_quiet: Annotated[int, Field(alias="gone quiet")]


class RiskPage(Of):
    """Who has gone silent, the longest first."""

    rows: list[RiskRow]
    counts: Bands
    after: str | None


class TransitionOf(Sent):
    """One change of stage, its day, why, and the event behind it."""

    stage: Stage
    at: str | None
    because: str
    event: str | None
    cause: str | None = None


class StageRow(Sent):
    """Where one customer stands since when, and how they came there."""

    customer: str
    stage: Stage
    since: str | None
    transitions: list[TransitionOf]


class StageCounts(Sent):
    """How many customers stand where."""

    target: int
    potential: int
    opportunity: int
    user: int
    repeat: int
    dormant: int
    lost: int
    woken: int


class CohortOf(Sent):
    """Who came first in a month, and how many of them were active in each month since."""

    month: str
    customers: int
    active: list[int]
    shares: list[float] | None


class StagesPage(Of):
    """Where everybody stands."""

    rows: list[StageRow]
    counts: StageCounts
    cohorts: list[CohortOf]
    after: str | None


class TieOf(Sent):
    """Two who both agreed, how strong that is and why."""

    a: str
    b: str
    theta: float
    because: list[ReasonOf]


class StandingOf(Sent):
    """How sticky somebody is by themselves and with others, and what others would lose with them."""

    own: float
    stickiness: float
    influence: float
    influence_money: float


class NetworkRow(StandingOf):
    """The same of one customer."""

    customer: str


class NetworkPage(Of):
    """Who knows whom by their own word."""

    ties: list[TieOf]
    rows: list[NetworkRow]
    after: str | None


class Compared(Sent):
    """How sticky somebody is, and would be."""

    customer: str
    before: float
    after: float


class WhatIfAnswer(Of):
    """What would be; it is kept nowhere."""

    rows: list[Compared]


class CostOf(Sent):
    """One cost: on whom, why, how, what, approved by whom, and with what result."""

    id: str
    on: str
    customer: str | None
    gathering: str | None
    reason: str | None
    has_reason: bool
    way: str
    lever: str
    amount: float
    expects: str | None
    approver: str | None
    budget: str | None
    result: str | None
    parts: dict[str, float]


class Portion(Sent):
    """An amount and its share of the whole."""

    amount: float
    share: float | None


class Grouped(Sent):
    """What was spent under one key."""

    key: str
    entries: int
    amount: float
    share: float | None


class NoReason(Sent):
    """What was spent without a reason."""

    entries: int
    amount: float
    share: float | None


class BudgetLeftOf(Sent):
    """What was spent under a budget, what is left, and on which day that is gone at the pace of late."""

    budget: str
    spent: float
    amount: float | None
    left: float | None
    runs_out: str | None


class SpendPage(Of):
    """Where the money went; what has no reason first."""

    total: float
    by_lever: dict[str, Portion]
    rows: list[CostOf]
    by: str
    groups: list[Grouped]
    no_reason: NoReason
    only_money: list[str]
    budgets: list[BudgetLeftOf]
    after: str | None


class PersonInsight(Of):
    """All that is worked out about one person, with what it rests on."""

    customer: str
    worth: WorthRow
    risk: RiskRow | None
    stage: StageRow | None
    network: StandingOf
    ties: list[TieOf]
    costs: list[CostOf]
    entries: list[str]
    suggestions: list[SuggestionOf]
    contact_days: list[str]
