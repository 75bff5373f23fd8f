"""What the gateway answers of the facts of a customer."""

from __future__ import annotations

from gateway.events.data import Time
from gateway.events.sent import Sent


class CustomerRecord(Sent):
    """What is recorded of a customer's person."""

    id: str
    name: str
    address_as: str | None
    language: str | None
    tier: str | None
    associate: str | None
    deputy: str | None
    wishes: list[str]
    birthday: str | None
    meets: list[str]


class ChangedMeanwhile(Sent):
    """The facts as somebody else left them, who and when, and the ``version`` that a change has to name."""

    facts: CustomerRecord
    version: str
    by_name: str | None
    at: Time | None
