"""Who is expected today: likelier to come in than a stranger of those heard at the door, and no surer to be inside."""

from __future__ import annotations

from collections.abc import Mapping

NOBODY: Mapping[str, tuple[float, float]] = {}
EXPECTED = 1.0  # nats: of those who are expected, and heard at the door, not one in twenty comes in, but one in eight
EARLY_S = 3600.0  # people come before their time, …
LATE_S = 7200.0  # … and after it


class Expected:
    """Customers who are expected, from when until when (seconds since 1970 UTC)."""

    __slots__ = ("_times",)

    def __init__(self) -> None:
        self._times = NOBODY

    def put(self, times: Mapping[str, tuple[float, float]]) -> None:
        """These are expected from now on, and nobody else."""
        self._times = dict(times)

    def nats(self, customer: str, at: float) -> float:
        """What being expected says for coming in at ``at``."""
        when = self._times.get(customer)
        if when is None:
            return 0.0
        begins, ends = when
        return EXPECTED if begins - EARLY_S <= at <= ends + LATE_S else 0.0
