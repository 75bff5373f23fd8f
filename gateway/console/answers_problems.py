"""What a refusal says of one member of a request."""

from __future__ import annotations

from gateway.events.sent import Sent


class Wrong(Sent):
    """One member of a request that is not as expected, and why; a value is repeated where the problem has a name."""

    at: str
    reason: str | None = None
    given: float | str | None = None
    expected: str | None = None


class BadRow(Sent):
    """A row of a customer file that was kept back, or is doubtful: its line, counted from 1, and why."""

    line: int
    reason: str
