"""What the live socket sends of the house itself."""

from __future__ import annotations

from typing import Literal

from gateway.events.data import Time
from gateway.events.house import LimitKind
from gateway.events.sent import Sent


class RecordsDamaged(Sent):
    """Records could not be read: how many were made anew, and how many of each table are set aside now."""

    mended: int
    aside: dict[str, int]


class LimitReached(Sent):
    """Somebody (an address, a tablet or a person) did more at once than one may, so often since this was last told."""

    kind: LimitKind
    who: str
    count: int


class Quarantine(Sent):
    """Nobody can know whom the house has forgotten, since when and why: no customer is recognised or shown."""

    since: Time
    because: str


class QuarantineEnded(Sent):
    """Customers are known again: why, by whom, and how many were erased by the list that came."""

    because: Literal["list", "signed"]
    by: list[str]
    reason: str
    erased: int
