"""Is the chip that answers the one that was enrolled? Whoever writes a tag's EPC into another cannot write its TID."""

from __future__ import annotations

from gateway.recognition.clones import Doubt

CALM_S = (
    10.0  # a chip that told its right number so lately and another once was misread; twice the same is a second chip
)
AGAIN_S = 60.0  # a copy is reported once in so long
FORGET_S = 3600.0  # unheard for so long, what an identifier's chip was, where nobody enrolled it, is nobody's business


class ChipWatch:
    """Compares the chip's own number in each read with the one enrolled or, where none is, with the first one read."""

    __slots__ = ("_first", "_other", "_reported_at", "_right_at")

    def __init__(self) -> None:
        self._first: dict[str, str] = {}
        self._right_at: dict[str, float] = {}
        self._other: dict[str, tuple[str, float]] = {}
        self._reported_at: dict[str, float] = {}

    def see(self, identifier: str, enrolled: str | None, read: str, now: float) -> Doubt | None:
        """One read that tells the chip's number; a doubt where it is another chip's, once a minute at most."""
        expected = enrolled or self._first.setdefault(identifier, read)
        if _same(expected, read):
            self._right_at[identifier] = now
            return None
        before, at = self._other.get(identifier, ("", 0.0))
        self._other[identifier] = (read, now)
        misread = now - self._right_at.get(identifier, float("-inf")) <= CALM_S
        if misread and not (before == read and now - at <= CALM_S):
            return None
        if now - self._reported_at.get(identifier, float("-inf")) < AGAIN_S:
            return None
        self._reported_at[identifier] = now
        reason = "the chip is not the one that was enrolled" if enrolled else "two chips answer with one number"
        return Doubt(identifier, "wrong_tid", now, reason)

    def forget(self, identifier: str) -> None:
        """Begins anew with this identifier: it was just handed out."""
        self._first.pop(identifier, None)
        self._right_at.pop(identifier, None)
        self._other.pop(identifier, None)
        self._reported_at.pop(identifier, None)

    def sweep(self, now: float) -> None:
        """Forgets what has not been heard for an hour; call it about once a minute."""
        for identifier in [i for i, at in self._right_at.items() if now - at > FORGET_S]:
            del self._right_at[identifier]
            self._first.pop(identifier, None)
        self._other = {i: seen for i, seen in self._other.items() if now - seen[1] <= CALM_S}
        self._reported_at = {i: at for i, at in self._reported_at.items() if now - at < AGAIN_S}


def _same(expected: str, read: str) -> bool:
    """Readers tell more or fewer words of the number, as they are set: what both tell must agree."""
    expected, read = expected.upper().removeprefix("TID:"), read.upper()
    return expected.startswith(read) or read.startswith(expected)
