"""What is told of value and cost, and of customers' days, plans and opinions."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import StringConstraints

from gateway.events.data import Data, Time

Day = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9][0-9]-[0-9][0-9]$")]
"""A day of the venue's calendar."""
Way = Literal[
    "gift", "service_time", "event", "travel", "perk", "discount", "points", "recovery", "set_up", "other"
]  # fmt: skip
Lever = Literal["procedural", "relational", "financial", "none"]
Cause = Literal[
    "death", "moved", "taste", "friend", "better", "product", "indifference", "price", "repositioned", "discontinued",
    "our_terms", "our_threshold", "complaint_unsettled", "other",
]  # fmt: skip

Act = Literal[
    "complaint", "promise", "wake", "own_associate", "seed", "tie_gone_quiet", "thin_file", "knowledge"
]  # fmt: skip
"""What may be suggested, in the order in which it is looked for."""


Relation = Literal["person", "company", "partner", "shareholder"]
"""For whom somebody comes: for themselves, for a company behind them, as a strategic partner, as a shareholder."""


class Reversal(Data):
    """That an entry counts on no date: since when it is known, why, and by whom."""

    id: str
    reason: str
    by: str
    at: Time


class Result(Data):
    """What came of it, as somebody judged it."""

    result: Literal["worked", "not", "unclear"]
    words: str
    by: str
    at: Time


class Entry(Data):
    """One line of money: value that came in, or cost that was spent; ``amount`` and ``margin`` in minor units.

    A cost of time has ``minutes`` and the ``role`` of whose they were.
    """

    id: str
    side: Literal["value", "cost"]
    customer: str | None
    gathering: str | None
    on: Day
    amount: int | None
    margin: int | None
    currency: str
    digits: int
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
    reversed: Reversal | None
    result: Result | None


class EntryFacts(Data):
    """An entry of a customer as it is from now on."""

    customer: str
    entry: Entry


class EntryShared(Data):
    """An entry of a gathering as it is from now on: whoever attended carries a part of it."""

    entry: Entry


class BudgetSet(Data):
    """What may be spent under one name, from a day on and until another, in minor units."""

    budget: str
    amount: int
    currency: str
    begins: Day
    ends: Day
    by: str


class Told(Data):
    """What all that is told of a customer has: the day that it is about, and who told it, or which line of a file."""

    id: str
    customer: str
    on: Day
    source: str | None
    reference: str | None
    by: str
    at: Time


class VisitImported(Told):
    """A visit of before, from another system: a day on which the customer was here, which no card tells of."""

    venue: str | None
    until: Day | None


class GatheringAttended(Told):
    """The customer was at a gathering."""

    gathering: str


class CustomerLost(Told):
    """Why a customer left, as they said or as somebody of the house knows."""

    cause: Cause
    words: str


class WalletStated(Told):
    """What the customer spends on the like in a year anywhere, as they said, in minor units."""

    low: int
    high: int


class SurveyAnswered(Told):
    """What a key customer answered: overall, and each factor by its name."""

    overall: float | None
    factors: dict[str, float]


class SatisfactionAnswered(Told):
    """One question: what was expected, what was perceived (1 to 5), and what it was about."""

    layer: Literal["material", "spiritual", "social"]
    object: Literal["system", "enterprise", "product_service", "person"]
    expected: int
    perceived: int
    visit: str | None


class PotentialNoted(Told):
    """Somebody says that the customer will be worth more, why, and until when that is looked at again."""

    reason: str
    until: Day | None


class StandingNoted(Told):
    """Where somebody belongs: their line, where they live, for whom they come, and what they still owe us, in words.

    ``company`` is what the company behind them is called; "" says that something is not known.
    """

    sector: str
    region: str
    relation: Relation
    company: str
    owes: str


class MeasuresNoted(Told):
    """What the customer judges us by, in their own words, in place of what they said before; none: nothing any more."""

    measures: list[str]


class EvidenceNoted(Told):
    """How it stood with one of their measures on a day: whether it was met, and what was seen or heard of it."""

    measure: str
    met: bool
    words: str


class TierDecided(Told):
    """A person decided the tier, and why; ``run`` and ``shown`` are what they saw of it."""

    tier: str
    was: str
    reason: str
    run: str | None
    shown: dict[str, Any] | None


class TieRecorded(Told):
    """Two who both agreed belong together: they were introduced, or are a family."""

    other: str
    kind: Literal["introduced", "family"]


class TieEnded(Told):
    """The two belong together no more."""

    other: str


class SuggestionDrawn(Told):
    """One thing to do for a customer was found, and chance has said whether it is shown, before anybody saw it.

    ``ground`` is the id of what it rests on, ``to`` who is to do it; the figures are those of the run.
    """

    act: Act
    quarter: str
    duty: bool
    held: bool
    run: str
    ground: str
    to: str | None
    silent_days: int | None
    usual_days: int | None
    last: Day | None


class SuggestionShown(Told):
    """A suggestion was shown for the first time: on a card, or on a list."""

    suggestion: str
    where: Literal["card", "list"]


class SuggestionEnded(Told):
    """A suggestion was done, or is not to be done: what came of it, or why not."""

    suggestion: str
    why: str
    done: bool


class InsightComputed(Data):
    """A run was finished: over which days, up to where in the journal, and the digest of all that it found."""

    run: str
    on: Day
    begins: Day
    ends: Day
    position: int
    digest: str
    customers: int
    parameters: dict[str, Any]


class ListKept(Data):
    """A choice of the customer ledger that is kept under a name, for everybody who leads; None: not chosen by that."""

    list: str
    sector: str | None
    region: str | None
    relation: Relation | None
    by: str


class ListDropped(Data):
    """The choice of this name is kept no more."""

    list: str
    by: str
