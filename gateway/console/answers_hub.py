"""Answers about the hub of the house, and about the second box of this venue."""

from __future__ import annotations

from typing import Literal

from gateway.events.sent import Sent


class HubTold(Sent):
    """What IT is told by the hub of the house."""

    code: str
    words: dict[str, str]
    since: str


class HubHealth(Sent):
    """The link to the hub of the house."""

    joined: bool
    connected: bool
    by: Literal["link", "exchange", "none"]
    behind: int | None
    """Rows that the hub has not; None while that is not known."""
    heard_at: str | None
    fault: str | None
    """Why there is no link, in one sentence; None where there is one."""
    told: list[HubTold]


class SecondBox(Sent):
    """The second box of this venue; ``of`` and ``behind`` are said by itself alone, at its own ``/health``."""

    of: str | None
    behind: int | None
    followed: bool
    """Whether it has what we have, to within a few seconds."""
    heard_at: str | None
    took_over_at: str | None
    """When this box took over from the other; None where it never did."""
    on_promote: str | None
    """How the program ended that moves the tablets' address; None where there is none."""
    fault: str | None
