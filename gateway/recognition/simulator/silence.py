"""When a thing speaks at all: phones fall silent for minutes, locked or deep inside, and begin again."""

from __future__ import annotations

from random import Random

from gateway.recognition.simulator.venue import Mute


class Speech:
    """Speaks and is silent in turn; begins anew with speaking wherever it comes to a place where it falls silent."""

    def __init__(self, mute: Mute | None, t: float, rng: Random) -> None:
        self._mute = mute
        self._rng = rng
        self._silent = False
        self._within = False
        self._until = t

    def speaks(self, t: float, room: str | None) -> bool:
        """Does it say anything at this time (s), in this room or in the street (None)? Times must not go back."""
        mute = self._mute
        if mute is None:
            return True
        within = not mute.only_in or room in mute.only_in
        if within and not self._within:
            self._silent = False
            self._until = t + self._rng.uniform(*mute.speaks_s)
        self._within = within
        while within and t >= self._until:
            self._silent = not self._silent
            self._until += max(0.001, self._rng.uniform(*(mute.for_s if self._silent else mute.speaks_s)))
        return not (within and self._silent)
