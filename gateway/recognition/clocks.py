"""Reader clocks lie: whose is off, and by how much, from what arrives when."""

from __future__ import annotations

from dataclasses import dataclass

AHEAD_S = 2.0  # further in the future than this is a claim to be checked
SAME_LAG_S = 1.5  # reads of a slow clock come equally late; a queue that is being emptied catches up
PROOF_S = 5.0  # so long they have to
PROOF_READS = 5


@dataclass(slots=True)
class _Lag:
    since: float
    least: float
    most: float
    reads: int = 1


class ReaderClocks:
    """What to add to each reader's times, in seconds, to have the gateway's; readers that are right are not listed."""

    __slots__ = ("_claims", "_lags", "shifts")

    def __init__(self) -> None:
        self.shifts: dict[str, float] = {}
        self._claims: dict[str, float] = {}
        self._lags: dict[str, _Lag] = {}

    def claims(self, reader: str, at: float) -> None:
        """A read from the future: the next ``settle`` tells whether it was."""
        self._claims[reader] = at

    def settle(self, now: float) -> bool:
        """The gateway's time is ``now``: whoever claimed a later one before is ahead; True if anybody was."""
        if not self._claims:
            return False
        fast = False
        for reader, at in self._claims.items():
            if at > now + AHEAD_S:
                self.shifts[reader] = self.shifts.get(reader, 0.0) - (at - now)
                fast = True
        self._claims.clear()
        return fast

    def late(self, reader: str, at: float, now: float) -> bool:
        """A read that is old at ``now``: True once it is proven that the reader's clock is slow, and shifted."""
        lag = now - at
        seen = self._lags.get(reader)
        if seen is None or lag > seen.least + SAME_LAG_S or lag < seen.most - SAME_LAG_S:
            self._lags[reader] = _Lag(now, lag, lag)
            return False
        seen.least = min(seen.least, lag)
        seen.most = max(seen.most, lag)
        seen.reads += 1
        if seen.reads < PROOF_READS or now - seen.since < PROOF_S:
            return False
        self.shifts[reader] = self.shifts.get(reader, 0.0) + seen.least
        del self._lags[reader]
        return True
