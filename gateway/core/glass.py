"""Break-glass: what nobody may look at alone, opened by two, for half an hour, and told to every manager."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.events.times import new_id
from gateway.service.alert import Refused

CONFIRM_WITHIN = 300.0  # seconds
OPEN_FOR = 1800.0  # seconds
MOST = 20  # requests that wait at once


@dataclass(slots=True, frozen=True)
class Scope:
    """What is opened: a customer who wished not to be seen, a zone's history, or the PIN of a manager locked out.

    Or of the house: a file of all customers, the end of a quarantine; it is about the venue then.
    """

    kind: str
    about: str
    begins: float = 0.0
    ends: float = 0.0


@dataclass(slots=True)
class Opening:
    """A request of ``a`` on one device, and since when and until when it is open where ``b`` confirmed it."""

    id: str
    a: str
    device: str
    reason: str
    scope: Scope
    until: float
    b: str | None = None


class Glass:
    """What waits and what is open; times are steady seconds. A restart ends all of it."""

    def __init__(self, steady: Callable[[], float]) -> None:
        self._steady = steady
        self._all: dict[str, Opening] = {}

    def ask(self, a: str, device: str, reason: str, scope: Scope) -> Opening:
        """A asks; it waits for somebody else for five minutes. Raises Refused(429) where too much waits."""
        if sum(each.b is None for each in self._live()) >= MOST:
            raise Refused(429, "too many requests wait to be confirmed")
        opening = Opening(new_id(), a, device, reason, scope, self._steady() + CONFIRM_WITHIN)
        self._all[opening.id] = opening
        return opening

    def waiting(self, id_: str, b: str, device: str) -> Opening:
        """What B is about to confirm.

        Raises Refused: 404 where nothing waits under this id, 403 where B is A or at A's device, 409 where it is open.
        """
        found = self.get(id_)
        if found is None:
            raise Refused(404, "nothing waits to be confirmed here: it was not asked for, or five minutes are over")
        if found.b is not None:
            raise Refused(409, "this is confirmed already: one confirmation opens once")
        if found.a == b:
            raise Refused(403, "nobody confirms what they asked for themselves: it takes two people")
        if found.device == device:
            raise Refused(403, "it is confirmed on another tablet than the one it was asked for on")
        return found

    def confirm(self, id_: str, b: str, device: str) -> Opening:
        """Opens it for half an hour; raises Refused as ``waiting`` does."""
        found = self.waiting(id_, b, device)
        found.b, found.until = b, self._steady() + OPEN_FOR
        return found

    def get(self, id_: str) -> Opening | None:
        """What waits or is open under this id, and is not over."""
        found = self._all.get(id_)
        return found if found is not None and found.until > self._steady() else None

    def close(self, id_: str) -> Opening | None:
        """Ends it; what it was, where it was not over."""
        found = self.get(id_)
        self._all.pop(id_, None)
        return found

    def all(self) -> list[Opening]:
        """All that waits or is open, the newest first."""
        return sorted(self._live(), key=lambda each: each.id, reverse=True)

    def opens(self, staff: str | None, kind: str, about: str) -> Opening | None:
        """What is open for this person of this kind and about this; None where nothing is."""
        return next(
            (o for o in self._live() if o.b and o.a == staff and (o.scope.kind, o.scope.about) == (kind, about)), None
        )

    def open_of(self, kind: str) -> Opening | None:
        """What is open of this kind, whoever asked; None where nothing is."""
        return next((each for each in self._live() if each.b and each.scope.kind == kind), None)

    def over(self) -> list[Opening]:
        """What has run out since this was asked last."""
        now = self._steady()
        gone = [each for each in self._all.values() if each.until <= now]
        for each in gone:
            del self._all[each.id]
        return gone

    def _live(self) -> list[Opening]:
        now = self._steady()
        return [each for each in self._all.values() if each.until > now]
