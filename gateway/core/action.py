"""An action: what one act of a person comes to, before it is written down."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gateway.events.event import News
from gateway.recognition.labels import Label
from gateway.recognition.moments import Moment


@dataclass(slots=True)
class Action:
    """The answer, and the events that say what happened; tables and memory change by those and in no other way."""

    answer: Any
    status: int = 200
    news: list[News] = field(default_factory=list)
    rests_on: frozenset[str] = frozenset()
    """Of whom else nothing may change meanwhile: who claims a card must still be at work when that is recorded."""
    labels: list[Label] = field(default_factory=list)
    """What it says of where somebody is, or is not: recognition learns from it once it is recorded."""
    moved: Moment | None = None
    """Somebody was seen elsewhere than was said: what that brings comes once it is recorded."""


@dataclass(slots=True, frozen=True)
class Actor:
    """Who acts: a staff id or a program's; a ``lead`` may act on what a colleague holds, a ``program`` is no person.

    ``signed_in``: a person who sits at a screen of ours.
    """

    id: str
    lead: bool = False
    program: bool = False
    signed_in: bool = False
