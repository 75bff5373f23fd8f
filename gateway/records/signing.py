"""The house's own hand: an Ed25519 key pair that signs its copies, its list of erasures and their receipts.

It is one of the house's secrets, and stays when the master key is exchanged. Its public half is vouched for by the
recovery key (recovery.py): whoever brings a copy back knows by the sheet in their hand which house made it.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gateway.records.compact import compact, comparable


class Hand:
    """Signs for one house and knows its signatures; also the proofs that it made before it could sign."""

    def __init__(self, secret: bytes, proving: bytes) -> None:
        """``secret`` (32 bytes) is the private half; ``proving`` the key of proofs of an older program."""
        self._private = Ed25519PrivateKey.from_private_bytes(secret)
        self._proving = proving
        self.public = self._private.public_key().public_bytes_raw()
        """The 32 bytes by which anybody can check."""

    def sign(self, what: str, facts: Mapping[str, Any]) -> str:
        """The signature (hex) of these facts as ``what``."""
        return self._private.sign(signed_bytes(what, facts)).hex()

    def signed(self, what: str, facts: Mapping[str, Any], signature: object) -> bool:
        """Whether this house signed these facts as ``what``."""
        return verify(self.public, what, facts, signature)

    def proves(self, what: bytes, facts: Mapping[str, Any], proof: object) -> bool:
        """Whether an older program of this house proved these facts (hex) with a key that follows from the master."""
        made = hmac.digest(self._proving, what + compact(facts).encode(), "sha256").hex()
        return isinstance(proof, str) and hmac.compare_digest(proof.encode(), made.encode())


def signed_bytes(what: str, facts: Mapping[str, Any]) -> bytes:
    """What is signed: ``moments-WHAT-1``, a line feed, and the facts as JSON, members by name and without blanks."""
    return f"moments-{what}-1\n{comparable(facts)}".encode()


def verify(public: bytes, what: str, facts: Mapping[str, Any], signature: object) -> bool:
    """Whether ``signature`` (hex) of these facts as ``what`` was made with the private half of ``public``."""
    try:
        given = bytes.fromhex(signature) if isinstance(signature, str) else b""
        Ed25519PublicKey.from_public_bytes(public).verify(given, signed_bytes(what, facts))
    except (InvalidSignature, ValueError):
        return False
    return True


def mark(public: bytes) -> str:
    """What a person compares of a public key: twelve characters in groups of four."""
    text = base64.urlsafe_b64encode(public).decode()[:12]
    return "-".join(text[at : at + 4] for at in (0, 4, 8))
