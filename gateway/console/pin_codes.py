"""One-time codes with which somebody who has lost their PIN chooses a new one: shown once, used once, soon over."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from hashlib import sha256

DIGITS = 8  # longer than the PINs that we make: they are told apart by it
LASTS = 900.0  # seconds
TRIES = 5  # at one code, whoever makes them; then it is none any more


@dataclass(slots=True)
class _Code:
    hash: bytes
    until: float
    tries: int = 0


class PinCodes:
    """The codes that are open, one for each person, hashed; they end with the gateway. Times are steady ones."""

    def __init__(self) -> None:
        self._open: dict[str, _Code] = {}

    def new(self, staff: str, now: float) -> tuple[str, float]:
        """A code for this person in place of the one before, and until when it is good."""
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
        self._open[staff] = _Code(_hash(staff, code), now + LASTS)
        return code, now + LASTS

    def fits(self, staff: str, code: str, now: float) -> bool:
        """Whether this is the code; one of as many digits that is not counts, and the last such ends the code."""
        found = self._open.get(staff)
        if found is None or found.until <= now:
            self._open.pop(staff, None)
            return False
        if hmac.compare_digest(found.hash, _hash(staff, code)):
            return True
        found.tries += len(code) == DIGITS
        if found.tries >= TRIES:
            del self._open[staff]
        return False

    def end(self, staff: str) -> None:
        """The code is used, or its person is gone."""
        self._open.pop(staff, None)


def _hash(staff: str, code: str) -> bytes:
    return sha256(f"{staff}\0{code}".encode()).digest()
