"""What was suggested about a customer and what became of it, and the one line of it that a card may show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from gateway.core.shapes import Shape
from gateway.core.state import Memory
from gateway.events import venue_time
from gateway.events.event import Event, News
from gateway.events.times import iso, new_id, seconds
from gateway.insight import advice
from gateway.insight.advice import Words
from gateway.insight.facts import INSIGHT
from gateway.records import consents, statements
from gateway.records.connection import SealedDatabase

SOURCE = "insight"
KINDS = ("drawn", "shown", "done", "dismissed")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One suggestion with what became of it; ``drawn`` is the event's data."""

    drawn: dict[str, Any]
    shown_at: str | None = None
    ended: dict[str, Any] | None = None
    state: str = "open"

    @property
    def id(self) -> str:
        """The id of the statement that it is."""
        found: str = self.drawn["id"]
        return found

    @property
    def customer(self) -> str:
        """Whom it is about."""
        found: str = self.drawn["customer"]
        return found


def of(reader: SealedDatabase, customers: Sequence[str] | None = None) -> list[Suggestion]:
    """The suggestions of these records, of everybody without; the newest last."""
    kinds = ", ".join("?" * len(KINDS))
    where, values = f"kind IN ({kinds})", [*KINDS]
    if customers is not None:
        where += f" AND customer IN ({', '.join('?' * len(customers))})"
        values += customers
    found: dict[str, Suggestion] = {}
    said = statements.select(reader, where, *values)
    for each in sorted((one for one in said if "act" in one), key=lambda one: (one["at"], one["id"])):
        found[each["id"]] = Suggestion(each)
    for each in sorted((one for one in said if "act" not in one), key=lambda one: (one["at"], one["id"])):
        if (there := found.get(each["suggestion"])) is None:
            continue
        if "where" in each:
            found[there.id] = there if there.shown_at else replace(there, shown_at=each["at"])
        elif there.ended is None:
            found[there.id] = replace(there, ended=each, state="done" if each["done"] else "dismissed")
    return list(found.values())


def for_card(memory: Memory, reader: SealedDatabase, customer: str, before: float) -> Shape | None:
    """The one line that helps the guest of a card that was opened at ``before``, with the day it was worked out.

    None where they do not agree, where chance held it out, and where what is owed stands on the card already.
    """
    found = _on_card(memory, reader, customer, before)
    if found is None:
        return None
    drawn, words = found.drawn, advice.CARD[found.drawn["act"]]
    return {"suggestion": drawn["id"], "act": drawn["act"], "words": in_both(words), "on": drawn["on"]}


def _on_card(memory: Memory, reader: SealedDatabase, customer: str, before: float) -> Suggestion | None:
    records, now, cut = memory.family.all_of(customer), memory.now(), memory.consenting.cut
    alive = any(now < consents.agreed_until(reader, each, INSIGHT, cut) for each in records)
    if not alive or any(consents.withdrew(reader, each, INSIGHT, now, cut) for each in records):
        return None
    there = [each for each in of(reader, records) if (seconds(each.drawn["at"]) or 0.0) <= before]
    found = [each for each in there if each.state == "open"]
    if not found or found[-1].drawn["held"] or found[-1].drawn["act"] not in advice.CARD:
        return None
    return found[-1]


def seen(memory: Memory, reader: SealedDatabase, event: Event, staff: str) -> list[News]:
    """That what a card suggests was shown for the first time, where this event of an alert has such a card."""
    if event.data["state"] == "closed" or event.subject in memory.doubts:
        return []
    found = _on_card(memory, reader, event.subject, seconds(event.data["opened_at"]) or 0.0)
    return [shown(found, "card", staff, memory.now())] if found is not None and found.shown_at is None else []


def shown(suggestion: Suggestion, where: str, by: str, now: float) -> News:
    """It was shown for the first time."""
    on = datetime.fromtimestamp(now, venue_time.zone()).date().isoformat()
    data = {"id": new_id(now), "customer": suggestion.customer, "on": on, "source": SOURCE}
    more = {"reference": f"shown/{suggestion.id}", "by": by, "at": iso(now), "suggestion": suggestion.id}
    return News("suggestion.shown", suggestion.customer, {**data, **more, "where": where})


def in_both(words: Words) -> Shape:
    """Words as clients are told them."""
    return {"zh-CN": words.zh_cn, "en": words.en}
