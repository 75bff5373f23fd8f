"""What customers feel: indifference, satisfaction, burden, preferences met, what they say to others and to us."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from gateway.insight.curves import Z95
from gateway.insight.shares import FEW, Interval, Share, mean, ranks, rate_ratio, share

SLOW = 15.0
"""Seconds after which a greeting is late."""
SIGNS = ("not_greeted", "greeted_late", "asked_twice", "promise_broken", "complaint_late")


@dataclass(frozen=True, slots=True)
class Seen:
    """One visit, by what shows whether we cared."""

    venue: str
    team: str
    on: date
    greeted_after: float | None
    """Seconds; None where nobody greeted them."""
    asked_twice: bool = False
    promise_broken: bool = False
    """Or kept late."""
    complaint_late: bool = False
    minutes_waited: float | None = None
    times_asked: int = 0
    times_repeated: int = 0
    applicable: int = 0
    """How many preferences could have been acted on."""
    acted_on: int = 0

    def signs(self) -> tuple[bool, ...]:
        """Which of ``SIGNS`` it shows."""
        late = self.greeted_after is not None and self.greeted_after > SLOW
        return (self.greeted_after is None, late, self.asked_twice, self.promise_broken, self.complaint_late)


@dataclass(frozen=True, slots=True)
class Indifference:
    """One venue's team in one week: visits at which we showed that we did not care."""

    venue: str
    team: str
    week: str
    index: Share
    signs: tuple[int, ...]
    """How many visits showed each of ``SIGNS``."""
    rank: int | None
    """Among the teams of that week, the lowest index first; those that cannot be told apart have one."""


def indifference(visits: Iterable[Seen]) -> list[Indifference]:
    """The index by week, venue and team."""
    groups: dict[tuple[str, str, str], list[Seen]] = {}
    for visit in visits:
        year, number, _ = visit.on.isocalendar()
        groups.setdefault((f"{year:04}-W{number:02}", visit.venue, visit.team), []).append(visit)
    rows = {key: _index(of) for key, of in sorted(groups.items())}
    placed: dict[tuple[str, str, str], int] = {}
    for week in {key[0] for key in rows}:
        of_week = [(key, row[0].interval) for key, row in rows.items() if key[0] == week]
        known = [(key, interval) for key, interval in of_week if interval is not None]
        turned = [Interval(-each.value, -each.high, -each.low) for _, each in known]
        placed |= dict(zip((key for key, _ in known), ranks(turned), strict=True))
    return [
        Indifference(venue, team, week, index, signs, placed.get((week, venue, team)))
        for (week, venue, team), (index, signs) in rows.items()
    ]


def _index(visits: Sequence[Seen]) -> tuple[Share, tuple[int, ...]]:
    shown = [visit.signs() for visit in visits]
    counts = tuple(sum(column) for column in zip(*shown, strict=True))
    return share(sum(any(each) for each in shown), len(visits)), counts


@dataclass(frozen=True, slots=True)
class Burden:
    """What a visit asks of a customer, on average."""

    visits: int
    minutes_waited: Interval | None
    times_asked: Interval | None
    times_repeated: Interval | None


def burden(visits: Sequence[Seen]) -> Burden:
    """Minutes waited, times asked and times repeated a visit; None of fewer than 30 visits."""

    def of(values: Sequence[float]) -> Interval | None:
        return mean(values) if len(values) >= FEW else None

    waited = [each.minutes_waited for each in visits if each.minutes_waited is not None]
    return Burden(
        len(visits),
        of(waited),
        of([each.times_asked for each in visits]),
        of([each.times_repeated for each in visits]),
    )


@dataclass(frozen=True, slots=True)
class Hits:
    """Preferences acted on, of those that applied; and visits with three of five or more."""

    preferences: Share
    visits: Share


def hits(visits: Iterable[Seen]) -> Hits:
    """Only visits at which a preference applied are counted."""
    of = [each for each in visits if each.applicable]
    enough = sum(5 * each.acted_on >= 3 * each.applicable for each in of)
    return Hits(share(sum(each.acted_on for each in of), sum(each.applicable for each in of)), share(enough, len(of)))


Layer = Literal["material", "spiritual", "social"]
Object = Literal["system", "enterprise", "product_service", "person"]
LAYERS: tuple[Layer, ...] = ("material", "spiritual", "social")
OBJECTS: tuple[Object, ...] = ("system", "enterprise", "product_service", "person")
AGAIN_AFTER = 30  # days before the same question may be asked again


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody expected and found, 1 to 5 each."""

    layer: Layer
    of: Object
    expected: int
    perceived: int


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """Perceived less expected; None where too few answered."""

    layer: Layer
    of: Object
    answers: int
    gap: Interval | None


def satisfaction(answers: Iterable[Answer]) -> list[Satisfaction]:
    """Every layer by every object."""
    found: dict[tuple[Layer, Object], list[float]] = {(layer, of): [] for layer in LAYERS for of in OBJECTS}
    for each in answers:
        found[each.layer, each.of].append(each.perceived - each.expected)
    return [
        Satisfaction(layer, of, len(gaps), mean(gaps) if len(gaps) >= FEW else None)
        for (layer, of), gaps in found.items()
    ]


def may_be_asked(last: date | None, on: date) -> bool:
    """Whether the same question may be put to somebody again."""
    return last is None or (on - last).days >= AGAIN_AFTER


@dataclass(frozen=True, slots=True)
class Said:
    """How often people praise us, or complain: per 100 visits, now beside before, and how fast it doubles."""

    now: int
    before: int
    per_100: float | None
    """In the last 28 days; None below 30 visits."""
    ratio: Interval | None
    doubles_every: float | None
    """Days; negative where it halves; None where the trend may be none."""


NOW, BEFORE, WEEKS = 28, 84, 12


def word_of_mouth(said: Iterable[date], visits: Iterable[date], on: date) -> Said:
    """Of the days on which something was said, and those of all visits, before ``on``."""
    ages = [(on - each).days for each in said if each < on]
    came = [(on - each).days for each in visits if each < on]
    now, before = _between(ages, 0, NOW), _between(ages, NOW, NOW + BEFORE)
    now_visits, before_visits = _between(came, 0, NOW), _between(came, NOW, NOW + BEFORE)
    enough = now_visits >= FEW and before_visits >= FEW
    weekly = [_between(ages, 7 * back, 7 * (back + 1)) for back in reversed(range(WEEKS))]
    return Said(
        now,
        before,
        100 * now / now_visits if now_visits >= FEW else None,
        rate_ratio(now, now_visits, before, before_visits) if enough else None,
        doubling(weekly),
    )


def doubling(weekly: Sequence[int]) -> float | None:
    """In how many days a weekly count doubles (negative: halves); None where 95 % of its slope hold 0."""
    fitted = poisson_slope(weekly)
    if fitted is None or not fitted.leaves_out(0.0):
        return None
    return math.log(2) / (fitted.value / 7.0)


def poisson_slope(counts: Sequence[int]) -> Interval | None:
    """The slope a step of ln μ = a + b·step with its 95 % interval; None where there is nothing to fit."""
    number = len(counts)
    if number < 3 or sum(each > 0 for each in counts) < 2:
        return None
    steps = [each - (number - 1) / 2 for each in range(number)]
    a, b = math.log(sum(counts) / number), 0.0
    for _ in range(100):
        rates = [math.exp(a + b * step) for step in steps]
        to_a = sum(counts) - math.fsum(rates)
        to_b = math.fsum((count - rate) * step for count, rate, step in zip(counts, rates, steps, strict=True))
        aa, ab = math.fsum(rates), math.fsum(map(float.__mul__, rates, steps))
        bb = math.fsum(rate * step * step for rate, step in zip(rates, steps, strict=True))
        below = aa * bb - ab * ab
        if below <= 0:
            return None
        move_a, move_b = (bb * to_a - ab * to_b) / below, (aa * to_b - ab * to_a) / below
        largest = max(abs(move_a), abs(move_b))
        scale = min(1.0, 1.0 / largest) if largest else 1.0
        a, b = a + move_a * scale, b + move_b * scale
        if largest < 1e-12:
            half = Z95 * math.sqrt(aa / below)
            return Interval(b, b - half, b + half)
    return None


@dataclass(frozen=True, slots=True)
class Known:
    """Which of the nine things that make a profile whole are known of somebody."""

    form_of_address: bool
    language: bool
    associate: bool
    deputy: bool
    three_facts: bool
    stated_within_a_year: bool
    occasion: bool
    promise_kept: bool
    contact_agreed: bool


def completeness(known: Known) -> Fraction:
    """One ninth for each."""
    return Fraction(sum(bool(getattr(known, name)) for name in Known.__slots__), len(Known.__slots__))


def goes_with_a_leaver(customers: Iterable[tuple[int, Fraction]]) -> Fraction:
    """Of an associate's customers (net, completeness): Σ max(0, net)(1 − completeness), in minor units."""
    return sum(((1 - known) * max(0, net) for net, known in customers), Fraction(0))


def wallet(revenue: int, low: int, high: int) -> tuple[float, float | None]:
    """Our share of what somebody says they spend on the like in a year, (at least, at most), never above the whole.

    The second is None where they may spend nothing elsewhere. Raises ValueError for a range that is none.
    """
    if not 0 <= low <= high or high == 0:
        raise ValueError(f"{low} to {high} is no range")
    return min(1.0, revenue / high), min(1.0, revenue / low) if low else None


@dataclass(frozen=True, slots=True)
class Loyalty:
    """Who is enrolled, and who of them comes: in time or late."""

    enrolled: int
    active: Share


TRADE_ENROLLED, TRADE_ACTIVE = 29, 12
"""To how many programmes a household belongs, and in how many it is active."""


def loyalty(bands: Sequence[str]) -> Loyalty:
    """By the band of each who is enrolled."""
    return Loyalty(len(bands), share(sum(each in {"in time", "late"} for each in bands), len(bands)))


def _between(ages: Iterable[int], low: int, high: int) -> int:
    """How many are more than ``low`` and at most ``high`` days old."""
    return sum(low < each <= high for each in ages)
