"""Ed25519 keys of operators and houses, what certifies them, and how each is written.

A key's id is the first 12 letters of base64url of its SHA-256. A certificate is signed by the key that ``by`` names,
over ``moments-key-1``, a line feed and its canonical form; a receipt's core over ``moments-receipt-1`` likewise.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gateway.consent.canonical import NotCanonical, canonical

RECEIPT = "moments-receipt-1"
KEY = "moments-key-1"
KID = 12  # letters
GROUP = 4
COMPARED = 12  # letters of a key that people compare with a sign: 72 bits


def b64(raw: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: object, length: int | None = None) -> bytes:
    """The bytes of it; raises ValueError where it is none, not written as we write it, or not so long."""
    if not isinstance(text, str):
        raise ValueError("expected a text")
    try:
        raw = base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("this is no base64url") from error
    if b64(raw) != text or (length is not None and len(raw) != length):
        raise ValueError("this is no base64url of that length")
    return raw


def kid_of(public: bytes) -> str:
    """The id of a public key (32 bytes)."""
    return b64(sha256(public).digest())[:KID]


def groups(public: str) -> str:
    """The beginning of a public key as people compare it with a sign: ``RQuM-TeAR-9GeJ``."""
    return "-".join(public[at : at + GROUP] for at in range(0, COMPARED, GROUP))


def new_private() -> bytes:
    """A new private key, 32 bytes."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def public_of(private: bytes) -> bytes:
    """The public half, 32 bytes."""
    return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def sign(private: bytes, context: str, value: object) -> str:
    """The signature (base64url) over ``context``, a line feed and the canonical ``value``."""
    return b64(Ed25519PrivateKey.from_private_bytes(private).sign(message(context, value)))


def signed_by(public: str, context: str, value: object, signature: object) -> bool:
    """Whether the key (base64url) made this signature over that value."""
    try:
        key = Ed25519PublicKey.from_public_bytes(unb64(public, 32))
        key.verify(unb64(signature, 64), message(context, value))
    except (InvalidSignature, NotCanonical, ValueError):
        return False
    return True


def message(context: str, value: object) -> bytes:
    """What is signed."""
    return context.encode() + b"\n" + canonical(value)


def certificate(private: bytes, facts: Mapping[str, Any]) -> dict[str, Any]:
    """``facts`` of a key (kid, key, use, venue, from, until) certified by the key ``private``."""
    cert = {**facts, "by": kid_of(public_of(private))}
    return {"cert": cert, "signature": sign(private, KEY, cert)}
