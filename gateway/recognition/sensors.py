"""Doors that have contacts, and zones that notice motion: what these say of people whom readers hear."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass

from gateway.recognition import departure
from gateway.recognition.evidence import OUTSIDE, Signal
from gateway.recognition.plan import Plan
from gateway.recognition.settings import PresenceSettings
from gateway.recognition.track import NEVER, Track
from reader_drivers.sighting import Sensed

SHUT_S = 60.0  # a door that has not opened for so long has let nobody through
SURELY_SHUT_S = 180.0  # … also whom readers were slow to be sure of
SHUT_IN = 2.5  # nats against having come in by it: only who is heard inside beyond doubt came another way
SHUT_OUT = 1.0  # nats against having gone out; the street never makes as sure as the inside does
STILL_HEARD_S = 30.0  # who has gone out is heard through the door that has fallen shut behind them for so long
OPENED_S = 8.0  # before levels cross, a door has opened so lately …
OPENED = 1.0  # … nats, that may have been for them
REPORTS_S = 3600.0  # a contact is heard from at least so often, or as often as it used to be, …
RHYTHM = 1.6  # … with so much to spare, …
LONGEST_S = 93_600.0  # … and battery contacts once a day at the latest
MISSED = 2  # people in a row who came in by a door that did not open: the contact hangs loose
MOTION_S = 6.0  # motion is of those who move in a zone so lately
MOTION = 0.7  # nats for a zone with motion, of somebody who walks: others walk, too


@dataclass(slots=True)
class Contact:
    """What one contact has said, and whether it is to be believed; times in seconds since 1970 UTC."""

    at: float = NEVER
    open: bool = False
    opened_at: float = NEVER
    shut_at: float = NEVER
    longest: float = 0.0  # s between what it says
    missed: int = 0

    def says(self, on: bool, at: float) -> None:
        """One more report, which may repeat the last."""
        if at < self.at:
            return  # a report that was held up tells what was so before the last
        if self.at > NEVER:
            self.longest = max(self.longest, min(LONGEST_S / RHYTHM, at - self.at))
        self.at = max(self.at, at)
        if on:
            self.missed = 0
            self.opened_at = max(self.opened_at, at)
        elif self.open or self.shut_at == NEVER:
            self.shut_at = at
        self.open = on

    def is_live(self, now: float) -> bool:
        """It has said both, of late for its own rhythm, and nobody came in past it."""
        said_both = self.opened_at > NEVER and self.shut_at > NEVER
        patience = min(LONGEST_S, max(REPORTS_S, RHYTHM * self.longest))
        return said_both and self.missed < MISSED and now - self.at <= patience

    def shut_since(self, now: float) -> float:
        """Seconds since anybody could pass; none while it is open."""
        return 0.0 if self.open else now - max(self.opened_at, self.shut_at)


class Sensors:
    """The contacts and motion sensors of a venue, by the zone that their door leads into, or that they watch."""

    __slots__ = ("_contacts", "_doors", "_motion", "_plan")

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._contacts: dict[str, dict[tuple[str, int | str | None], Contact]] = {}
        self._motion: dict[str, float] = {}
        self._doors = {
            zone
            for place in plan.readers.values()
            if place.role in ("inner", "exit")
            for zone in (place.antennas.values() if place.antennas else [place.zone])
            if zone is not None
        }
        for reader, place in plan.sensors.items():
            places: Iterable[tuple[int | str | None, str | None]] = place.antennas.items() or [(None, place.zone)]
            for antenna, zone in places if place.role != "zone" else ():
                if zone is not None:
                    self._contacts.setdefault(zone, {})[reader, antenna] = Contact()

    def sense(self, sensed: Sensed) -> None:
        """Something has been sensed; what a sensor outside the plan says is nobody's."""
        place = self._plan.sensors.get(sensed.reader)
        if place is None:
            return
        zone = place.antennas.get(sensed.antenna or "") if place.antennas else place.zone
        if zone is None:
            return
        if sensed.kind == "motion":
            self._motion[zone] = sensed.at if sensed.on else min(sensed.at, self._motion.get(zone, NEVER))
            return
        for (reader, antenna), contact in self._contacts.get(zone, {}).items():
            if reader == sensed.reader and antenna in (None, sensed.antenna):
                contact.says(sensed.on, sensed.at)

    def came_in(self, track: Track, at: float) -> None:
        """Somebody has come in, beyond doubt: by a door that did not open? Then its contact is not to be believed.

        Only of the door that heard them is that known; another, or another leaf of it, may have been theirs.
        """
        contacts = self._of_own(track, ())
        if contacts and all(contact.shut_since(at) > SURELY_SHUT_S for contact in contacts):
            for contact in contacts:
                contact.missed += 1

    def coming_in(self, track: Track, at: float, lost: Container[str]) -> float:
        """Nats that the doors say for having come in by ``at``."""
        if self._are_shut(self._of(track, lost), at, SHUT_S):
            return -SHUT_IN
        own = self._of_own(track, lost)
        return OPENED if any(c.is_live(at) and 0.0 <= at - c.opened_at <= OPENED_S for c in own) else 0.0

    def going_out(self, track: Track, at: float, lost: Container[str]) -> float:
        """Nats that the doors say for having stayed in."""
        return SHUT_OUT if self._are_shut(self._of(track, lost), at, SHUT_S) else 0.0

    def patience(
        self, track: Track, wait: float, now: float, settings: PresenceSettings, lost: Container[str]
    ) -> float:
        """Seconds of silence that mean departure: more than ``wait`` where no door has opened since they were heard."""
        silence = now - track.silent_from
        sure_outside = departure.is_outside(track, settings)
        behind = (
            not sure_outside and silence > 0.0 and self._are_shut(self._of(track, lost), now, silence + STILL_HEARD_S)
        )
        return max(wait, settings.hold_s) if behind else wait

    def weigh(self, track: Track, nats: list[float], at: float) -> list[float]:
        """What is heard of the zones (nats), and the little that motion says of somebody who walks."""
        if not self._motion:
            return nats
        moving = {zone for zone, seen in self._motion.items() if -1.0 <= at - seen <= MOTION_S}
        return [
            n + (MOTION * track.walking if z in moving else 0.0) for n, z in zip(nats, self._plan.zones, strict=True)
        ]

    def _of(self, track: Track, lost: Container[str]) -> list[Contact]:
        """The contacts of the doors where this person is heard, or of all."""
        if not self._contacts:
            return []
        at = {self._plan.zones[signal.state - 1] for signal in _at_doors(track)}
        return self._at(at or self._doors or set(self._contacts), lost)

    def _of_own(self, track: Track, lost: Container[str]) -> list[Contact]:
        """The contacts of the one door at which this person is heard best; none where nobody knows which that is."""
        doors = self._doors or set(self._contacts)
        nearest = max(_at_doors(track), key=lambda signal: signal.mean, default=None)
        if nearest is None:
            return self._at(doors, lost) if len(doors) == 1 else []
        return self._at({self._plan.zones[nearest.state - 1]}, lost)

    def _at(self, doors: set[str], lost: Container[str]) -> list[Contact]:
        """The contacts of these doors, by the zones they lead into; none where one has none, or has lost it."""
        if not doors <= self._contacts.keys():
            return []
        found = [each for zone in doors for each in self._contacts[zone].items()]
        return [] if any(reader in lost for (reader, _), _ in found) else [contact for _, contact in found]

    @staticmethod
    def _are_shut(contacts: list[Contact], now: float, seconds: float) -> bool:
        return bool(contacts) and all(c.is_live(now) and c.shut_since(now) >= seconds for c in contacts)


def _at_doors(track: Track) -> list[Signal]:
    """What the readers inside the doors hear of somebody."""
    return [signal for signal in track.recent_signals() if signal.role == "inner" and signal.state != OUTSIDE]
