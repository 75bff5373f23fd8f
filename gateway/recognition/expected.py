"""Who is expected today: likelier to come in than a stranger of those heard at the door, and no surer to be inside."""

from __future__ import annotations

EXPECTED = 1.0  # nats: of those who are expected, and heard at the door, not one in twenty comes in, but one in eight
EARLY_S = 3600.0  # people come before their time, …
LATE_S = 7200.0  # … and after it


class Expected:
    """Customers who are expected, from when until when (seconds since 1970 UTC, on the house's clock).

    ``moved`` is what that clock is ahead of the one that recognition goes by.
    """

    __slots__ = ("_times", "moved")

    def __init__(self) -> None:
        self.moved = 0.0
        self._times: dict[str, tuple[float, float]] = {}

    def put(self, customer: str, begins: float, ends: float) -> None:
        """This customer is expected then."""
        self._times[customer] = (begins, ends)

    def forget(self, customer: str) -> None:
        """This customer is expected no more."""
        self._times.pop(customer, None)

    def sweep(self, before: float) -> None:
        """Forgets whose time was over before then."""
        self._times = {customer: times for customer, times in self._times.items() if times[1] >= before}

    def all(self) -> dict[str, tuple[float, float]]:
        """Everybody who was said to be expected, and when."""
        return dict(self._times)

    def nats(self, customer: str, at: float) -> float:
        """What being expected says for coming in at ``at``."""
        when = self._times.get(customer)
        if when is None:
            return 0.0
        begins, ends = when
        return EXPECTED if begins - EARLY_S <= at + self.moved <= ends + LATE_S else 0.0
