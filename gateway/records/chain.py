"""How an event becomes a row of the chain: pure functions, with which a stranger verifies what they cannot read.

    head        = [salt, origin, epoch, position, id, type, subject, holder, hlc, brand, actor], compact JSON in UTF-8
    head_digest = SHA-256(0x01 ‖ head)
    sealed      = 0x02 ‖ key id 8 ‖ nonce 12 ‖ AES-256-GCM(key, data as JSON; associated data: head_digest)
    body_digest = SHA-256(0x02 ‖ sealed), which stands behind 0x00 in the place of a body that was let go
    hash        = SHA-256(0x00 ‖ before ‖ position as u64 big-endian ‖ head_digest ‖ body_digest)
    before of 1 = SHA-256(0x03 ‖ origin ‖ 0x00 ‖ epoch ‖ 0x00 ‖ hash of the parent row, or 32 zero bytes)

``before`` is the hash of the row before; ``epoch`` is written in decimal digits there.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import NamedTuple

from gateway.records.compact import compact

LET_GO = b"\x00"
NOTHING = bytes(32)
"""The hash of the parent row where an epoch has none."""


_DECODER = json.JSONDecoder()


class Head(NamedTuple):
    """What a row says of its event outside the seal; ``salt`` is 32 hex digits, ``hlc`` 16."""

    salt: str
    origin: str
    epoch: int
    position: int
    id: str
    type: str
    subject: str
    holder: str
    hlc: str
    brand: str
    actor: str


def head_text(head: Head) -> str:
    """The text of a head, as it is hashed and kept; it is never encoded anew."""
    return compact(head)


def read_head(text: str) -> Head:
    """What the text of a head says; raises ValueError where that is none."""
    members, end = _DECODER.raw_decode(text)  # json.loads looks for spaces around it, which takes longer than the rest
    if end != len(text) or not isinstance(members, list) or len(members) != len(Head._fields):
        raise ValueError("this is no head of an event")
    return Head._make(members)


def head_digest(text: str) -> bytes:
    """What stands for a head in the chain, and binds what is sealed to it."""
    return sha256(b"\x01" + text.encode()).digest()


def body_digest(sealed: bytes) -> bytes:
    """What stands for the sealed data in the chain, also where only that is left of it."""
    return sealed[1:] if is_let_go(sealed) else sha256(b"\x02" + sealed).digest()


def let_go(sealed: bytes) -> bytes:
    """What stays of a body that is let go."""
    return LET_GO + body_digest(sealed)


def is_let_go(sealed: bytes) -> bool:
    """Whether only the digest is left of a body."""
    return sealed[:1] == LET_GO and len(sealed) == 33


def link(before: bytes, position: int, head: bytes, body: bytes) -> bytes:
    """The hash of a row, from the hash before and the digests of its head and its body."""
    return sha256(b"\x00" + before + position.to_bytes(8, "big") + head + body).digest()


def beginning(origin: str, epoch: int, parent: bytes = NOTHING) -> bytes:
    """What stands before the first row of an epoch; ``parent`` is the hash of the last row of the epoch before."""
    return sha256(b"\x03" + origin.encode() + b"\x00" + str(epoch).encode() + b"\x00" + parent).digest()
