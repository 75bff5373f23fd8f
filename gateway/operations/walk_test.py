"""A walk with a test tag: which doors and zones hear it, and which do not; and what the rooms sound like to readers.

Time comes with the sightings. Other people's tags are counted while the test tag is being chosen, and forgotten then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from gateway.recognition.walker import Walker
from gateway.settings.venue import ReaderConfig
from reader_drivers.sighting import Left, Sensed, Sighting

CHOOSE_FOR = 5.0  # seconds in which the tag that is held closest becomes the test tag
CHOOSE_READS = 3
MOST_TAGS = 1_000  # met while choosing
NEEDED = 3  # reads for a pass; a person who stands there is read so often within two seconds by the slowest reader
NEEDED_OF_TAP = 1
LOUDER = 6.0  # dB by which a reader of another zone must be beaten where the tag was, to be a worry
TOGETHER = 2.0  # seconds

Verdict = Literal["pass", "fail", "weak"]


@dataclass(slots=True)
class Place:
    """One antenna, room or whole reader, and what it heard of the test tag."""

    reader: str
    role: str
    antenna: int | str | None
    zone: str
    needed: int
    reads: int = 0
    best: float | None = None
    last: float | None = None
    louder: set[str] = field(default_factory=set)
    """Zones whose readers heard the tag louder at the moment of this place's best read."""

    @property
    def verdict(self) -> Verdict:
        """Pass: heard often enough. Weak: heard, but too seldom. Fail: not heard."""
        if self.reads >= self.needed:
            return "pass"
        return "weak" if self.reads else "fail"

    def shape(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "reader": self.reader,
            "role": self.role,
            "antenna": self.antenna,
            "zone": self.zone,
            "verdict": self.verdict,
            "reads": self.reads,
            "needed": self.needed,
            "best_rssi": self.best,
            "last": self.last,
            "louder": sorted(self.louder),
        }


class WalkTest:
    """One walk; ``identifier`` is the test tag's, None takes the one that is held closest in the first seconds.

    ``walker`` is taught where who walks says that they are.
    """

    def __init__(
        self, readers: Iterable[ReaderConfig], identifier: str | None = None, walker: Walker | None = None
    ) -> None:
        self.identifier = identifier
        self.taught = Counter[str]()
        self._walker = walker
        self.places = [place for reader in readers if reader.senses is None for place in _places(reader)]
        self._choosing: dict[str, tuple[int, float]] = {}
        self._until: float | None = None
        self._recent: dict[str, tuple[float, float]] = {}  # zone → when and how loud the tag was last

    def hear(self, sighting: Sighting) -> None:
        """One read of anything; a farewell is none."""
        if isinstance(sighting, Left | Sensed):
            return
        if self.identifier is None:
            self._choose(sighting)
        if sighting.identifier != self.identifier:
            return
        if self._walker is not None:
            self._walker.hear(sighting)
        place = self._place(sighting)
        if place is None:
            return
        place.reads += 1
        place.last = sighting.at
        if sighting.rssi is not None:
            self._recent[place.zone] = (sighting.at, sighting.rssi)
            if place.best is None or sighting.rssi > place.best:
                place.best = sighting.rssi
                place.louder = {
                    zone
                    for zone, (at, rssi) in self._recent.items()
                    if zone != place.zone and sighting.at - at < TOGETHER and rssi >= sighting.rssi + LOUDER
                }

    def stands_in(self, zone: str, at: float) -> bool:
        """Who walks is in this zone now, and it is learnt how that sounds; False where the tag was not heard lately."""
        if self._walker is None or not self._walker.stands_in(zone, at):
            return False
        self.taught[zone] += 1
        return True

    def look(self) -> dict[str, Any]:
        """How far it is, as JSON: every place, and every zone with the verdict of its best place."""
        rows = [place.shape() for place in self.places]
        order: list[Verdict] = ["pass", "weak", "fail"]
        zones = {
            zone: min((p.verdict for p in self.places if p.zone == zone), key=order.index)
            for zone in dict.fromkeys(p.zone for p in self.places)
        }
        return {
            "tag": mask(self.identifier) if self.identifier else None,
            "places": rows,
            "zones": zones,
            "taught": dict(self.taught),
            "passed": bool(rows) and all(row["verdict"] == "pass" for row in rows),
        }

    def _choose(self, sighting: Sighting) -> None:
        """The loudest of those read often enough; a tap has no strength and is as loud as can be."""
        if self._until is None:
            self._until = sighting.at + CHOOSE_FOR
        tap = any(p.role == "tap" and p.reader == sighting.reader for p in self.places)
        loud = sighting.rssi if sighting.rssi is not None else (0.0 if tap else -200.0)
        reads, best = self._choosing.get(sighting.identifier, (0, loud))
        if sighting.identifier in self._choosing or len(self._choosing) < MOST_TAGS:
            self._choosing[sighting.identifier] = (reads + 1, max(best, loud))
        if sighting.at < self._until and not tap:
            return
        often = {tag: best for tag, (reads, best) in self._choosing.items() if reads >= CHOOSE_READS or best == 0.0}
        if often:
            self.identifier = max(often, key=lambda tag: often[tag])
            self._choosing.clear()

    def _place(self, sighting: Sighting) -> Place | None:
        for place in self.places:
            if place.reader == sighting.reader and place.antenna in (None, sighting.antenna):
                return place
        return None


def mask(identifier: str) -> str:
    """An identifier as it may be shown: enough to know one's own tag by."""
    scheme, _, value = identifier.partition(":")
    return f"{scheme}:…{value[-4:]}"


def _places(reader: ReaderConfig) -> list[Place]:
    needed = NEEDED_OF_TAP if reader.role == "tap" else NEEDED
    if reader.places:
        return [Place(reader.id, reader.role, antenna, zone, needed) for antenna, zone in reader.places.items()]
    return [Place(reader.id, reader.role, None, reader.zone or "", needed)]
