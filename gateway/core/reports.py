"""What is worked out from the records on request, in a thread of its own: a day in numbers, the words of the venue."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from gateway.core.shapes import Shape
from gateway.core.state import Memory
from gateway.records import day, words
from gateway.records.connection import SealedDatabase
from gateway.records.store import Store
from gateway.service import today, vocabulary
from gateway.service.owed import Owed
from gateway.settings.venue import VenueConfig

T = TypeVar("T")


class Reports:
    """Reads what it reports at the moment it is asked; keeps nothing."""

    def __init__(self, config: VenueConfig, memory: Memory, store: Store) -> None:
        self._config = config
        self._memory = memory
        self._store = store
        self._timezone = ZoneInfo(config.venue.timezone)

    async def day(self, on: date | None) -> Shape:
        """A day of the venue's own calendar in numbers; None is today."""
        now = self._memory.now()
        on = on or datetime.fromtimestamp(now, self._timezone).date()
        start, end = self._midnight(on), self._midnight(on + timedelta(days=1))
        numbers = await self._read(lambda reader: self._fold(reader, start, end, now))
        for row in numbers["by_staff"]:
            row["name"] = self._memory.floor.name_of(row["staff"])
        return {"date": on.isoformat(), "timezone": self._config.venue.timezone, **numbers}

    async def vocabulary(self) -> Shape:
        """What this venue says most: values by category, questions, and answers by question."""
        return await self._read(_vocabulary)

    def _fold(self, reader: SealedDatabase, start: float, end: float, now: float) -> Shape:
        folded = today.Day(lambda at: datetime.fromtimestamp(at, self._timezone).hour)
        for event in day.events(reader, today.TYPES, start, end):
            folded.take(event)
        return {**folded.numbers(), **today.owed(_owed(reader, start), start, end, now)}

    def _midnight(self, on: date) -> float:
        return datetime.combine(on, time(), self._timezone).timestamp()

    async def _read(self, work: Callable[[SealedDatabase], T]) -> T:
        def in_thread() -> T:
            reader = self._store.open_reader()
            try:
                return work(reader)
            finally:
                reader.close()

        return await asyncio.to_thread(in_thread)


def _owed(reader: SealedDatabase, start: float) -> list[Shape]:
    return [asdict(Owed.from_data(row)) for row in day.owed(reader, start)]


def _vocabulary(reader: SealedDatabase) -> Shape:
    asked = list(words.asks(reader))
    questions = vocabulary.common(("", question, customer) for question, _, customer in asked)
    answers = vocabulary.common((question, answer, customer) for question, answer, customer in asked if answer)
    shown = questions.get("", [])
    return {
        "values": vocabulary.common(words.values(reader)),
        "questions": shown,
        "answers": {question: texts for question, texts in answers.items() if question in shown},
    }
