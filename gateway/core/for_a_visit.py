"""What was said for one visit alone, without consent to keep it: its key is destroyed soon after the visit is over."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.events.event import News

FORGET_AFTER = 30.0  # seconds of steady time after the end of a visit: who is back at once goes on with it


class ForAVisit:
    """Which visits are over and have a key of their own still, and since when."""

    def __init__(self) -> None:
        self._over: dict[str, float] = {}

    def ended(self, visit: str, at: float) -> None:
        """A visit with a key of its own is over; ``at`` in steady time."""
        self._over[visit] = at

    def goes_on(self, visit: str) -> None:
        """Somebody is back within the visit, or it is forgotten."""
        self._over.pop(visit, None)

    def due(self, now: float) -> Iterable[News]:
        """What is to be forgotten now; each visit once."""
        for visit in [visit for visit, at in self._over.items() if now >= at + FORGET_AFTER]:
            del self._over[visit]
            yield News("visit.forgotten", visit, {"visit": visit, "keys": []})
