"""Where somebody stands with us, and every change of it with its day, its ground and its event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from gateway.insight.facts import Lost, Offer, Silences, Stage
from gateway.insight.rhythm import Rhythm, own_gaps

Because = Literal["first_contact", "value", "contact", "silence", "named", "cause", "offer"]
_ACTIVE = {"user", "repeat", "woken"}


@dataclass(frozen=True, slots=True)
class Transition:
    """From when on somebody stood where, and why; ``at`` is None for whom we only know by name."""

    stage: Stage
    at: date | None
    because: Because
    event: str | None = None
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """What is known of one customer before a day, for their stage; days are ordinals, in order, each once."""

    contacts: Sequence[int]
    values: Mapping[int, str | None] = field(default_factory=dict)
    """The days on which they bought, each with the first entry of it."""
    events: Mapping[int, str | None] = field(default_factory=dict)
    """An event of a contact day, where there is one."""
    lost: Sequence[Lost] = ()
    offers: Sequence[Offer] = ()


def transitions(story: Story, on: int, twice_house: int, silences: Silences) -> list[Transition]:
    """Every change of stage before the day ``on``, in order; the last one is where they stand."""
    return _Way(story, on, twice_house, silences).walked()


class _Way:
    """One customer's way through the stages."""

    def __init__(self, story: Story, on: int, twice_house: int, silences: Silences) -> None:
        self.story, self.on, self.twice_house, self.silences = story, on, twice_house, silences
        self.found: list[Transition] = []
        self.stage: Stage = "target"
        self.bought = False
        self.dormant_at = self.lost_at = 0
        """When silence makes them dormant and lost, by their last contact."""

    def walked(self) -> list[Transition]:
        story = self.story
        causes = {each.on.toordinal(): each for each in sorted(story.lost, key=lambda one: one.cause, reverse=True)}
        days = sorted({*story.contacts, *(day for day in causes if day < self.on), *self._offer_days()})
        contacts = {day: place for place, day in enumerate(story.contacts)}
        for day in days:
            if day in contacts:
                self._silent_until(day - 1)
                self._contact(day, contacts[day])
            else:
                self._silent_until(day)
            if day in causes and self.stage != "lost":
                self._to("lost", day, "cause", causes[day].event, causes[day].cause)
            self._offered(day)
        self._silent_until(self.on)
        return self.found or [Transition("target", None, "named")]

    def _contact(self, day: int, place: int) -> None:
        event = self.story.events.get(day)
        first = self.stage == "target"
        woken = self.stage in {"dormant", "lost"}
        if first:
            self._to("potential", day, "first_contact", event)
        elif woken:
            self._to("woken", day, "contact", event)
        if day in self.story.values:
            if not self.bought and not woken:
                self._to("user", day, "value", self.story.values[day])
            elif not woken and self.stage != "repeat":
                self._to("repeat", day, "value", self.story.values[day])
            self.bought = True
        rhythm = Rhythm(self.twice_house, own_gaps(self.story.contacts[: place + 1]))
        rules = self.silences
        self.dormant_at = day + rhythm.times(rules.dormant_times, rules.dormant_days)
        self.lost_at = day + rhythm.times(rules.lost_times, rules.lost_days)

    def _silent_until(self, day: int) -> None:
        if self.stage in _ACTIVE and self.dormant_at <= day:
            self._to("dormant", self.dormant_at, "silence")
        if self.stage == "dormant" and self.lost_at <= day:
            self._to("lost", self.lost_at, "silence")

    def _offer_days(self) -> set[int]:
        days = {each.on.toordinal() for each in self.story.offers}
        days |= {each.until.toordinal() for each in self.story.offers if each.until is not None}
        return {day for day in days if day < self.on}

    def _offered(self, day: int) -> None:
        """Whether an offer is open makes a potential customer an opportunity, and its end makes them potential."""
        open_ = [
            each
            for each in self.story.offers
            if each.on.toordinal() <= day and (each.until is None or day < each.until.toordinal())
        ]
        if self.stage == "potential" and open_:
            self._to("opportunity", day, "offer", open_[0].event)
        elif self.stage == "opportunity" and not open_:
            self._to("potential", day, "offer")

    def _to(self, stage: Stage, day: int, why: Because, event: str | None = None, cause: str | None = None) -> None:
        self.stage = stage
        self.found.append(Transition(stage, date.fromordinal(day), why, event, cause))


@dataclass(frozen=True, slots=True)
class Cohort:
    """Who came first in one month, and how many of them came again in that month and each later one."""

    month: str
    customers: int
    active: tuple[int, ...]


def cohorts(contact_days: Iterable[Sequence[int]], on: int) -> list[Cohort]:
    """Customers by the month of their first contact; ``active[k]`` came in the k-th month after it, until ``on``."""
    last = _month(on - 1)
    found: dict[int, list[int]] = {}
    for days in contact_days:
        if not days:
            continue
        months = {_month(day) for day in days}
        first = min(months)
        active = found.setdefault(first, [0] * (last - first + 1))
        for month in months:
            active[month - first] += 1
    return [
        Cohort(f"{first // 12:04}-{first % 12 + 1:02}", active[0], tuple(active))
        for first, active in sorted(found.items())
    ]


def _month(day: int) -> int:
    when = date.fromordinal(day)
    return when.year * 12 + when.month - 1
