"""A desk, asks, debts and stays whose decisions are taken in at once, as they are once they are recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateway.recognition.parties import Tie
from gateway.service.alert import Alert, AlertNews
from gateway.service.asks import Ask, Asks, Order
from gateway.service.desk import Desk
from gateway.service.owed import Dues, Kind, Owed
from gateway.service.stays import Stay, Stays

DECISIONS = (
    "hinted", "arrived", "occurred", "left", "revoked", "settled", "quiet", "pulse", "claim", "release", "hand_over",
    "gone", "close", "rate", "meet",
)  # fmt: skip
Decide = Callable[..., list[AlertNews]]


class PlayedDesk(Desk):
    """A desk on which what was decided has happened."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in DECISIONS:
            setattr(self, name, self._played(getattr(self, name)))

    def settled(self, promise: str, now: float) -> list[AlertNews]:
        """The promise was kept."""
        return self._at(now).settled(promise)

    def quiet(self, visit: str, now: float) -> list[AlertNews]:
        """The customer does not want to be disturbed."""
        return self._at(now).quiet(visit)

    def _played(self, decide: Decide) -> Decide:
        def play(*args: Any, **kwargs: Any) -> list[AlertNews]:
            now = next((a for a in args if isinstance(a, float)), 0.0)
            news = decide(*args, **kwargs)
            for n in news:
                self.apply(Alert.from_data(n.alert.data()), n.type, now)
            return news

        return play


class PlayedAsks(Asks):
    """Asks that stand as they were decided."""

    def _stands(self, ask: Ask) -> Ask:
        self.put(ask)
        return ask

    def ask(self, new: Ask, *, again: bool = False, slip: bool = False) -> Ask:
        return self._stands(super().ask(new, again=again, slip=slip))

    def answer(self, ask: str, answer: str | Order, by: str, at: float) -> Ask:
        order = Order(answer) if isinstance(answer, str) else answer
        return self._stands(super().answer(ask, order, by, at))

    def serve(self, ask: str, by: str, at: float) -> Ask:
        return self._stands(super().serve(ask, by, at))

    def take_back(self, ask: str) -> Ask:
        return self._stands(super().take_back(ask))


class PlayedStays(Stays):
    """Stays that begin as they were decided."""

    def arrived(self, visit: str, customer: str, zone: str, at: float, tie: Tie = lambda _one, _other: None) -> Stay:
        self.restore(stay := self.joining(visit, customer, zone, at, tie))
        return stay


def kept(dues: Dues, kind: Kind, owed: str, customer: str, by: str, at: float) -> Owed:
    """Closes what is owed, and takes that in."""
    dues.put(closed := dues.close(kind, owed, customer, by, None, at))
    return closed
