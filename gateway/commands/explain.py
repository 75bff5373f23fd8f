"""``moments explain``: the story of one alert, from the first read to the paint on each tablet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from gateway.commands.ending import fail
from gateway.events.event import Event
from gateway.events.times import iso, seconds
from gateway.records import alerts, journal_rows, visits
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Damaged, DataFolderInUse, NewerSchema, Unreadable, WrongMasterKey
from gateway.records.store import reading

REFUSED = (Damaged, DataFolderInUse, NewerSchema, WrongMasterKey, OSError)
BEFORE = 60.0  # seconds before a visit began within which its first read, or a hint, may be
WHY = {
    "off_shift": "off shift",
    "no_tablet": "has no live tablet",
    "no_role": "has no role for it",
    "asked_already": "was asked already",
    "has_a_card": "has a card already",
    "had_enough": "has had as many as one may",
    "ranked_below": "ranked below",
}


def explain(alert: str, data: Path) -> None:
    """Prints it, a line for each step; no name of a customer is in it."""
    try:
        with closing(reading(data)) as reader, closing(reader.keyring):
            lines = list(_story(reader, alert))
    except Unreadable:
        fail("whose alert it was is erased")
    except REFUSED as error:
        fail(str(error))
    if not lines:
        fail(f"there is no alert {alert} in the records, or it was let go")
    click.echo("\n".join(lines))


def _story(reader: SealedDatabase, alert: str) -> Iterator[str]:
    found = alerts.get(reader, alert)
    if found is None:
        return
    visit = visits.get(reader, found["visit"])
    begun = (visit.opened_at if visit else seconds(found["opened_at"]) or 0.0) - BEFORE
    yield f"alert {alert} ({found['kind']}) of customer {found['customer']}; trace {found['visit']}"
    where = "WHERE subject = ? AND time >= ? ORDER BY coalesce(told, sequence)"
    events = [e for e in journal_rows.select(reader, where, found["customer"], begun) if _is_of(e, alert, found)]
    first = next((seconds(e.data.get("since")) for e in events if e.type.startswith("visit.")), None)
    zero = first if first is not None else (events[0].time if events else begun)
    if first is not None:
        yield _line(zero, zero, "the first read of this visit")
    for event in events:
        for text in _said(event):
            yield _line(event.time, zero, text)


def _is_of(event: Event, alert: str, found: dict[str, Any]) -> bool:
    """Whether an event belongs to the story: the visit until the card is closed, and the card."""
    data = event.data
    if data.get("alert") == alert:
        return True
    hint = data.get("alert")
    if isinstance(hint, dict):
        return bool(hint.get("visit") == found["visit"])
    return event.type.startswith("visit.") and data.get("visit") == found["visit"]


def _line(at: float, zero: float, text: str) -> str:
    return f"{iso(at)}  {at - zero:+9.3f} s  {text}"


def _said(event: Event) -> Iterator[str]:
    """What one event says, as lines."""
    data, what = event.data, event.type.partition(".")[2]
    if event.type == "card.shown":
        yield f"painted on the tablet of {data['staff']}, {data['ms']:g} ms after it came there"
        return
    if event.type.startswith("visit."):
        sure = f"; {data['confidence']:.0%} sure" if "confidence" in data else ""
        yield f"{what} in {data.get('zone') or 'no zone'}: {data.get('reason')}{sure} [{_evidence(data)}]"
        return
    by = f" by {event.actor}" if event.actor != "gateway" else ""
    told = f", told as number {event.number}" if event.told else ""
    outcome = f": {data['outcome']}" if what == "closed" else ""
    yield f"card {what.replace('_', ' ')}{by}{outcome} (event {event.sequence}{told})"
    if data.get("routing"):
        routing = data["routing"]
        yield f"  to {', '.join(data['to']) or 'nobody'} by the rule {routing['rule']!r}"
        for each in routing["passed_over"]:
            yield f"  not to {each['staff']}: {WHY.get(each['why'], each['why'])}"


def _evidence(data: dict[str, Any]) -> str:
    evidence = data.get("evidence") or {}
    return ", ".join(f"{name} {value}" for name, value in evidence.items() if not isinstance(value, dict | list))
