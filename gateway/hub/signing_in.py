"""How a box signs in: a challenge that nobody has to remember, and what the box signs of it."""

from __future__ import annotations

import base64
import hmac
import os
from collections.abc import Sequence
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

CHALLENGE_S = 60
SESSION_S = 3600
TWICE_WITHIN_MS = 10_000
"""So long a box that was heard keeps another process with its key out."""
_VERSION = b"moments session v1"
_MADE, _NOISE, _PROOF = 8, 8, 16


def nonce(key: bytes, box: str, now_ms: int) -> bytes:
    """A challenge for ``box``, whoever that is: it carries its own time and proof."""
    body = now_ms.to_bytes(_MADE, "big") + os.urandom(_NOISE)
    return body + _proof(key, box, body)


def is_fresh(key: bytes, box: str, given: bytes, now_ms: int) -> bool:
    """Whether we made this challenge for this box within the last minute."""
    body, proof = given[: _MADE + _NOISE], given[_MADE + _NOISE :]
    if not hmac.compare_digest(proof, _proof(key, box, body)):
        return False
    return 0 <= now_ms - int.from_bytes(body[:_MADE], "big") <= CHALLENGE_S * 1000


def _proof(key: bytes, box: str, body: bytes) -> bytes:
    return hmac.digest(key, b"moments challenge\x00" + box.encode() + b"\x00" + body, "sha256")[:_PROOF]


def signed(hub: str, box: str, given: bytes, boot: str) -> Sequence[bytes]:
    """What a box signs to begin a session: the challenge as it was written, or its bytes."""
    written = base64.b64encode(given)
    return [b"\x00".join((_VERSION, hub.encode(), box.encode(), each, boot.encode())) for each in (written, given)]


def signed_by(sign: bytes, signature: bytes, texts: Sequence[bytes]) -> bool:
    """Whether a box with this public key signed one of these."""
    key = Ed25519PublicKey.from_public_bytes(sign)
    for each in texts:
        try:
            key.verify(signature, each)
        except InvalidSignature:
            continue
        return True
    return False


def new_token() -> str:
    """An opaque bearer token of 256 bits."""
    return base64.urlsafe_b64encode(os.urandom(32)).rstrip(b"=").decode()


def kept(token: str) -> bytes:
    """What is kept of a token."""
    return sha256(token.encode()).digest()
