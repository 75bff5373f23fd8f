"""Does a reader hear otherwise than it used to? Learned slowly, from everybody who stays somewhere for a while.

Offsets found this way are reported and not made up for: where people like to sit looks the same as a poor antenna, and
correcting for it made simulated walkers 1 to 2 % worse. Zones are told apart by changes of level instead, which do not
depend on how good an antenna is.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.recognition.evidence import Link

ENOUGH = 50  # observations of a zone, each of one customer in one minute, before there is anything to compare with
MEMORY = 400  # observations after which new ones replace old ones
LATELY = 20  # observations
DRIFT_DB = 6.0  # a quarter of the power: an antenna that was turned, covered or wetted

Key = tuple[str, int | str | None, bool]


@dataclass(slots=True)
class _Ear:
    """What one antenna hears against the others that hear the same, per zone in which that is: dB and counts."""

    usual: dict[int, float] = field(default_factory=dict)
    lately: dict[int, float] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)


class Drift:
    """Compares what each antenna hears lately with what it usually hears; apart for tags and for beacons."""

    __slots__ = ("_ears",)

    def __init__(self) -> None:
        self._ears: dict[Key, _Ear] = {}

    def learn(self, beacon: bool, zone: int, links: list[Link]) -> None:
        """One customer who stays in this zone (its state), as these links hear one thing of theirs."""
        if len(links) < 3:  # of two that part, nobody knows which has moved
            return
        common = sum(link.dwell for link in links) / len(links)
        for link in links:
            _observe(self._ears.setdefault((link.reader, link.antenna, beacon), _Ear()), zone, link.dwell - common)

    def found(self) -> dict[str, float]:
        """Readers that hear otherwise than they used to, and by how many dB."""
        drifts: dict[str, float] = {}
        for (reader, _, _), ear in self._ears.items():
            known = [zone for zone, count in ear.counts.items() if count >= ENOUGH + LATELY]
            if known:
                drift = sum(ear.lately[zone] - ear.usual[zone] for zone in known) / len(known)
                if abs(drift) >= DRIFT_DB:
                    drifts[reader] = round(drift, 1)
        return drifts


def _observe(ear: _Ear, zone: int, difference: float) -> None:
    count = ear.counts[zone] = min(MEMORY, ear.counts.get(zone, 0) + 1)
    usual = ear.usual.get(zone, difference)
    lately = ear.lately.get(zone, difference)
    ear.usual[zone] = usual + (difference - usual) / count
    ear.lately[zone] = lately + (difference - lately) / min(count, LATELY)
