"""Things that somebody else was seen to carry: passed over while they stay, and in doubt when they come back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

GONE_S = 120.0  # unheard for so long, as the most patient departure waits, it has been away: what comes then is anew

Word = Literal["passed_over", "doubted"]


@dataclass(slots=True)
class _Suspect:
    customer: str
    stays_until: float


class Suspects:
    """Identifiers in doubt, by what staff said of who carried them; times on the steady clock, in seconds.

    Who was just told that a card was wrong is not rung for the same thing a second later: while it is heard again and
    again it is passed over. After a while of silence it may be anybody's again, and whoever comes with it is doubted.
    """

    __slots__ = ("_things",)

    def __init__(self) -> None:
        self._things: dict[str, _Suspect] = {}

    def __bool__(self) -> bool:
        return bool(self._things)

    def put(self, identifier: str, customer: str, heard_at: float | None = None) -> None:
        """This customer's thing is in doubt; ``heard_at``: it was heard then, and is still there."""
        self._things[identifier] = _Suspect(customer, float("-inf") if heard_at is None else heard_at + GONE_S)

    def see(self, identifier: str, at: float) -> Word | None:
        """What a read of this thing is worth; None: as much as ever."""
        suspect = self._things.get(identifier)
        if suspect is None:
            return None
        if at >= suspect.stays_until:
            suspect.stays_until = float("-inf")
            return "doubted"
        suspect.stays_until = max(suspect.stays_until, at + GONE_S)
        return "passed_over"

    def given(self, identifier: str, customer: str) -> None:
        """The thing was handed out; to another customer it is a new thing."""
        suspect = self._things.get(identifier)
        if suspect is not None and suspect.customer != customer:
            del self._things[identifier]

    def forget_customer(self, customer: str) -> None:
        """Nothing of this customer's is in doubt any more."""
        self._things = {i: s for i, s in self._things.items() if s.customer != customer}

    def all(self) -> list[str]:
        """Everything in doubt."""
        return sorted(self._things)
