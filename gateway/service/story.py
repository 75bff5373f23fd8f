"""The story of one card, from the first read of its customer to its end, as a manager reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gateway.events import times
from gateway.service.greetings import Event, told_late

FIRST_READ = "sighting"
"""The step that is no event: the read with which a visit begins."""
OF_VISIT = frozenset({"visit.hinted", "visit.arrived", "visit.departed"})
OF_CARD = frozenset({
    "alert.opened", "alert.escalated", "alert.waited", "alert.claimed", "alert.released", "alert.handed_over",
    "alert.met", "alert.closed", "alert.rated", "card.shown",
})  # fmt: skip


@dataclass(slots=True, frozen=True)
class Step:
    """One thing that happened; ``at`` in seconds since 1970 UTC, ``since`` seconds since the card was opened.

    ``since`` is negative before, and None where there is no card, or where it was known only later. ``to`` is whom the
    card went to.
    """

    type: str
    at: float
    since: float | None
    who: str | None = None
    to: tuple[str, ...] = ()
    zone: str | None = None
    evidence: Mapping[str, Any] | None = None
    outcome: str | None = None
    note: str | None = None
    ms: float | None = None
    met: bool | None = None


def told(events: Iterable[Event], alert: str) -> list[Step]:
    """The steps of this card among the events of its visit, as they became known; set clocks lengthen nothing."""
    moved = 0.0
    steps: list[tuple[Step, float]] = []
    for event in events:
        if event.type == "clock.moved":
            moved += float(event.data.get("by_s", 0.0))
        elif event.type in OF_VISIT or (event.type in OF_CARD and event.data.get("alert") == alert):
            known = any(step.type == FIRST_READ for step, _ in steps)
            steps += [(step, step.at - moved) for step in _steps(event) if not (known and step.type == FIRST_READ)]
    opened = next((steady for step, steady in steps if step.type == "alert.opened"), None)
    latest = float("-inf")
    found = []
    for step, steady in steps:
        # Who was not heard any more left some time after the last read; when they were met, somebody has said.
        unknown = opened is None or (steady < latest and step.type != "alert.met")
        found.append(replace(step, since=None if unknown else round(steady - (opened or 0.0), 1)))
        latest = max(latest, steady)
    return found


def _steps(event: Event) -> list[Step]:
    data, actor = event.data, event.actor
    if event.type in OF_VISIT:
        first = times.seconds(data.get("since")) if event.type != "visit.departed" else None
        here = Step(event.type, event.time, None, zone=data.get("zone"), evidence=data.get("evidence"))
        return [Step(FIRST_READ, first, None, zone=data.get("zone")), here] if first is not None else [here]
    return [
        Step(
            event.type, event.time - (told_late(event) if event.type == "alert.met" else 0.0), None,
            who=data.get("staff") or (actor if actor != "gateway" else None),
            to=tuple(data.get("to") or ()) if event.type not in ("alert.claimed", "alert.met", "alert.closed") else (),
            zone=(data.get("wanted") or {}).get("zone"),
            outcome=data.get("outcome"), note=data.get("note"), ms=data.get("ms"),
            met=data.get("met_at") is not None if event.type == "alert.met" else None,
        )
    ]  # fmt: skip
