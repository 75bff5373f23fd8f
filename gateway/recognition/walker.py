"""A test tag on its way through the venue: who carries it says where they are, and the rooms are learnt from it."""

from __future__ import annotations

from typing import Protocol

from gateway.recognition.labels import Label
from gateway.recognition.learnt import Learnt
from gateway.recognition.presence import Presence
from reader_drivers.sighting import Sighting

WALKER = "walker"  # nobody: it is heard beside the customers, and never told of


class Hearing(Protocol):
    """Recognition as those see it who look after the readers."""

    @property
    def learnt(self) -> Learnt:
        """What the venue has taught."""
        ...

    def drifts(self) -> dict[str, float]:
        """Readers that hear otherwise than they used to, and by how many dB."""
        ...

    def apart(self) -> Presence:
        """Another of the same venue, for a thing that is nobody's."""
        ...


class Walker:
    """Hears a test tag as the customers of ``presence`` are heard, and teaches it; nobody arrives by it."""

    def __init__(self, presence: Hearing) -> None:
        self._apart = presence.apart()

    def hear(self, sighting: Sighting) -> None:
        """One read of the test tag."""
        self._apart.see(sighting, WALKER)

    def stands_in(self, zone: str, at: float) -> bool:
        """Who walks is in this zone now; False where no reader of a room has heard the tag lately."""
        return self._apart.taught(Label(WALKER, zone, at, "walk_test"))
