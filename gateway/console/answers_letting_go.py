"""How retention stands, and what its runs let go of."""

from __future__ import annotations

from gateway.events.data import Time
from gateway.events.kinds import Kind
from gateway.events.sent import Sent


class KindStanding(Sent):
    """One class: how much there is, how much is over, how much a day takes, and whether it waits for a person."""

    kind: Kind
    rule: str
    rows: int
    candidates: int
    most: int
    waits: bool


class LeavingCustomer(Sent):
    """A customer without any live consent, and the time before which nobody erases them."""

    id: str
    name: str | None
    address_as: str | None
    since: Time
    erased_after: Time


class KindGone(Sent):
    """One class in a run that is over: how many were over, how many went, whether it asked for a person."""

    kind: Kind
    rule: str
    candidates: int
    deleted: int
    asks: bool


class RetentionRun(Sent):
    """A run that is over, and by whose word its clock was right; of an older program neither that nor the classes."""

    time: Time
    vouched_by: str | None
    kinds: list[KindGone]


class RetentionStanding(Sent):
    """How retention stands; ``vouched_by`` is ``time_server`` or who on the staff, ``why`` what is in the way.

    ``runs`` are the last ones, the newest on top.
    """

    now: Time
    vouched_by: str | None
    why: str | None
    last_run: Time | None
    runs: list[RetentionRun]
    kinds: list[KindStanding]
    leaving: list[LeavingCustomer]
