"""What an authenticator is asked and how its answer is checked (WebAuthn); the library is read when somebody asks.

A challenge is good once, for two minutes, for one purpose and for whoever asked. Without the library, at an address
that is no name, or without TLS there are no passkeys, and ``hindrance`` says which of these it is. Whatever the bytes
of a stranger do to the library, they prove nothing: each of its errors is NotShown.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from ipaddress import ip_address
from typing import Any, Literal

from starlette.requests import HTTPConnection

from gateway.records.passkeys import Passkey

LASTS = 120.0  # seconds of a challenge
MOST = 2_000  # challenges at once
OF_ONE = 32  # of them of one device: its oldest ends with the next
BYTES = 32
Hindrance = Literal["address", "plain", "not_installed"]
Purpose = Literal["add", "sign_in", "unlock"]
WORDS: Mapping[Hindrance, str] = {
    "address": "passkeys are made for a host name, and this console was opened at an IP address: open it by its name",
    "plain": "passkeys need TLS (https), or the gateway's own machine: this console was opened without",
    "not_installed": "passkeys need a library that is not installed here: install moments[passkey]",
}


class NotShown(Exception):
    """What came proves nothing; the text says why, for the log alone."""


@dataclass(slots=True, frozen=True)
class Place:
    """Where the page stands that asks: the host name that passkeys are made for, and its whole origin."""

    host: str
    origin: str


@dataclass(slots=True, frozen=True)
class Made:
    """A passkey as its authenticator made it."""

    credential: bytes
    public_key: bytes
    count: int


def installed() -> bool:
    """Whether the library is there; it is not read by this."""
    return find_spec("webauthn") is not None


def place_of(connection: HTTPConnection, *, secure: bool) -> Place:
    """Where a request's page stands, by its Host, which has been held against the names that are ours."""
    host = connection.headers.get("host", "").lower()
    name = (host if host.endswith("]") else host.rsplit(":", 1)[0]).strip("[]")
    scheme = "https" if secure else "http"
    usual = ":443" if secure else ":80"
    return Place(name, f"{scheme}://{host.removesuffix(usual)}")


def hindrance(place: Place, *, secure: bool) -> Hindrance | None:
    """Why there are no passkeys at this place; None where there are."""
    try:
        ip_address(place.host)
    except ValueError:
        pass
    else:
        return "address"
    if not secure and place.host != "localhost" and not place.host.endswith(".localhost"):
        return "plain"
    return None if installed() else "not_installed"


class Challenges:
    """Those that wait for an answer, in memory alone; ``now`` is a steady time in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._open: dict[bytes, tuple[float, Purpose, str]] = {}

    def new(self, purpose: Purpose, asked_by: str) -> bytes:
        """A challenge for one answer of whoever asks."""
        now = self._now()
        self._open = {each: what for each, what in self._open.items() if 0 <= now - what[0] < LASTS}
        own = [each for each, (_, _, by) in self._open.items() if by == asked_by]
        for each in own[: max(0, len(own) - OF_ONE + 1)]:
            del self._open[each]
        while len(self._open) >= MOST:
            del self._open[next(iter(self._open))]
        made = secrets.token_bytes(BYTES)
        self._open[made] = (now, purpose, asked_by)
        return made

    def take(self, challenge: bytes, purpose: Purpose, asked_by: str) -> None:
        """Uses one up; raises NotShown where it was used, is over, or was somebody else's or for something else."""
        since, what, by = self._open.pop(challenge, (float("-inf"), "", ""))
        if not 0 <= self._now() - since < LASTS or (what, by) != (purpose, asked_by):
            raise NotShown("the challenge is over, was used, or is another's")


def to_add(place: Place, challenge: bytes, house: str, who: tuple[bytes, str], known: Iterable[Passkey]) -> str:
    """What the browser asks an authenticator to make, as JSON; ``who`` is a handle that says nothing, and a name."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    handle, name = who
    wanted = AuthenticatorSelectionCriteria(
        resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
    )
    return options_to_json(
        generate_registration_options(
            rp_id=place.host,
            rp_name=house,
            user_id=handle,
            user_name=name,
            user_display_name=name,
            challenge=challenge,
            timeout=int(LASTS * 1000),
            authenticator_selection=wanted,
            exclude_credentials=[PublicKeyCredentialDescriptor(id=each.credential) for each in known],
        )
    )


def to_show(place: Place, challenge: bytes, known: Iterable[Passkey] = ()) -> str:
    """What the browser asks an authenticator to sign, as JSON; without ``known`` it offers all that it has for us."""
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor, UserVerificationRequirement

    return options_to_json(
        generate_authentication_options(
            rp_id=place.host,
            challenge=challenge,
            timeout=int(LASTS * 1000),
            allow_credentials=[PublicKeyCredentialDescriptor(id=each.credential) for each in known],
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


def challenge_in(client_data: str) -> bytes:
    """The challenge that an answer says it answers; raises NotShown where nobody can read that."""
    from webauthn.helpers import base64url_to_bytes, parse_client_data_json

    try:
        return parse_client_data_json(base64url_to_bytes(client_data)).challenge
    except Exception as error:
        raise NotShown(f"its client data cannot be read: {error}") from None


def made(place: Place, challenge: bytes, id_: str, response: Mapping[str, Any]) -> Made:
    """The passkey that an authenticator made for this challenge, here, for a person it verified; raises NotShown."""
    from webauthn import verify_registration_response

    try:
        found = verify_registration_response(
            credential=_credential(id_, response),
            expected_challenge=challenge,
            expected_rp_id=place.host,
            expected_origin=place.origin,
            require_user_verification=True,
        )
    except Exception as error:
        raise NotShown(str(error)) from None
    return Made(found.credential_id, found.credential_public_key, found.sign_count)


def shown(place: Place, challenge: bytes, passkey: Passkey, id_: str, response: Mapping[str, Any]) -> int:
    """How often this passkey has signed by now, as it says; raises NotShown where it has not signed this, here.

    And where whoever holds it was not verified, or it has signed no more often than it had before.
    """
    from webauthn import verify_authentication_response

    if passkey.host != place.host:
        raise NotShown("it was made for another host name")
    try:
        found = verify_authentication_response(
            credential=_credential(id_, response),
            expected_challenge=challenge,
            expected_rp_id=place.host,
            expected_origin=place.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.count,
            require_user_verification=True,
        )
    except Exception as error:
        raise NotShown(str(error)) from None
    return int(found.new_sign_count)


def _credential(id_: str, response: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": id_, "rawId": id_, "type": "public-key", "response": dict(response)}


def bytes_of(text: str) -> bytes:
    """What stands in base64url; whatever cannot be read is nothing."""
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""
