"""What is kept in memory about one recognised customer."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.recognition.evidence import Credential
from gateway.recognition.moments import Evidence

NEVER = float("-inf")


@dataclass(slots=True)
class Person:
    """One customer: their credentials, the belief where they are, and what was last said about them."""

    customer: str
    belief: list[float]
    credentials: dict[str, Credential] = field(default_factory=dict)
    present: bool = False
    state: int = 0  # index of the zone last reported; 0 while away
    visit: str = ""
    since: float = NEVER  # in this zone
    arrived_at: float = NEVER
    confidence: float = 0.0
    reason: str = ""
    evidence: Evidence = field(default_factory=dict)
    seen_at: float = NEVER
    silent_from: float = NEVER  # silence counts from here: the last read, a restart, or a reader that came back
    decided_at: float = NEVER
    due: float = NEVER  # no decision before this
    wake: float = NEVER  # nothing can happen by silence before this
    fresh: bool = False  # reads have come that no decision has used
    hinted_at: float = NEVER
    exit_at: float | None = None  # an exit read that has not become a departure yet
    exit_reader: str = ""
