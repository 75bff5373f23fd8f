"""Invitations: six groups of four that let one box in, and what a box proves with them without saying the secret."""

from __future__ import annotations

import base64
import hmac
import os
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

SECRET = 10  # bytes, as 16 signs of base32
VALID_MS = 15 * 60 * 1000
VENUE = re.compile(r"[A-Za-z0-9-]{1,64}")
ROLES = ("venue",)
"""The roles that a box is invited to; a standby follows its venue, and a partner's box is not let in yet."""
_CODE = re.compile(r"[A-Z2-7]{16}[0-9A-F]{8}")
_VERSION = b"moments join v1"

State = Literal["good", "none", "used", "old"]


@dataclass(slots=True, frozen=True)
class Invitation:
    """One that was made: ``used`` and ``until`` in milliseconds since 1970 UTC, ``used`` None while it was not."""

    id: str
    secret: bytes
    venue: str
    role: str
    brand: str
    until: int
    used: int | None = None


def new_secret() -> bytes:
    """A new secret."""
    return os.urandom(SECRET)


def id_of(secret: bytes) -> str:
    """How an invitation is called on the wire: the first 8 bytes of the secret's SHA-256, in hex."""
    return sha256(secret).digest()[:8].hex()


def code(secret: bytes, sign: bytes) -> str:
    """What is typed in at the box: the secret, and 8 hex digits of the hub's signing key, in groups of four."""
    whole = base64.b32encode(secret).decode() + sha256(sign).hexdigest()[:8].upper()
    return "-".join(whole[at : at + 4] for at in range(0, len(whole), 4))


def read_code(typed: str) -> tuple[bytes, str]:
    """The secret and the 8 hex digits of what somebody typed; raises ValueError for what is no invitation."""
    bare = re.sub(r"[\s-]", "", typed).upper()
    if not _CODE.fullmatch(bare):
        raise ValueError("this is no invitation: expected six groups of four letters and digits")
    return base64.b32decode(bare[:16]), bare[16:].lower()


def proof(secret: bytes, venue: str, role: str, sign: bytes, open_: bytes) -> bytes:
    """What proves that a box knows the secret, for these keys of its own and no others."""
    said = b"\x00".join((_VERSION, venue.encode(), role.encode(), sign + open_))
    return hmac.digest(secret, said, "sha256")


def state(found: Invitation | None, now_ms: int) -> State:
    """How an invitation stands."""
    if found is None:
        return "none"
    if found.used is not None:
        return "used"
    return "old" if now_ms >= found.until else "good"


def proves(found: Invitation, given: bytes, venue: str, role: str, sign: bytes, open_: bytes) -> bool:
    """Whether a proof is right for this invitation, its venue and its role."""
    right = proof(found.secret, found.venue, found.role, sign, open_)
    return (venue, role) == (found.venue, found.role) and hmac.compare_digest(given, right)


WHY: dict[str, tuple[str, str]] = {
    "none": ("is none of this hub's: was it typed as it was printed?", "不是本枢纽发出的:请核对是否输入正确"),
    "used": ("was used already; it is good once", "已经用过;每个只能用一次"),
    "old": ("is older than 15 minutes", "已超过 15 分钟"),
    "forged": ("is not proved: the secret, the venue or the role is another", "的证明不对:密码、门店或角色不符"),
    "often": ("was wrong five times within a minute from this address", "在一分钟内从这个地址错了五次"),
}
"""Why an invitation is refused."""
