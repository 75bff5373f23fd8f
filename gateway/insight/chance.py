"""Chance that anybody can check: who is held out is decided by a hash, the same on every machine."""

from __future__ import annotations

from datetime import date
from hashlib import sha256

RANGE = 1 << 64


def draw(salt: str, id_: str) -> float:
    """A number in [0, 1): the first 8 bytes of SHA-256(salt, a zero byte, id), big-endian, over 2⁶⁴."""
    digest = sha256(salt.encode() + b"\0" + id_.encode()).digest()
    return int.from_bytes(digest[:8], "big") / RANGE


def fold_of(salt: str, id_: str, folds: int) -> int:
    """In which of so many folds somebody is."""
    return min(folds - 1, int(folds * draw(salt, id_)))


def quarter(on: date) -> str:
    """The quarter of a day: 2026-Q4."""
    return f"{on.year:04}-Q{(on.month + 2) // 3}"


def held_out(act: str, on: date, customer: str, share: float) -> bool:
    """Whether a suggestion is not shown: the same for one act, quarter and customer, however often it is asked."""
    return draw(f"{act} {quarter(on)}", customer) < share
