"""What is told of consents and of the texts that people read before they are asked."""

from __future__ import annotations

from gateway.events.data import Time
from gateway.events.sent import Sent


class ConsentSaid(Sent):
    """What a customer said to a purpose; ``expires`` and ``last_day`` where they agreed, ``act`` null of long ago."""

    customer: str
    purpose: str
    brand: str | None
    partner: str | None
    act: str | None
    last_day: str | None
    expires: Time | None


class NoticeTold(Sent):
    """There is another version of a text that people read before they are asked."""

    id: str
    version: int
    purposes: list[str]
    material: bool
