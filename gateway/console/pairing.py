"""One-time codes by which a tablet is paired: ten minutes, one use, and few tries at guessing."""

from __future__ import annotations

import logging
import secrets
from hashlib import sha256

import segno

log = logging.getLogger(__name__)

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # base 32 without what is read wrongly
LENGTH = 10  # 50 bits
LASTS = 600.0  # seconds
WRONG_TRIES = 5  # then every code is burned: with 50 bits nobody types wrongly so often by accident
MOST = 20  # at once


class Codes:
    """The codes that are open, hashed; each says what the tablet will be called and who lets it in."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[float, str, str]] = {}
        self._wrong = 0

    def new(self, name: str, by: str, now: float) -> tuple[str, float]:
        """A code for a tablet called ``name``, and until when it is good (seconds since 1970 UTC)."""
        self._open = {key: each for key, each in self._open.items() if each[0] > now}
        while len(self._open) >= MOST:
            del self._open[min(self._open, key=lambda key: self._open[key][0])]
        code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        self._open[_hash(code)] = (now + LASTS, name, by)
        self._wrong = 0
        return code, now + LASTS

    def give_back(self, code: str, name: str, by: str, until: float) -> None:
        """A code that was taken and came to nothing is good once more, ``until`` then."""
        self._open[_hash(_bare(code))] = (until, name, by)

    def take(self, code: str, now: float) -> tuple[str, str, float] | None:
        """Name, who made the code, and until when it was good, once; None for a code that is wrong, used or too old."""
        until, name, by = self._open.pop(_hash(_bare(code)), (0.0, "", ""))
        if until > now:
            return name, by, until
        self._wrong += 1
        if self._wrong >= WRONG_TRIES and self._open:
            log.warning("%d wrong pairing codes: every open code is burned", self._wrong)
            self._open.clear()
        return None


def link(address: str, code: str) -> str:
    """Where a tablet pairs itself; the code stands behind the #, which no log and no Referer holds."""
    return f"{address}/#/pair/{code}"


def picture(text: str) -> str:
    """A QR code as a data URI."""
    return str(segno.make(text, error="m").svg_data_uri(scale=8, border=2))


def _bare(code: str) -> str:
    return "".join(each for each in code.upper() if each.isalnum())


def _hash(code: str) -> str:
    return sha256(code.encode()).hexdigest()
