"""Whether what a serial line carries can be read at all."""

from __future__ import annotations

from reader_drivers.driver import ReaderLost

GARBLED = "bytes arrive but no valid frame: is the baud rate right?"
ENOUGH = 64  # bytes; two long frames' worth, and more than a plug that is pushed in makes
FEW = 4  # bytes; from a line that has never carried a frame
MUCH = 4096  # bytes without one frame on a line that has carried some: less is a noisy line, and heard all the same


class Legibility:
    """Notices a line that carries bytes but no good frame; ``advice`` is what else it may be, for a person."""

    def __init__(self, advice: str = "") -> None:
        self._said = f"{GARBLED} {advice}".rstrip()
        self._unread = 0
        self._was_read = False

    def heard(self, count: int, frames: int) -> None:
        """So many bytes have come, and so many good frames with them."""
        self._unread = 0 if frames else self._unread + count
        self._was_read = self._was_read or frames > 0

    @property
    def complaint(self) -> str | None:
        """What to tell of the line; None while it can be read, or too little has come to say."""
        return self._said if self._unread >= (MUCH if self._was_read else ENOUGH) else None

    def explain(self, lost: ReaderLost) -> ReaderLost:
        """Why a reader that does not answer is lost: an unreadable line is a better reason than silence."""
        return ReaderLost(self._said) if self._unread >= (ENOUGH if self._was_read else FEW) else lost
