"""Rows that the hub may keep and not open: head, body and key id in one envelope, padded so that no length tells."""

from __future__ import annotations

import json
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.hub.wire import Message, b64
from gateway.records import chain
from gateway.records.compact import compact
from gateway.records.seal import Keyring

PURPOSE = b"moments hub backup v1"
STEP = 256
"""Bytes to which an envelope is padded."""


def backup_keys(keyring: Keyring) -> list[bytes]:
    """The venue's backup keys, the newest first: they follow from what proves its journal."""
    return keyring.keys_for(PURPOSE)


def dark(key: bytes, position: int, head: str, sealed: bytes, hash_: bytes) -> Message:
    """A row as the hub may keep it."""
    inner = compact([head, b64(sealed)]).encode()
    padded = inner + bytes(-len(inner) % STEP)
    nonce = os.urandom(12)
    return {
        "position": position,
        "dark": b64(nonce + AESGCM(key).encrypt(nonce, padded, hash_)),
        "head_digest": chain.head_digest(head).hex(),
        "body_digest": chain.body_digest(sealed).hex(),
        "hash": hash_.hex(),
    }


def plain(position: int, head: str, sealed: bytes, hash_: bytes) -> Message:
    """A row as the hub may open its head."""
    return {"position": position, "head": head, "sealed": b64(sealed), "hash": hash_.hex()}


def opened(keys: list[bytes], envelope: bytes, hash_: bytes) -> tuple[str, str] | None:
    """Head and body (base64) of a row that was dark; None where none of these keys opens it."""
    for key in keys:
        try:
            inner = AESGCM(key).decrypt(envelope[:12], envelope[12:], hash_)
        except InvalidTag:
            continue
        head, sealed = json.loads(inner.rstrip(b"\0"))
        return head, sealed
    return None
