"""When a card stood on the screen of those it rang with: what a claim is to be measured against."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.events.event import Event, News

MOST_KEPT = 10_000  # cards and people of which it is known that it was written down


class Shown:
    """Writes down when a card was first shown to each of its people; ``note`` records what happened by itself."""

    def __init__(self, note: Callable[[Sequence[News]], None], advised: Callable[[Event, str], Sequence[News]]) -> None:
        """``advised`` says what else a card has shown to somebody for the first time."""
        self._note = note
        self._advised = advised
        self._before: dict[tuple[str, str], None] = {}

    def on(self, event: Event, staff: str, ms: float) -> None:
        """The tablet of ``staff`` shows what this event of an alert told, ``ms`` milliseconds after it came."""
        alert = event.data["alert"]
        if (alert, staff) in self._before or event.data["stage"] == "hint":
            return
        if len(self._before) >= MOST_KEPT:
            self._before.clear()
        self._before[alert, staff] = None
        data = {"alert": alert, "visit": event.data["visit"], "staff": staff, "ms": round(ms, 1)}
        self._note([News("card.shown", event.subject, data, staff), *self._advised(event, staff)])
