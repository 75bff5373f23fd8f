"""Floors: radio goes through a slab, people take the stairs."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp

from gateway.recognition.evidence import OUTSIDE, Antennas
from gateway.recognition.plan import Plan
from gateway.recognition.track import Track

OTHER_FLOOR = 4.0  # nats against another floor: 6 dB, about what a reader overhead gains on one across the room
ON_STAIRS = 0.2  # so likely between floors is enough: who walks through is hardly ever surely there
PASSED_S = 30.0  # who was on the stairs, or in a lift, may be on any floor for so long
CLIMB_S = 12.0  # a floor is walked up or down in so long, …
UNSEEN = 0.5  # … which is half of what a way that is heard would have said
SETTLED_S = 20.0  # who has been heard on a floor for so long is on it
HERE = 0.8  # so surely on this floor is no walk to another
DOOR_S = 30.0  # who is heard at a door comes in on its floor


class Floors:
    """Which zones are on which floor, which are the ways between, and what that says against being on another.

    It is weight of evidence and no rule: a reader upstairs that hears somebody plainly enough is believed.
    """

    __slots__ = ("_floors", "_readers", "_several", "_stairs")

    def __init__(self, plan: Plan) -> None:
        ways = [zone in plan.stairs for zone in plan.zones]
        self._floors = [None if way else plan.floors.get(z) for z, way in zip(plan.zones, ways, strict=True)]
        self._stairs = [zone for zone, way in enumerate(ways) if way]
        self._readers = {
            reader
            for reader, place in plan.readers.items()
            if not plan.stairs.isdisjoint({place.zone, *place.antennas.values()})
        }
        self._several = len({floor for floor in self._floors if floor is not None}) > 1

    def weigh(
        self, track: Track, nats: list[float], antennas: Antennas, lost: Mapping[str, float], at: float, seconds: float
    ) -> list[float]:
        """What is heard of the zones (nats), less what speaks against another floor; ``seconds`` since the last step.

        Where the ways between floors are heard, nobody changes floors without having been on one. Where they are not,
        or one of their readers is ``lost``, it takes the time to walk.
        """
        if not self._several:
            return nats
        chances = _chances(nats)
        if any(chances[zone] >= ON_STAIRS for zone in self._stairs):
            track.on_stairs_at = at
        floor = self._floor_of(track, at)
        if floor != track.floor:
            track.floor, track.floor_s, track.climbed_s = floor, 0.0, 0.0
        if floor is None:
            return nats
        here = sum(chance for chance, other in zip(chances, self._floors, strict=True) if other == floor)
        if here >= HERE:
            track.climbed_s = 0.0
            track.floor_s = min(SETTLED_S, track.floor_s + seconds)
        else:
            track.climbed_s += track.walking * seconds
        if at - track.on_stairs_at <= PASSED_S:
            return nats
        climbed_s = 0.0 if self._hears_stairs(track, antennas, lost) else track.climbed_s
        against = OTHER_FLOOR * (track.floor_s / SETTLED_S if track.present else 1.0)
        return [
            n if other is None or other == floor else n - against * _still_to_climb(abs(other - floor), climbed_s)
            for n, other in zip(nats, self._floors, strict=True)
        ]

    def _floor_of(self, track: Track, at: float) -> int | None:
        """The floor somebody is on: that of their zone, or of the door at which they come in."""
        if track.present:
            return self._floors[track.state - 1]
        doors = [s for s in track.signals() if s.role == "inner" and s.state != OUTSIDE and s.at > at - DOOR_S]
        door = max(doors, key=lambda signal: signal.now, default=None)
        return None if door is None else self._floors[door.state - 1]

    def _hears_stairs(self, track: Track, antennas: Antennas, lost: Mapping[str, float]) -> bool:
        """Whether the ways between floors hear what this person carries, all of them."""
        if not self._readers or not self._readers.isdisjoint(lost):
            return False
        for beacon in {credential.beacon for credential in track.credentials.values()}:
            hearing = antennas.beacons if beacon else antennas.tags
            if all(hearing[zone + 1] for zone in self._stairs):
                return True
        return False


def _chances(nats: list[float]) -> list[float]:
    top = max(nats)
    weighed = [exp(n - top) for n in nats]
    total = sum(weighed)
    return [w / total for w in weighed]


def _still_to_climb(floors: int, climbed_s: float) -> float:
    """What is left to say against it, from 1, as somebody has walked for long enough to be so many floors away."""
    return max(UNSEEN, 1.0 - climbed_s / (CLIMB_S * floors))
