"""What speaks of somebody beside the readers that hear them: floors, doors that open, motion, and being expected."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.recognition.evidence import Antennas
from gateway.recognition.expected import Expected
from gateway.recognition.floors import Floors
from gateway.recognition.plan import Plan
from gateway.recognition.sensors import Sensors
from gateway.recognition.settings import PresenceSettings
from gateway.recognition.track import Track

MOST_FOR = 1.5  # nats for having come in: without being heard inside it convinces nobody


class Beside:
    """The other evidence of a venue; each kind of it is weak: a reader that hears plainly is believed against it."""

    __slots__ = ("_lost", "expected", "floors", "sensors")

    def __init__(self, plan: Plan, lost: Mapping[str, float]) -> None:
        self._lost = lost
        self.floors = Floors(plan)
        self.sensors = Sensors(plan)
        self.expected = Expected()

    def of_zones(self, track: Track, nats: list[float], antennas: Antennas, at: float, seconds: float) -> list[float]:
        """What is heard of the zones (nats) with what floors and motion say; ``seconds`` since the last step."""
        nats = self.sensors.weigh(track, nats, at)
        return self.floors.weigh(track, nats, antennas, self._lost, at, seconds)

    def of_doors(self, track: Track, at: float) -> None:
        """What doors and being expected say for having come in, and for having stayed, is kept in the track."""
        came = self.sensors.coming_in(track, at, self._lost) + self.expected.nats(track.customer, at)
        track.let_in = min(MOST_FOR, came)
        track.kept_in = self.sensors.going_out(track, at, self._lost)

    def patience(self, track: Track, wait: float, now: float, settings: PresenceSettings) -> float:
        """Seconds of silence that mean departure, where readers alone would say ``wait``."""
        return self.sensors.patience(track, wait, now, settings, self._lost)
