"""How it stands with the hub, as the talk knows it and people are told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Standing:
    """How it stands with the hub, for people: read from any thread, written by the talk's alone."""

    joined: bool = False
    connected: bool = False
    by: str = "none"
    """``link``, ``exchange`` or none."""
    sent: int | None = None
    """The number of the row in our journal up to which the hub has all; None while that is not known."""
    heard_at: float | None = None
    """Seconds since 1970 UTC."""
    told: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By code, what IT is told: ``words``, ``since``, ``over``."""
    fault: str | None = None
    """Why there is no link; None where there is one."""
    skew_s: float = 0.0
    rows: int = 0
    batches: int = 0
    tries: int = 0
    items: int = 0
    epochs: int = 0
    """Epochs that were begun because of a fork."""
