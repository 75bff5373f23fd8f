"""One person's way through the venue: where at any time, which way turned, how far walked, what was left behind."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from math import atan2, cos, dist, pi, sin
from random import Random

from gateway.recognition.simulator.venue import Group, Scenario, Stairs, Step

FOREVER = float("inf")


@dataclass(slots=True)
class Leg:
    """From one point to another, or staying at one, between two times (s)."""

    start: float
    end: float
    x1: float
    y1: float
    x2: float
    y2: float
    heading: float
    walked: float  # m before this leg
    lie: int  # things shift in pocket and bag when somebody sits down or gets up: a number for each time
    floor1: float = 0.0
    floor2: float = 0.0


@dataclass(slots=True)
class Pose:
    """Where somebody is (m), which way they face (rad), how far they have walked in all (m), how their things lie.

    ``floor`` is a fraction on the stairs. ``alone``: the thing lies where it was left, and nobody is about it.
    """

    x: float
    y: float
    heading: float
    walked: float
    lie: int
    floor: float = 0.0
    alone: bool = False


class Walk:
    """The way of one person; times in seconds on the recording's clock."""

    def __init__(self, group: Group, start: float, rng: Random, venue: Scenario) -> None:
        self._venue = venue
        self._group = group
        self._rng = rng
        self.legs: list[Leg] = []
        self._left: dict[str, list[tuple[float, float]]] = {}
        self._go(start)
        self.start = start
        self.end = self.legs[-1].end
        self._starts = [leg.start for leg in self.legs]

    def at(self, t: float) -> Pose:
        """The pose at a time; before the start and after the end the first and the last."""
        leg = self.legs[max(0, bisect_right(self._starts, t) - 1)]
        part = min(1.0, max(0.0, (t - leg.start) / (leg.end - leg.start))) if leg.end > leg.start else 1.0
        x = leg.x1 + part * (leg.x2 - leg.x1)
        y = leg.y1 + part * (leg.y2 - leg.y1)
        floor = leg.floor1 + part * (leg.floor2 - leg.floor1)
        return Pose(x, y, leg.heading, leg.walked + dist((leg.x1, leg.y1), (x, y)), leg.lie, floor)

    def of(self, thing: str, t: float) -> Pose:
        """The pose of a thing of theirs: theirs, or the one in which they left it."""
        for start, end in self._left.get(thing, ()):
            if start <= t < end:
                return replace(self.at(start), alone=True)
        return self.at(t)

    def _go(self, start: float) -> None:
        rng, group = self._rng, self._group
        here: tuple[float, float] | None = None
        floor = float(group.path[0].floor)
        self._heading, self._lie = rng.uniform(-pi, pi), 0
        self._t, self._walked = start, 0.0
        self._speed = rng.uniform(*group.speed)
        for step in group.path:
            to = (step.x + rng.uniform(-1, 1) * step.jitter, step.y + rng.uniform(-1, 1) * step.jitter)
            if here is not None:
                while int(floor) != step.floor:
                    here, floor = self._climb(here, int(floor), step.floor)
                self._move(here, to, self._speed, floor, floor)
            here = to
            self._stay(here, floor, step)
        if not self.legs:
            self.legs.append(Leg(start, start, *(here or (0.0, 0.0)), *(here or (0.0, 0.0)), 0.0, 0.0, 0, floor, floor))

    def _climb(self, here: tuple[float, float], floor: int, towards: int) -> tuple[tuple[float, float], float]:
        """Over the nearest stairs to the next floor that way."""
        after = floor + (1 if towards > floor else -1)

        def ends(stairs: Stairs) -> tuple[tuple[float, float], tuple[float, float]]:
            return (stairs.foot, stairs.head) if after > floor else (stairs.head, stairs.foot)

        stairs = min(self._venue.stairs_between(floor, after), key=lambda s: dist(here, ends(s)[0]))
        one, other = ends(stairs)
        self._move(here, one, self._speed, floor, floor)
        self._move(one, other, max(dist(one, other), 0.1) / stairs.seconds, floor, after)
        return other, float(after)

    def _move(
        self, here: tuple[float, float], to: tuple[float, float], speed: float, floor1: float, floor2: float
    ) -> None:
        length = dist(here, to)
        if length > 0.0:
            self._heading = atan2(to[1] - here[1], to[0] - here[0])
            end = self._t + length / speed
            self.legs.append(Leg(self._t, end, *here, *to, self._heading, self._walked, self._lie, floor1, floor2))
            self._t = end
            self._walked += length

    def _stay(self, here: tuple[float, float], floor: float, step: Step) -> None:
        rng, group = self._rng, self._group
        for thing in step.takes:
            if self._left.get(thing):
                self._left[thing][-1] = (self._left[thing][-1][0], self._t)
        for thing in step.leaves:
            self._left.setdefault(thing, []).append((self._t, FOREVER))
        stay_until = self._t + rng.uniform(*step.stay)
        stays = group.shifts and stay_until > self._t
        self._lie += stays
        turn = group.turn_every_s
        while self._t < stay_until:
            end = min(stay_until, self._t + rng.expovariate(1 / turn)) if turn else stay_until
            self.legs.append(Leg(self._t, end, *here, *here, self._heading, self._walked, self._lie, floor, floor))
            self._t = end
            self._heading += rng.gauss(0.0, 0.8)
        self._lie += stays


def facing(pose: Pose, x: float, y: float) -> float:
    """Cosine between where somebody looks and a point: 1 in front, -1 behind."""
    dx, dy = x - pose.x, y - pose.y
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    return (cos(pose.heading) * dx + sin(pose.heading) * dy) / length
