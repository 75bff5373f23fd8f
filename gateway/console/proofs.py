"""Proofs that a request comes from the device that holds a key: signed over what is asked, and good once.

The page signs with a P-256 key that cannot leave its browser (WebCrypto). No clock of the device is believed: each
proof answers a challenge of ours, which lasts minutes and ends with this process, so that a gateway that starts again
costs one more request and lets no old proof in.

    Moments-Proof: 1.CHALLENGE.NONCE.SIGNATURE
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

HEADER = "moments-proof"
CHALLENGE = "moments-challenge"
QUERY = "proof"
"""Where a WebSocket, whose headers no page can set, bears its proof."""

LASTS = 300.0  # seconds of a challenge; the one before it is good too
MOST = 100_000  # proofs of one challenge that are remembered; then there is a new one
KEY_BYTES = 65  # of a point that is not compressed
LONGEST = 200
_FORM = re.compile(r"1\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{16,64})\.([A-Za-z0-9_-]{86})", re.ASCII)
_SHA256 = ECDSA(hashes.SHA256())


class Unproven(Exception):
    """What came with a request proves nothing; ``stale``: it answers a challenge that is over, as an honest one may."""

    def __init__(self, why: str, *, stale: bool = False) -> None:
        super().__init__(why)
        self.stale = stale


class Proofs:
    """Gives out challenges, and takes each proof once; ``now`` is a steady time in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._since = now()
        self._current = _challenge()
        self._before = _challenge()
        self._used: dict[str, set[str]] = {self._current: set(), self._before: set()}

    def challenge(self) -> str:
        """What the next proof answers."""
        passed = self._now() - self._since
        if passed >= LASTS or passed < 0 or len(self._used[self._current]) >= MOST:
            before = self._current if 0 <= passed < 2 * LASTS else _challenge()
            self._since, self._before, self._current = self._now(), before, _challenge()
            self._used = {self._current: set(), before: self._used.get(before, set())}
        return self._current

    def check(self, proof: str | None, key: bytes, method: str, target: str, body: bytes) -> None:
        """Takes the proof of one request: its method, its path with the query, its body. Raises Unproven."""
        if not proof:
            raise Unproven("it is not signed by the key of the device")
        found = _FORM.fullmatch(proof) if len(proof) <= LONGEST else None
        if found is None:
            raise Unproven("its proof cannot be read")
        challenge, nonce, signature = found.groups()
        self.challenge()
        used = self._used.get(challenge)
        if used is None:
            raise Unproven("its proof answers a challenge that is over", stale=True)
        if not _verifies(key, signature, signed(challenge, nonce, method, target, body)):
            raise Unproven("it is signed by another key, or over something else")
        if nonce in used:
            raise Unproven("its proof was used before")
        used.add(nonce)


def signed(challenge: str, nonce: str, method: str, target: str, body: bytes) -> bytes:
    """What the device's key signs."""
    lines = ("moments-proof-1", challenge, nonce, method, target, sha256(body).hexdigest())
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def key_of(text: str) -> bytes | None:
    """A public key as a page sends it: the point, not compressed, in base64url; None for anything else."""
    try:
        point = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        if len(point) != KEY_BYTES:
            return None
        _opened(point)
    except (ValueError, binascii.Error):
        return None
    return point


def _verifies(key: bytes, signature: str, message: bytes) -> bool:
    raw = base64.urlsafe_b64decode(signature + "==")
    whole = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    try:
        _opened(key).verify(whole, message, _SHA256)
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=1024)
def _opened(point: bytes) -> EllipticCurvePublicKey:
    return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)


def _challenge() -> str:
    return secrets.token_urlsafe(16)
