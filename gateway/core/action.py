"""An action: what one act of a person comes to, before it is written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gateway.records.store import Change


@dataclass(slots=True)
class News:
    """Something to tell: an event without its number yet; ``subject`` is the id of what it is about."""

    type: str
    subject: str
    data: dict[str, Any]
    actor: str | None = None
    """Who did it, where that is not who acts."""


@dataclass(slots=True)
class Action:
    """The answer, the news, the changes to the tables, and what changes in memory once all that is committed."""

    answer: Any
    status: int = 200
    news: list[News] = field(default_factory=list)
    changes: list[Change[object]] = field(default_factory=list)
    after: list[Callable[[], None]] = field(default_factory=list)
    stands: bool = False
    """It happened in memory already (a claim): everyone is told even where it could not be written down."""


@dataclass(slots=True, frozen=True)
class Actor:
    """Who acts: a staff id or a program's; a ``lead`` may act on what a colleague holds."""

    id: str
    lead: bool = False
