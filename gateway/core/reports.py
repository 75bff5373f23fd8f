"""What is worked out from the records on request, in a thread of its own: days in numbers, the words of the venue."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from gateway.core import shapes
from gateway.core.periods import Named, Period, period
from gateway.core.shapes import Shape, iso_or_none
from gateway.core.state import Memory
from gateway.events.times import DAY, iso, seconds
from gateway.records import alerts, day, words
from gateway.records.connection import SealedDatabase
from gateway.records.store import Store
from gateway.service import greetings, learned_chips, story, today, vocabulary
from gateway.service.learned_chips import Said
from gateway.service.owed import Owed
from gateway.service.today import Line
from gateway.settings.venue import VenueConfig

T = TypeVar("T")


@dataclass(slots=True, frozen=True)
class Wanted:
    """Which lines of a list are wanted; None where it does not matter, an empty zone where it is not known."""

    zone: str | None = None
    staff: str | None = None
    hour: int | None = None
    day: str | None = None
    over_s: float | None = None
    upto_s: float | None = None


class Reports:
    """Reads what it reports at the moment it is asked; keeps nothing."""

    def __init__(self, config: VenueConfig, memory: Memory, store: Store) -> None:
        self._config = config
        self._memory = memory
        self._store = store
        self._timezone = ZoneInfo(config.venue.timezone)

    def period(self, named: Named, on: date | None) -> Period:
        """Days of the venue's own calendar, as seen from ``on``; None is today."""
        return period(named, on or datetime.fromtimestamp(self._memory.now(), self._timezone).date(), self._timezone)

    async def numbers(self, days: Period) -> Shape:
        """Days in numbers."""
        now = self._memory.now()
        numbers = await self._read(lambda reader: self._numbers(reader, days, now))
        for row in numbers["by_staff"]:
            row["name"] = self._memory.floor.name_of(row["staff"])
        dates = {"date": days.first.isoformat(), "from": days.first.isoformat(), "until": days.last.isoformat()}
        return {**dates, "timezone": self._config.venue.timezone, **numbers}

    async def listed(self, days: Period, figure: str, wanted: Wanted, offset: int, limit: int) -> Shape:
        """Those whom a number counts, by name where they show theirs; ``count`` is how many there are in all."""
        now = self._memory.now()
        lines, people, cards = await self._read(
            lambda reader: self._lines(reader, days, figure, wanted, offset, offset + limit, now)
        )
        shown = [self._line(line, people, cards) for line in lines[offset : offset + limit]]
        return {"figure": figure, "count": len(lines), "offset": offset, "lines": shown}

    async def story(self, alert: str) -> Shape | None:
        """What happened around one card, from the first read to its end; None where there is no such card."""
        now, name_of = self._memory.now(), self._memory.floor.name_of
        found = await self._read(lambda reader: _story(reader, alert, now))
        return found and {**found, "steps": [_step(step, name_of) for step in found["steps"]]}

    async def vocabulary(self) -> Shape:
        """What this venue says most: chips by category, questions, and answers by question."""
        since = self._memory.now() - learned_chips.WITHIN
        return await self._read(lambda reader: _vocabulary(reader, since))

    # --- in the thread -----------------------------------------------------------------------------------------------

    def _fold(self, reader: SealedDatabase, days: Period) -> today.Days:
        folded = today.Days(self._hour, self._day, days.end)
        for event in day.events(reader, today.TYPES, days.start, days.end):
            folded.take(event)
        for event in day.events(reader, greetings.TYPES, days.end, days.end + DAY):  # how the last of them went on
            folded.take(event)
        return folded

    def _numbers(self, reader: SealedDatabase, days: Period, now: float) -> Shape:
        rows = _owed(reader, days.start)
        debts = today.owed(rows, days.start, days.end, now)
        numbers = self._fold(reader, days).numbers() | today.as_tree({name: len(rows) for name, rows in debts.items()})
        numbers["complaints"]["recovery_cost"] = today.costs(rows, days.start, days.end)
        return numbers

    def _lines(
        self, reader: SealedDatabase, days: Period, figure: str, wanted: Wanted, first: int, last: int, now: float
    ) -> tuple[list[Line], dict[str, Shape], dict[str, str]]:
        """The lines, what their customers from the first to the last are called, and the card of each visit."""
        folded = self._fold(reader, days)
        lists = folded.lists() | today.owed(_owed(reader, days.start), days.start, days.end, now)
        lines = [line for line in lists[figure] if self._matches(line, wanted)]
        people = day.people(reader, {line.customer for line in lines[first:last]})
        cards = {g.visit: g.alert for g in folded.guests() if g.alert is not None}
        return lines, {id_: shapes.person(customer) for id_, customer in people.items()}, cards

    def _matches(self, line: Line, wanted: Wanted) -> bool:
        took = line.took_s
        return (
            (wanted.zone is None or (line.zone or "") == wanted.zone)
            and (wanted.staff is None or line.who == wanted.staff)
            and (wanted.hour is None or self._hour(line.at) == wanted.hour)
            and (wanted.day is None or self._day(line.at) == wanted.day)
            and (wanted.over_s is None or (took is not None and (took > wanted.over_s or wanted.over_s == 0)))
            and (wanted.upto_s is None or (took is not None and took <= wanted.upto_s))
        )

    def _hour(self, at: float) -> int:
        return datetime.fromtimestamp(at, self._timezone).hour

    def _day(self, at: float) -> str:
        return datetime.fromtimestamp(at, self._timezone).date().isoformat()

    # --- on the loop -------------------------------------------------------------------------------------------------

    def _line(self, line: Line, people: dict[str, Shape], cards: dict[str, str]) -> Shape:
        told: dict[str, Any] = {
            **people.get(line.customer, shapes.nobody(line.customer)),
            **{
                name: getattr(line, name)
                for name in ("visit", "zone", "who", "ended", "measured", "text", "stars", "reason")
            },
            "at": iso(line.at),
            "alert": line.alert or cards.get(line.visit or ""),
            "who_name": self._memory.floor.name_of(line.who) if line.who else None,
            "took_s": _tenth(line.took_s),
            "due": iso_or_none(line.due),
        }
        return told

    async def _read(self, work: Callable[[SealedDatabase], T]) -> T:
        def in_thread() -> T:
            reader = self._store.open_reader()
            try:
                return work(reader)
            finally:
                reader.close()

        return await asyncio.to_thread(in_thread)


def _story(reader: SealedDatabase, alert: str, now: float) -> Shape | None:
    card = alerts.get(reader, alert)
    if card is None:
        return None
    opened, closed = seconds(card["opened_at"]) or 0.0, seconds(card["closed_at"]) or now
    events = list(day.story(reader, card["customer"], card["visit"], opened - DAY, closed + DAY))
    went = greetings.Greetings()
    for event in events:
        went.take(event)
    guest = next((g for g in went.guests() if g.visit == card["visit"]), None)
    named = day.people(reader, [card["customer"]]).get(card["customer"])
    return {
        **(shapes.person(named) if named is not None else shapes.nobody(card["customer"])),
        "alert": alert,
        "kind": card["kind"],
        "visit": card["visit"],
        "ended": guest.ended if guest else None,
        "measured": guest.measured if guest else None,
        "took_s": _tenth(guest.took) if guest else None,
        "steps": story.told(events, alert),
    }


def _step(step: story.Step, name_of: Callable[[str], str | None]) -> Shape:
    return {
        **asdict(step),
        "at": iso(step.at),
        "who_name": name_of(step.who) if step.who else None,
        "to": list(step.to),
        "to_names": [name_of(staff) or staff for staff in step.to],
    }


def _tenth(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _owed(reader: SealedDatabase, start: float) -> list[Shape]:
    return [asdict(Owed.from_data(row)) for row in day.owed(reader, start)]


def _vocabulary(reader: SealedDatabase, since: float) -> Shape:
    asked = list(words.asks(reader))
    questions = vocabulary.common(("", question) for question, _ in asked)
    answers = vocabulary.common((question, answer) for question, answer in asked if answer)
    shown = questions.get("", [])
    learned = learned_chips.chips((Said(*each) for each in words.own_words(reader, since)), words.names(reader))
    return {
        "values": {category: [chip._asdict() for chip in row] for category, row in learned.items()},
        "questions": shown,
        "answers": {question: texts for question, texts in answers.items() if question in shown},
    }
