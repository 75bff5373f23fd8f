"""What is answered about the doors of the house: how it is trusted, and how readers sign in."""

from __future__ import annotations

from typing import Literal

from gateway.events.data import Time
from gateway.events.sent import Sent


class Trust(Sent):
    """How tablets come to trust this house; ``own``: by its own authority, which ``page`` hands out."""

    own: bool
    page: str | None
    picture: str | None
    """A QR code of the page, as a data URI."""
    fingerprint: str | None
    """SHA-256 of the authority's certificate, as devices show it."""
    until: Time | None
    """When the certificate that is shown now ends."""


class BrokerPassword(Sent):
    """What one reader, or its device in one room, signs in at the broker with; told this once."""

    user: str
    password: str


class BrokerPasswords(Sent):
    """New passwords of a reader, and where the broker listens."""

    scheme: Literal["mqtt", "mqtts"]
    port: int
    passwords: list[BrokerPassword]
