"""Who beside our own people has something of a customer: webhooks that acknowledged it, programs that were sent it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Literal

from gateway.core.state import Memory
from gateway.events.catalogue import CATALOGUE
from gateway.events.event import News
from gateway.events.times import DAY

Kind = Literal["webhook", "program", "partner"]
WHOLE = frozenset({"preference.recorded", "customer.changed", "customer.enrolled"})
"""What may have to be put right later: each of these is written down by itself, all else once a day."""
NOT_OF_THEM = frozenset({"customer", "id", "subject"})
MOST_KEPT = 20_000


class Received:
    """Writes down what went to whom; ``note`` records what happened by itself, ``soon`` runs once others are done."""

    def __init__(
        self, memory: Memory, note: Callable[[Sequence[News]], None], soon: Callable[[Callable[[], None]], object]
    ) -> None:
        self._memory = memory
        self._note = note
        self._soon = soon
        self._before: dict[tuple[str, str, str, int], None] = {}

    def event(self, kind: Kind, recipient: str, sent: Mapping[str, Any]) -> None:
        """``sent`` is an event as it was sent: its ``type``, ``subject``, ``sequence`` and ``data``."""
        if CATALOGUE[sent["type"]].holder == "customer":
            about = sent["data"].get("id") if sent["type"] in WHOLE else None
            self._told(kind, recipient, str(sent["subject"]), sent["type"], sent["data"], sent["sequence"], about)

    def state(self, recipient: str, rows: Iterable[Mapping[str, Any]], sequence: int) -> None:
        """A program began with the whole state, and with these rows of who is here."""
        for row in rows:
            if row.get("customer"):
                self._told("program", recipient, row["customer"], "state", row, sequence, None)

    def _told(
        self, kind: Kind, recipient: str, customer: str, type_: str, members: Collection[str], sequence: int,
        about: str | None,
    ) -> None:  # fmt: skip
        once = (recipient, customer, type_, int(self._memory.steady() // DAY))
        if type_ not in WHOLE:
            if once in self._before:
                return
            if len(self._before) >= MOST_KEPT:
                self._before.clear()
            self._before[once] = None
        data = {
            "customer": customer, "recipient": recipient, "kind": kind, "type": type_, "about": about,
            "members": sorted(set(members) - NOT_OF_THEM), "sequence": sequence,
        }  # fmt: skip
        self._soon(lambda: self._write(News("person.passed_on", customer, data, recipient)))

    def _write(self, news: News) -> None:
        if self._memory.meet(news.subject) is not None:  # else they were erased meanwhile
            self._note([news])
