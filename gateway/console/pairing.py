"""One-time codes by which a tablet is paired: ten minutes, one use; who guesses is counted at the door."""

from __future__ import annotations

import secrets
from hashlib import sha256

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # base 32 without what is read wrongly
LENGTH = 10  # 50 bits
LASTS = 600.0  # seconds
MOST = 20  # at once


class Codes:
    """The codes that are open, hashed; each says what the tablet will be called and who lets it in."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[float, str, str]] = {}

    def new(self, name: str, by: str, now: float) -> tuple[str, float]:
        """A code for a tablet called ``name``, and until when it is good; times are steady ones."""
        self._open = {key: each for key, each in self._open.items() if each[0] > now}
        while len(self._open) >= MOST:
            del self._open[min(self._open, key=lambda key: self._open[key][0])]
        code = new_code()
        self._open[_hash(code)] = (now + LASTS, name, by)
        return code, now + LASTS

    def give_back(self, code: str, name: str, by: str, until: float) -> None:
        """A code that was taken and came to nothing is good once more, ``until`` then."""
        self._open[_hash(bare(code))] = (until, name, by)

    def take(self, code: str, now: float) -> tuple[str, str, float] | None:
        """Name, who made the code, and until when it was good, once; None for a code that is wrong, used or too old."""
        until, name, by = self._open.pop(_hash(bare(code)), (0.0, "", ""))
        return (name, by, until) if until > now else None


def new_code(length: int = LENGTH) -> str:
    """A code that nobody guesses, and nobody reads wrongly."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def link(address: str, code: str) -> str:
    """Where a tablet pairs itself; the code stands behind the #, which no log and no Referer holds."""
    return f"{address}/#/pair/{code}"


def picture(text: str) -> str:
    """A QR code as a data URI."""
    import segno  # only where a picture is made

    return str(segno.make(text, error="m").svg_data_uri(scale=8, border=2))


def bare(code: str) -> str:
    """A code as it was made, of what somebody has typed."""
    return "".join(each for each in code.upper() if each.isalnum())


def _hash(code: str) -> str:
    return sha256(code.encode()).hexdigest()
