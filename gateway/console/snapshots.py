"""The whole state as JSON: what everybody sees is made and encoded once for all tablets that come back together.

In the JSON customers are named as they are called outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from gateway.core.gateway import Gateway
from gateway.core.shapes import Shape
from gateway.events.event import Event
from gateway.records.compact import compact

KEPT_FOR = 1.0  # seconds: how old what a tablet begins with may be, such as for how long an alert has waited
COMINGS = frozenset({"staff.connected", "customers.listed"})
"""What follows from a tablet that comes: the one changes the colleagues, which are made anew, and the other nothing."""


class _Made(NamedTuple):
    at: float
    state: Shape
    text: str


class Snapshots:
    """Of one house; ``told`` must hear every event."""

    def __init__(self, house: Gateway) -> None:
        self._house = house
        self._made: _Made | None = None

    def told(self, event: Event) -> None:
        """What was made holds no longer."""
        if event.type not in COMINGS:
            self._made = None

    def forget(self) -> None:
        """What was made holds no longer, and no event says why."""
        self._made = None

    def for_all(self, me: Shape) -> tuple[Shape, str] | None:
        """The state, and its JSON, for a person who sees everything; None where it holds what others do not see."""
        views, now = self._house.views, self._house.memory.now()
        if views.hints():
            return None
        made = self._made
        if made is None or not 0.0 <= now - made.at < KEPT_FOR:
            state = views.common_state()
            text = self._house.names.outward(_members(state))
            made = self._made = _Made(now, state, text)
        own: Shape = {"me": me, "staff": views.colleagues()}
        return {**made.state, **own}, f"{{{made.text},{_members(own)}}}"


def _members(of: Mapping[str, object]) -> str:
    return compact(of)[1:-1]
