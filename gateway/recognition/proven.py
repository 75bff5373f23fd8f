"""Is what a venue has taught better than loudness alone? Asked at each label, before it is learnt from.

Prints of tags are often no better: a tag is read by the antennas that look at it, and by others an hour later. What was
learnt then only makes what is heard less sure, and a move is told later than before anybody taught.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any

KEPT = 0.99  # of old labels at each new one
MARGIN = 1.0  # labels, and …
CHANCE = {True: 1.0, False: 2.0}  # … so many deviations of their count, beyond which it is no chance
TRIED = 20.0  # labels of tags after which they have to be better: what a venue teaches first is tried out
MOST = 1000.0

RADIO = {True: "beacons", False: "tags"}


class Proven:
    """Labels that only what was learnt knew, those that only loudness knew, and all; per radio (True: beacons)."""

    def __init__(self) -> None:
        self._counts: dict[bool, list[float]] = {beacon: [0.0, 0.0, 0.0] for beacon in RADIO}

    def count(
        self, beacon: bool, zone: int, learnt: Sequence[float], alone: Sequence[float], weight: float = 1.0
    ) -> None:
        """Somebody was in this zone; so much (nats) was thought of each zone with what was learnt, and without.

        ``weight``: who walks with a test tag is believed like several guests.
        """
        counts = self._counts[beacon]
        knew = max(range(len(learnt)), key=learnt.__getitem__) == zone
        knew_alone = max(range(len(alone)), key=alone.__getitem__) == zone
        only = (weight * (knew and not knew_alone), weight * (knew_alone and not knew), 1.0)
        counts[:] = [old * KEPT + new for old, new in zip(counts, only, strict=True)]

    def holds(self, beacon: bool) -> bool:
        """Use what was learnt: of beacons unless it was shown to be worse, of tags only if shown to be better."""
        better, worse, labels = self._counts[beacon]
        margin = MARGIN + CHANCE[beacon] * sqrt(better + worse)
        if beacon:
            return worse - better <= margin
        return labels < TRIED or better - worse > margin

    def document(self) -> dict[str, list[float]]:
        """As JSON."""
        return {name: [round(n, 2) for n in self._counts[beacon]] for beacon, name in RADIO.items()}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Proven:
        """What ``document`` gave; raises KeyError, TypeError, ValueError."""
        proven = cls()
        for beacon, name in RADIO.items():
            better, worse, labels = (float(number) for number in document.get(name, (0.0, 0.0, 0.0)))
            if not all(0.0 <= number <= MOST for number in (better, worse, labels)):
                raise ValueError(f"proven.{name}: {document[name]!r}: expected three counts of labels, 0 to {MOST:g}")
            proven._counts[beacon] = [better, worse, labels]
        return proven
