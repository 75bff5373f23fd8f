"""Partners, and what each has not answered."""

from __future__ import annotations

from typing import Literal

from gateway.events.data import Time
from gateway.events.sent import Localised, Sent


class PartnerWaits(Sent):
    """What a partner has not answered, and since when; ``told_at`` is when an erasure reached it first."""

    what: Literal["news", "correction", "stop", "erasure"]
    customer: str
    erasure: str | None
    since: Time
    told_at: Time | None


class PartnerStanding(Sent):
    """A partner: of how many customers it may have something, and what it has not answered yet.

    ``name`` is null where the settings do not have it any more, ``webhook`` where people tell it.
    """

    partner: str
    name: Localised | None
    webhook: str | None
    customers: int
    waiting: list[PartnerWaits]
