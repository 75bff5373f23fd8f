"""A venue's way to the club's books at its hub: asked by tablets and tills, answered or not."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

WITHOUT = "without the hub points cannot be spent here today"
NOT_NOW = "the club's books are not reached: ask again with the same id, or withdraw it"


class Answer(NamedTuple):
    """What the hub said, and how."""

    status: int
    body: dict[str, Any]


class Away(Exception):
    """The hub did not answer in time; whether it booked is not known."""


class ClubLine(Protocol):
    """Asks the hub for whoever asks here."""

    async def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Answer:
        """The hub's answer to a path below ``/api/club``; raises Away."""
