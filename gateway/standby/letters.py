"""What two boxes of one venue say to each other: signed by who says it, an answer sealed for who asked.

So it does not matter whether the line between them is TLS, nor whose certificate that is; an answer is for one question
and for one box. What is asked holds nothing of anybody.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from gateway.hub.wire import Message, Unfit, b64, octets, table
from gateway.joined.boxes import Keys
from gateway.records.following import Batch, Changed

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_ASKED, _ANSWERED = b"moments standby asks v1\x00", b"moments standby answers v1\x00"
LARGEST = 64 * 1024 * 1024  # bytes of an answer once it is unpacked


def asked(box: str, message: Message, keys: Keys) -> Message:
    """A question as it is sent; no two are the same."""
    said = json.dumps({**message, "nonce": os.urandom(16).hex()}, separators=(",", ":"))
    return {"box": box, "said": said, "signature": b64(keys.sign.sign(_ASKED + said.encode()))}


def question(body: Mapping[str, Any], sign: bytes) -> Message:
    """What was asked; raises Unfit where the box with this key did not."""
    said = body.get("said")
    if not isinstance(said, str):
        raise Unfit("said: expected a text")
    _check(sign, octets(body.get("signature"), "signature", 64), _ASKED + said.encode())
    return read(said.encode())


def answered(message: Message, body: Mapping[str, Any], keys: Keys, open_: bytes) -> Message:
    """An answer to what was sent as ``body``, for the box that opens with ``open_`` alone."""
    about = sha256(str(body["said"]).encode()).digest()
    plain = zlib.compress(json.dumps(message, separators=(",", ":"), default=octets_of).encode(), 1)
    sealed = _SUITE.encrypt(plain, X25519PublicKey.from_public_bytes(open_), _ANSWERED + about)
    return {"sealed": b64(sealed), "signature": b64(keys.sign.sign(_ANSWERED + about + sha256(sealed).digest()))}


def answer(found: Mapping[str, Any], body: Mapping[str, Any], keys: Keys, sign: bytes) -> Message:
    """What the box with this key answered to ``body``; raises Unfit where it did not."""
    about, sealed = sha256(str(body["said"]).encode()).digest(), octets(found.get("sealed"), "sealed")
    _check(sign, octets(found.get("signature"), "signature", 64), _ANSWERED + about + sha256(sealed).digest())
    try:
        plain = _SUITE.decrypt(sealed, keys.open, _ANSWERED + about)
        unpacking = zlib.decompressobj()
        whole = unpacking.decompress(plain, LARGEST)
    except (InvalidTag, ValueError, zlib.error):
        raise Unfit("the answer was not sealed for this box") from None
    if unpacking.unconsumed_tail:
        raise Unfit("the answer is longer than any of the other box")
    return read(whole)


def _check(sign: bytes, signature: bytes, said: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(sign).verify(signature, said)
    except InvalidSignature:
        raise Unfit("it was not signed by the other box of this venue") from None


def read(raw: bytes) -> Message:
    """A JSON object; raises Unfit."""
    try:
        return dict(table(json.loads(raw), "a message"))
    except (ValueError, RecursionError):
        raise Unfit("it cannot be read") from None


def octets_of(value: object) -> dict[str, str]:
    """Bytes among JSON."""
    if isinstance(value, bytes):
        return {"b": b64(value)}
    raise TypeError(type(value).__name__)


# --- what changed ----------------------------------------------------------------------------------------------------


def of_batch(batch: Batch) -> Message:
    """What changed, as it is sent."""
    return {name: [list(each) for each in part] for name, part in batch._asdict().items()}


def batch_of(said: object) -> Batch:
    """What changed, as it came; raises Unfit."""
    members = table(said, "batch")
    try:
        return Batch(*([_changed(each) for each in members[name]] for name in Batch._fields))
    except (KeyError, TypeError, ValueError):
        raise Unfit("what changed cannot be read") from None


def _changed(said: list[Any]) -> Changed:
    table_, keys, columns, rows, gone = said
    if not all(name.isidentifier() and name.isascii() for name in (table_, *keys, *columns)):
        raise ValueError("a name is none of a table's")
    return Changed(table_, keys, columns, [_values(row) for row in rows], [_values(row) for row in gone])


def _values(row: list[Any]) -> tuple[Any, ...]:
    return tuple(octets(value["b"], "a value") if isinstance(value, dict) else value for value in row)


NOTHING = Batch([], [])
"""Nothing changed."""
