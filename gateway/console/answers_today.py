"""Days in numbers with who is behind them, and the words a venue uses; durations in seconds."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from pydantic import Field

from gateway.events.data import Time
from gateway.events.sent import Cost, Evidence, Person, Sent
from gateway.service.greetings import Ended, Measured


class Bar(Sent):
    """How many waited longer than ``over_s`` and up to ``upto_s``; ``upto_s`` null holds the rest."""

    over_s: int
    upto_s: int | None
    count: int
    met: int
    claimed: int


class Greeted(Sent):
    """How many guests were greeted, and how fast; ``met`` to the tap "with the customer", ``claimed`` to the claim."""

    count: int
    met: int
    claimed: int
    in_time_s: int
    p50_s: float | None
    p90_s: float | None
    histogram: list[Bar]


class GuestsDay(Sent):
    """The guests of one zone, hour or day; ``late`` were greeted, after more than 15 s."""

    arrivals: int
    greeted: int
    claimed: int
    late: int
    missed: int
    p50_s: float | None


class ZoneDay(GuestsDay):
    """The guests of one zone."""

    zone: str | None


class HourDay(GuestsDay):
    """The guests of one hour of the venue's own clock."""

    hour: int


class DayDay(GuestsDay):
    """The guests of one day of the venue's own calendar."""

    day: datetime.date


class StaffDay(Sent):
    """Whom one member of staff greeted: how long those waited, and how much of it was since the card was theirs."""

    staff: str
    name: str | None
    claimed: int
    greeted: int
    met: int
    p50_s: float | None
    own_p50_s: float | None


class PromisesDay(Sent):
    """What was promised: due in these days, kept in time, late, and still open."""

    due: int
    kept: int
    late: int
    open: int


class ComplaintsDay(Sent):
    """What went wrong, and what making it good came to."""

    opened: int
    closed: int
    open: int
    recovery_cost: list[Cost]


class RatedDay(Sent):
    """Whether cards were of use."""

    useful: int
    not_useful: int


class PreferencesDay(Sent):
    """What was learnt, and what came of it."""

    recorded: int
    acted_on: int


class AboutDay(Sent):
    """What visits were said to be about."""

    product: int
    person: int
    place: int


class OrdersDay(Sent):
    """Orders that were taken ``despite`` an allergy or an avoid, and those of which one was learnt too late."""

    despite: int
    flagged: int


class SatisfactionDay(Sent):
    """How visits were, from 1 to 5."""

    count: int
    mean: float | None
    about: AboutDay


class Today(Sent):
    """Days of the venue's own calendar in numbers; ``date`` says the same as ``from``.

    A guest is one visit. ``waiting`` has not been greeted yet, ``other`` declined, may not be recognised any more, or
    wished for no card.
    """

    date: datetime.date
    from_: Annotated[datetime.date, Field(alias="from")]
    until: datetime.date
    timezone: str
    arrivals: int
    greeted: Greeted
    claimed: int
    late: int
    missed: int
    waiting: int
    other: int
    by_zone: list[ZoneDay]
    by_hour: list[HourDay]
    by_day: list[DayDay]
    by_staff: list[StaffDay]
    promises: PromisesDay
    complaints: ComplaintsDay
    rated: RatedDay
    preferences: PreferencesDay
    asked_again: int
    orders: OrdersDay
    satisfaction: SatisfactionDay


class Counted(Person):
    """One of those whom a number counts; ``alert`` is the card whose story tells it, where there is one."""

    at: Time
    visit: str | None
    alert: str | None
    zone: str | None
    who: str | None
    who_name: str | None
    ended: Ended | None
    measured: Measured | None
    took_s: float | None
    text: str | None
    due: Time | None
    stars: int | None
    reason: Literal["guest_confirmed", "prepared_without", "other"] | None


class Listed(Sent):
    """A part of those whom a number counts, the first of them at ``offset``; ``count`` is how many there are in all."""

    figure: str
    count: int
    offset: int
    lines: list[Counted]


class Step(Sent):
    """One thing that happened around a card; ``since`` in seconds since it was opened, negative before.

    ``type`` is an event's, or ``sighting`` for the read with which the visit began.
    """

    type: str
    at: Time
    since: float | None
    who: str | None
    who_name: str | None
    to: list[str]
    to_names: list[str]
    zone: str | None
    evidence: Evidence | None
    outcome: str | None
    note: str | None
    ms: float | None
    met: bool | None


class Story(Person):
    """A card from the first read to its end; ``took_s`` is the guest's time to be greeted."""

    alert: str
    kind: str
    visit: str
    ended: Ended | None
    measured: Measured | None
    took_s: float | None
    steps: list[Step]


class LearnedChip(Sent):
    """Own words that were recorded of several customers, with their language and the polarity that they always had."""

    value: str
    lang: str
    polarity: Literal["do", "avoid"]


class Vocabulary(Sent):
    """What this venue says most, most used first: chips by category, questions, and answers by question."""

    values: dict[str, list[LearnedChip]]
    questions: list[str]
    answers: dict[str, list[str]]
