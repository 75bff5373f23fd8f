"""Whether what a serial line carries can be read at all."""

from __future__ import annotations

GARBLED = "bytes arrive but no valid frame: is the baud rate right?"
ENOUGH = 64  # bytes; two long frames' worth, and more than a plug that is pushed in makes


class Legibility:
    """Notices a line that carries bytes but no good frame; ``advice`` is what else it may be, for a person."""

    def __init__(self, advice: str = "") -> None:
        self.said = f"{GARBLED} {advice}".rstrip()
        self._unread = 0

    def heard(self, count: int, frames: int) -> None:
        """So many bytes have come, and so many good frames with them."""
        self._unread = 0 if frames else self._unread + count

    @property
    def any_unread(self) -> bool:
        """Whether any bytes came after the last good frame."""
        return self._unread > 0

    @property
    def complaint(self) -> str | None:
        """What to tell of the line; None while it can be read, or too little has come to say."""
        return self.said if self._unread >= ENOUGH else None
