"""Does a reader hear otherwise than it used to? Learned slowly, from everybody who stays somewhere for a while.

An antenna is compared with its own past and never with the others: where people like to sit looks the same as a poor
antenna, and making up for that made simulated walkers 1 to 2 % worse. What an antenna has lost is reported and made up
for; what it has gained is only reported, for people who are thought to be next door look the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median

from gateway.recognition.evidence import DWELL_S, Signal
from gateway.recognition.track import Track

CALM = 0.1  # probability of walking under which somebody stays

ENOUGH = 50  # observations of a zone, each of one customer in one minute, before there is anything to compare with
MEMORY = 400  # observations after which new ones replace old ones
LATELY = 20  # observations
DRIFT_DB = 6.0  # a quarter of the power: an antenna that was turned, covered or wetted

Key = tuple[str, int | str | None, bool]


@dataclass(slots=True)
class _History:
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
    """Compares what each antenna hears lately with what it usually hears; tags and beacons each for themselves."""

    __slots__ = ("_antennas",)

    def __init__(self) -> None:
        self._antennas: dict[Key, _History] = {}

    def sweep(self, tracks: Iterable[Track], now: float) -> None:
        """Learns from those who stay, and gives every signal what its antenna has lost; call it about once a minute."""
        for track in tracks:
            stays = track.present and track.walking < CALM
            for credential in track.credentials.values():
                if stays:
                    self._learn(credential.beacon, track.state, credential.heard_since(now - DWELL_S))
                self.make_up(credential.beacon, credential.signals.values())

    def _learn(self, beacon: bool, zone: int, signals: list[Signal]) -> None:
        """What antennas hear of one thing of a customer who stays in this zone (its state)."""
        if len(signals) < 3:  # of two that part, nobody knows which has moved
            return
        mean = sum(signal.dwell for signal in signals) / len(signals)
        antennas = [
            self._antennas.setdefault((signal.reader, signal.antenna, beacon), _History()) for signal in signals
        ]
        changes = [
            signal.dwell - mean - history.usual.get(zone, signal.dwell - mean)
            for history, signal in zip(antennas, signals, strict=True)
        ]
        common = mean + median(changes)  # one that moves must not seem to move the others
        for history, signal in zip(antennas, signals, strict=True):
            _observe(history, zone, signal.dwell - common)

    def found(self) -> dict[str, float]:
        """Readers that hear otherwise than they used to, and by how many dB."""
        drifts: dict[str, float] = {}
        for (reader, _, _), history in self._antennas.items():
            drift = history.drift()
            if abs(drift) > abs(drifts.get(reader, 0.0)):
                drifts[reader] = round(drift, 1)
        return drifts

    def make_up(self, beacon: bool, signals: Iterable[Signal]) -> None:
        """Gives each signal what its antenna has lost, dB."""
        for signal in signals:
            history = self._antennas.get((signal.reader, signal.antenna, beacon))
            signal.lost_db = max(0.0, -history.drift()) if history is not None else 0.0


def _observe(history: _History, zone: int, difference: float) -> None:
    count = history.counts[zone] = min(MEMORY, history.counts.get(zone, 0) + 1)
    usual = history.usual.get(zone, difference)
    lately = history.lately.get(zone, difference)
    lately = history.lately[zone] = lately + (difference - lately) / min(count, LATELY)
    if count < ENOUGH or abs(lately - usual) < 0.5 * DRIFT_DB:  # what is wrong with it must not become usual
        history.usual[zone] = usual + (difference - usual) / count
