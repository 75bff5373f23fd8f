"""What HTTP answers about what customers felt and said, and what they were asked."""

from __future__ import annotations

from typing import Literal

from gateway.console.answers_suggestions import EffectOf
from gateway.console.answers_worth import Of
from gateway.events.data import Time
from gateway.events.sent import Sent

Layer = Literal["material", "spiritual", "social"]
Object = Literal["system", "enterprise", "product_service", "person"]


class ShareOf(Sent):
    """How many of how many; ``interval`` (the share and its 95 % bounds) is null where they are too few to say."""

    count: int
    of: int
    interval: list[float] | None


class TradeShare(ShareOf):
    """The same beside what the trade says."""

    trade: float | None


class Signs(Sent):
    """How many visits showed each sign of indifference."""

    not_greeted: int
    greeted_late: int
    asked_twice: int
    promise_broken: int
    complaint_late: int


class IndifferentWeek(ShareOf):
    """One week of one team; ``rank`` is shared by those that cannot be told apart."""

    week: str
    team: str
    rank: int | None
    signs: Signs


class IndifferenceOf(ShareOf):
    """Visits in which we showed that we did not care, and by week and team."""

    signs: Signs
    weeks: list[IndifferentWeek]


class CauseOf(TradeShare):
    """How many left for one cause."""

    cause: str
    voluntary: bool | None


class LostOf(Sent):
    """Who left, by cause as somebody told it; what nobody told stays unknown."""

    causes: list[CauseOf]
    voluntary: int
    involuntary: int
    unknown: int
    year: TradeShare


class LoyaltyOf(Sent):
    """Who is enrolled, and who of them comes in time or late."""

    enrolled: int
    active: ShareOf


class MouthOf(Sent):
    """How often it was said in the last 28 days and the 84 before, for 100 visits; in how many days it doubles."""

    now: int
    before: int
    per_100: float | None
    ratio: list[float] | None
    doubles: float | None


class WordOfMouth(Sent):
    """Praise and complaints."""

    praise: MouthOf
    complaints: MouthOf


class RecoveryOf(Sent):
    """Complaints, how soon they were settled, and what making good came to."""

    opened: int
    closed: int
    open: int
    median_hours: float | None
    in_a_day: ShareOf
    cost: float


class SatisfactionOf(Sent):
    """Perceived less expected, by layer and object, with 95 % bounds."""

    layer: Layer
    object: Object
    answers: int
    gap: list[float] | None


class BurdenOf(Sent):
    """What a visit asks of a customer, on average, with 95 % bounds."""

    visits: int
    minutes_waited: list[float] | None
    times_asked: list[float] | None
    times_repeated: list[float] | None


class HitsOf(Sent):
    """Likings acted on of those that applied, and visits with three of five."""

    preferences: ShareOf
    visits: ShareOf


class WalletOf(Sent):
    """Our share of what customers say they spend on the like in a year: the middle one, at least and at most."""

    customers: int
    low: float | None
    high: float | None


class CompletenessOf(Sent):
    """How much is known of customers, on average, of how many each of nine things, and what would go with a leaver."""

    customers: int
    mean: float | None
    known: dict[str, int]
    leaves: float


class FactorOf(Sent):
    """How much of the overall answer one question carries, with 95 % bounds, and Shapley's for check."""

    factor: str
    weight: float
    low: float
    high: float
    shapley: float


class SurveyOf(Sent):
    """The survey, weighed so that tiers count as in the house; ``effective`` is how many answers that is worth."""

    answers: int
    effective: float | None
    trimmed: int
    overall: list[float] | None
    factors: list[FactorOf]


class UnderWayOf(Sent):
    """Complaints that are open now, of everybody, beside how many look after customers just now.

    ``unattended``: their owner is off shift; ``each``: how many for a pair of hands, null without any.
    """

    complaints: int
    overdue: int
    unattended: int
    hands: int
    each: float | None


class VoicesPage(Of):
    """What customers felt and said."""

    indifference: IndifferenceOf
    lost: LostOf
    loyalty: LoyaltyOf
    word_of_mouth: WordOfMouth
    recovery: RecoveryOf
    under_way: UnderWayOf
    satisfaction: list[SatisfactionOf]
    burden: BurdenOf
    hits: HitsOf
    wallet: WalletOf
    completeness: CompletenessOf
    survey: SurveyOf
    effects: list[EffectOf]


class Satisfied(Sent):
    """One answer: what was expected and what was found, 1 to 5, and what it was about."""

    id: str
    customer: str
    on: str
    layer: Layer
    object: Object
    expected: int
    perceived: int
    visit: str | None
    by: str
    at: Time


class TieAnswer(Sent):
    """Two who both agreed belong together, or do no more since the day ``ended``."""

    id: str
    customer: str
    other: str
    kind: Literal["introduced", "family"]
    on: str
    ended: str | None


class MeasureEvidence(Sent):
    """How it stood with one of a customer's measures on a day."""

    id: str
    customer: str
    on: str
    measure: str
    met: bool
    words: str
    by: str
    at: Time


class Measure(Sent):
    """One thing by which a customer judges us, by whom it was noted on which day, and the last evidence for it."""

    measure: str
    on: str
    by: str
    evidence: MeasureEvidence | None
