"""Answers about the hub of the house."""

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
