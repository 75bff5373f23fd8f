"""Who is expected, in memory: by the person, whatever record of theirs it stands under."""

from __future__ import annotations

from dataclasses import replace

from gateway.events.event import FORGOTTEN, Event
from gateway.events.times import seconds
from gateway.recognition.expected import Expected, ExpectedVisit
from gateway.records import expected
from gateway.records.connection import SealedDatabase
from gateway.service.family import Family


class Expecting:
    """Changes ``there`` by events alone."""

    def __init__(self, there: Expected, family: Family) -> None:
        self._there = there
        self._family = family

    def apply(self, event: Event) -> None:
        """Takes in what happened."""
        if event.type == "expected.changed":
            self._there.sweep(event.time - expected.KEPT_FOR)
            self._changed(event)
        elif event.type == "expected.missed":
            there = self._there.get(event.data["id"])
            if there is not None:
                self._there.put(replace(there, missed=True))
        elif event.type in FORGOTTEN:
            self._there.forget(event.subject)
            self._there.sweep(event.time - expected.KEPT_FOR)
            self._of_whom()
        elif event.type in ("customer.merged", "customer.unmerged"):
            self._of_whom()

    def restore(self, reader: SealedDatabase) -> None:
        """Takes it back from the tables."""
        for row, missed in expected.with_missed(reader):
            self._put(*row, missed=missed)

    def _changed(self, event: Event) -> None:
        data = event.data
        if data["removed"]:
            self._there.remove(data["id"])
            return
        begins, ends = seconds(data["begins"]) or 0.0, seconds(data["ends"]) or 0.0
        self._put(data["id"], data["customer"], begins, ends, data["place"], data["note"])

    def _put(
        self, id_: str, record: str, begins: float, ends: float, place: str | None, note: str | None, *,
        missed: bool = False,
    ) -> None:  # fmt: skip
        self._there.put(ExpectedVisit(id_, self._family.root(record), record, begins, ends, place, note, missed))

    def _of_whom(self) -> None:
        """Records have become one, or two again."""
        for visit in self._there.all():
            self._there.put(replace(visit, customer=self._family.root(visit.record)))
