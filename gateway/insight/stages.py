"""Where somebody stands with us, and every change of it with its day, its ground and its event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from gateway.insight.facts import Lost, Offer, Silences, Stage
from gateway.insight.rhythm import LONGEST, times

Because = Literal["first_contact", "value", "contact", "silence", "named", "cause", "offer"]
_ACTIVE = frozenset({"user", "repeat", "woken"})
_GONE = frozenset({"dormant", "lost"})


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
    """One customer's way through the stages; what a million of them take is spent here."""

    def __init__(self, story: Story, on: int, twice_house: int, silences: Silences) -> None:
        self.story, self.on, self.twice_house, self.silences = story, on, twice_house, silences
        self.found: list[Transition] = []
        self.stage: Stage = "target"
        self.bought = False
        self.last = 0
        """The last contact day; then how many gaps there were since they began anew, and their sum."""
        self.number = self.sum = 0

    def walked(self) -> list[Transition]:
        story = self.story
        if story.lost or story.offers:
            self._with_causes()
        else:
            for day in story.contacts:
                self._contact(day)
        self._silent_until(self.on)
        return self.found or [Transition("target", None, "named")]

    def _with_causes(self) -> None:
        story = self.story
        causes = {each.on.toordinal(): each for each in sorted(story.lost, key=lambda one: one.cause, reverse=True)}
        contacts = set(story.contacts)
        for day in sorted({*contacts, *(day for day in causes if day < self.on), *self._offer_days()}):
            if day in contacts:
                self._contact(day)
            else:
                self._silent_until(day)
            if day in causes and self.stage != "lost":
                self._to("lost", day, "cause", causes[day].event, causes[day].cause)
            self._offered(day)

    def _contact(self, day: int) -> None:
        if self.last:
            gap = day - self.last
            if gap > self.silences.dormant_days:
                self._silent_until(day - 1)
            if gap > LONGEST:
                self.number = self.sum = 0
            else:
                self.number += 1
                self.sum += gap
        self.last = day
        stage = self.stage
        woken = stage in _GONE
        if stage == "target":
            self._to("potential", day, "first_contact", self.story.events.get(day))
        elif woken:
            self._to("woken", day, "contact", self.story.events.get(day))
        if day in self.story.values:
            if not woken:
                self._bought(day)
            self.bought = True

    def _bought(self, day: int) -> None:
        if not self.bought:
            self._to("user", day, "value", self.story.values[day])
        elif self.stage != "repeat":
            self._to("repeat", day, "value", self.story.values[day])

    def _silent_until(self, day: int) -> None:
        if self.stage in _ACTIVE and (at := self.last + self._times("dormant")) <= day:
            self._to("dormant", at, "silence")
        if self.stage == "dormant" and (at := self.last + self._times("lost")) <= day:
            self._to("lost", at, "silence")

    def _times(self, stage: Literal["dormant", "lost"]) -> int:
        rules = self.silences
        many, least = (
            (rules.dormant_times, rules.dormant_days) if stage == "dormant" else (rules.lost_times, rules.lost_days)
        )
        return times(many, least, self.twice_house + self.sum, 2 + self.number)

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
