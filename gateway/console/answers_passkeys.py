"""What the gateway answers about passkeys."""

from __future__ import annotations

from typing import Literal

from gateway.events.data import Time
from gateway.events.sent import Sent


class OwnPasskey(Sent):
    """A passkey of whoever asks; ``here``: it is for the host name at which this console was opened."""

    id: str
    name: str
    host: str
    here: bool
    added_at: Time
    used_at: Time | None


class OwnPasskeys(Sent):
    """All of them, and why none can be added or used here; null: they can."""

    hindrance: Literal["address", "plain", "not_installed"] | None
    passkeys: list[OwnPasskey]


class CeremonyOptions(Sent):
    """What the browser is to ask an authenticator: JSON as the standard has it (PublicKeyCredential…OptionsJSON)."""

    options: str


class StaffPasskeys(Sent):
    """How many passkeys somebody has."""

    staff: str
    count: int


class PasskeyCounts(Sent):
    """Everybody who has some."""

    staff: list[StaffPasskeys]
