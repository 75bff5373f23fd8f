"""Does a reader hear otherwise than it used to? Learned slowly, from everybody who stays somewhere for a while.

An antenna is compared with its own past and never with the others: where people like to sit looks the same as a poor
antenna, and making up for that made simulated walkers 1 to 2 % worse. What an antenna has lost is reported and made up
for; what it has gained is only reported, for people who are thought to be next door look the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median

from gateway.recognition.evidence import DWELL_S, Link
from gateway.recognition.person import Person

CALM = 0.1  # probability of walking under which somebody stays

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

    def drift(self) -> float:
        """What it hears lately against what it used to, dB; 0 while that is little or not known."""
        known = [zone for zone, count in self.counts.items() if count >= ENOUGH + LATELY]
        if not known:
            return 0.0
        drift = sum(self.lately[zone] - self.usual[zone] for zone in known) / len(known)
        return drift if abs(drift) >= DRIFT_DB else 0.0


class Drift:
    """Compares what each antenna hears lately with what it usually hears; apart for tags and for beacons."""

    __slots__ = ("_ears",)

    def __init__(self) -> None:
        self._ears: dict[Key, _Ear] = {}

    def sweep(self, people: Iterable[Person], now: float) -> None:
        """Learns from those who stay, and gives every link what its antenna has lost; call it about once a minute."""
        for person in people:
            stays = person.present and person.walking < CALM
            for credential in person.credentials.values():
                if stays:
                    self._learn(credential.beacon, person.state, credential.heard_since(now - DWELL_S))
                self.make_up(credential.beacon, credential.links.values())

    def _learn(self, beacon: bool, zone: int, links: list[Link]) -> None:
        """One customer who stays in this zone (its state), as these links hear one thing of theirs."""
        if len(links) < 3:  # of two that part, nobody knows which has moved
            return
        mean = sum(link.dwell for link in links) / len(links)
        ears = [self._ears.setdefault((link.reader, link.antenna, beacon), _Ear()) for link in links]
        changes = [
            link.dwell - mean - ear.usual.get(zone, link.dwell - mean) for ear, link in zip(ears, links, strict=True)
        ]
        common = mean + median(changes)  # one that moves must not seem to move the others
        for ear, link in zip(ears, links, strict=True):
            _observe(ear, zone, link.dwell - common)

    def found(self) -> dict[str, float]:
        """Readers that hear otherwise than they used to, and by how many dB."""
        drifts: dict[str, float] = {}
        for (reader, _, _), ear in self._ears.items():
            drift = ear.drift()
            if abs(drift) > abs(drifts.get(reader, 0.0)):
                drifts[reader] = round(drift, 1)
        return drifts

    def make_up(self, beacon: bool, links: Iterable[Link]) -> None:
        """Gives each link what its antenna has lost, dB."""
        for link in links:
            ear = self._ears.get((link.reader, link.antenna, beacon))
            link.lost_db = max(0.0, -ear.drift()) if ear is not None else 0.0


def _observe(ear: _Ear, zone: int, difference: float) -> None:
    count = ear.counts[zone] = min(MEMORY, ear.counts.get(zone, 0) + 1)
    usual = ear.usual.get(zone, difference)
    lately = ear.lately.get(zone, difference)
    lately = ear.lately[zone] = lately + (difference - lately) / min(count, LATELY)
    if count < ENOUGH or abs(lately - usual) < 0.5 * DRIFT_DB:  # what is wrong with it must not become usual
        ear.usual[zone] = usual + (difference - usual) / count
