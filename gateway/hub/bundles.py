"""Data keys on their way: one HPKE seal (RFC 9180) of a fresh key for a bundle, and each data key below that."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from gateway.hub.wire import Message, Unfit, b64, octets, rows, table, text

MOST = 1_000
"""Keys in one message."""
KEY_ID, KEY = 8, 32
_SEALED = 12 + KEY + 16
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_VERSION = b"moments keys v1"


class DataKey(NamedTuple):
    """One data key: of which customer, as the house calls them, and the key itself."""

    customer: str
    key_id: bytes
    key: bytes


def _info(sender: str, receiver: str, key_ids: Iterable[bytes]) -> bytes:
    return b"\x00".join((_VERSION, sender.encode(), receiver.encode(), sha256(b"".join(key_ids)).digest()))


def _bound(customer: str, key_id: bytes) -> bytes:
    return customer.encode() + b"\x00" + key_id


def seal(keys: Sequence[DataKey], sender: str, receiver: str, open_: bytes) -> Message:
    """A ``keys`` message that only the holder of ``open_`` opens; it is sent and never stored."""
    fresh = os.urandom(KEY)
    info = _info(sender, receiver, (each.key_id for each in keys))
    bundle = _SUITE.encrypt(fresh, X25519PublicKey.from_public_bytes(open_), info)
    cipher = AESGCM(fresh)
    found = []
    for each in keys:
        nonce = os.urandom(12)
        sealed = nonce + cipher.encrypt(nonce, each.key, _bound(each.customer, each.key_id))
        found.append({"customer": each.customer, "key_id": b64(each.key_id), "sealed": b64(sealed)})
    return {"type": "keys", "bundle": b64(bundle), "keys": found}


def open_(message: Message, sender: str, receiver: str, private: X25519PrivateKey) -> list[DataKey]:
    """The data keys in a ``keys`` message; raises Unfit where it is none, or was sealed for somebody else."""
    sealed: list[tuple[str, bytes, bytes]] = []
    for each in rows(message.get("keys"), "keys", MOST):
        one = table(each, "a key")
        key_id = octets(one.get("key_id"), "key_id", KEY_ID)
        sealed.append((text(one.get("customer"), "customer"), key_id, octets(one.get("sealed"), "sealed", _SEALED)))
    info = _info(sender, receiver, (key_id for _, key_id, _ in sealed))
    try:
        fresh = _SUITE.decrypt(octets(message.get("bundle"), "bundle"), private, info)
        cipher = AESGCM(fresh)
        return [
            DataKey(customer, key_id, cipher.decrypt(each[:12], each[12:], _bound(customer, key_id)))
            for customer, key_id, each in sealed
        ]
    except (InvalidTag, ValueError):
        raise Unfit("the keys were not sealed for this hub by this box") from None


def open_body(key: bytes, sealed: bytes, head_digest: bytes) -> bytes | None:
    """The data of an event as JSON; None where this key does not open it."""
    if sealed[:1] != b"\x02":
        return None
    try:
        return AESGCM(key).decrypt(sealed[9:21], sealed[21:], head_digest)
    except (InvalidTag, ValueError):
        return None


def key_id_of(sealed: bytes) -> bytes | None:
    """Which data key sealed a body; None where only a digest is left of it."""
    return sealed[1:9] if sealed[:1] == b"\x02" and len(sealed) > 21 else None
