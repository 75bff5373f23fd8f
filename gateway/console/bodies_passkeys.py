"""What may be sent to us about passkeys."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from gateway.console.bodies import Body, DeviceKey, EmptyIsNone, Line, StaffId, TypedPin

_BASE64URL = r"^[A-Za-z0-9_-]+$"
CredentialId = Annotated[str, StringConstraints(pattern=_BASE64URL, max_length=1400)]  # 1023 bytes, says the standard
Said = Annotated[str, StringConstraints(pattern=_BASE64URL, max_length=6000)]
Attested = Annotated[str, StringConstraints(pattern=_BASE64URL, max_length=24_000)]


class PinAgain(Body):
    """The PIN once more, before there is another way in."""

    pin: TypedPin


class NewPasskey(Body):
    """A passkey as an authenticator made it, in base64url, and what its owner calls it."""

    name: Line
    id: CredentialId
    client_data: Said
    attestation: Attested


class ShownPasskey(Body):
    """What a passkey has signed, in base64url."""

    id: CredentialId
    client_data: Said
    authenticator_data: Said
    signature: Said


class PasskeySignIn(ShownPasskey):
    """The same, to sign in: by whom, where a name was picked, and the key that signs each request of the session."""

    staff: Annotated[StaffId | None, EmptyIsNone] = None
    key: DeviceKey | None = Field(default=None)
