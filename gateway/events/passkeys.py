"""What events about passkeys hold."""

from __future__ import annotations

from typing import Literal

from gateway.events.data import Data, Hex


class PasskeyAdded(Data):
    """Somebody may sign in with a passkey more: its public key and the id that its authenticator gave it.

    ``host`` is the host name of the console for which it was made, ``count`` how often it says that it has signed.
    """

    passkey: str
    staff: str
    name: str
    host: str
    credential: Hex
    public_key: Hex
    count: int


class PasskeyUsed(Data):
    """Somebody signed in with it, or opened their screen again; ``count`` as it said then."""

    passkey: str
    staff: str
    count: int


class PasskeyRemoved(Data):
    """It opens nothing any more: its owner removed it, a manager or IT did, or its owner has another PIN."""

    passkey: str
    staff: str
    because: Literal["removed", "taken", "new_pin"]
