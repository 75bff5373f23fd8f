"""A day in numbers, who is expected on it, and the words a venue uses; durations in seconds."""

from __future__ import annotations

import datetime
from typing import Annotated

from pydantic import Field

from gateway.events.data import Time
from gateway.events.sent import Cost, Person, Sent


class Bar(Sent):
    """How many were greeted within so many seconds, and not sooner; ``upto_s`` null holds the rest."""

    upto_s: int | None
    count: int


class Greeted(Sent):
    """How many arrivals were greeted, and how fast."""

    count: int
    p50_s: float | None
    p90_s: float | None
    histogram: list[Bar]


class ZoneDay(Sent):
    """A day's arrivals in one zone."""

    zone: str | None
    arrivals: int
    claimed: int
    missed: int
    p50_s: float | None


class HourDay(Sent):
    """A day's arrivals in one hour of the venue's own clock."""

    hour: int
    arrivals: int
    claimed: int
    missed: int


class StaffDay(Sent):
    """Whom one member of staff greeted in a day."""

    staff: str
    name: str | None
    claimed: int
    p50_s: float | None


class PromisesDay(Sent):
    """What was promised: kept in time, late, and still open."""

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


class SatisfactionDay(Sent):
    """How visits were, from 1 to 5."""

    count: int
    mean: float | None
    about: AboutDay


class Today(Sent):
    """A day of the venue's own calendar in numbers."""

    date: datetime.date
    timezone: str
    greeted: Greeted
    claimed: int
    missed: int
    by_zone: list[ZoneDay]
    by_hour: list[HourDay]
    by_staff: list[StaffDay]
    promises: PromisesDay
    complaints: ComplaintsDay
    rated: RatedDay
    preferences: PreferencesDay
    asked_again: int
    satisfaction: SatisfactionDay


class Vocabulary(Sent):
    """What this venue says most, most used first: values by category, questions, and answers by question."""

    values: dict[str, list[str]]
    questions: list[str]
    answers: dict[str, list[str]]


class ExpectedCustomer(Person):
    """Who is expected, from when until when, and whether they are here."""

    from_: Annotated[Time, Field(alias="from")]
    until: Time
    here: bool
