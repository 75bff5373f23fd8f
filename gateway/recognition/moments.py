"""What recognition tells the rest of the house."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["hinted", "arrived", "moved", "departed"]
Evidence = dict[str, str | int | float]


@dataclass(slots=True)
class Moment:
    """A change of presence.

    ``at`` is the time of the read that decided it and ``since`` the time since when the customer is in ``zone`` (None:
    the zone is not known, as with a hint from the street); both in seconds since 1970 UTC. ``confidence`` is a
    probability. ``reason`` is one line a waiter understands; ``evidence`` says the same in parts: ``kind`` and, where
    known, ``reader``, ``reads``, ``seconds``, ``db``, ``from``. ``resumed``: they were said to have departed, and had
    not; a move, since nobody arrives twice in one visit.
    """

    kind: Kind
    customer: str
    visit: str
    zone: str | None
    at: float
    since: float
    confidence: float
    reason: str
    evidence: Evidence = field(default_factory=dict)
    late: bool = False
    resumed: bool = False


@dataclass(slots=True)
class Here:
    """Where a customer is now, since when, how sure, why we think so, and when last heard (seconds since 1970 UTC).

    ``quiet``: nothing of theirs has been heard for longer than is usual, and they are probably still here.
    """

    customer: str
    visit: str
    zone: str
    since: float
    confidence: float
    reason: str
    evidence: Evidence
    seen_at: float
    quiet: bool = False
