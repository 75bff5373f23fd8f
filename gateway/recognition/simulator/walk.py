"""One person's way through the venue: where at any time, which way turned, how far walked."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from math import atan2, cos, dist, pi, sin
from random import Random

from gateway.recognition.simulator.scenario import Group


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


@dataclass(slots=True)
class Pose:
    """Where somebody is (m), which way they face (rad), how far they have walked in all (m), how their things lie."""

    x: float
    y: float
    heading: float
    walked: float
    lie: int


class Walk:
    """The way of one person; times in seconds on the recording's clock."""

    def __init__(self, group: Group, start: float, rng: Random) -> None:
        self.legs = _legs(group, start, rng)
        self.start = start
        self.end = self.legs[-1].end
        self._starts = [leg.start for leg in self.legs]

    def at(self, t: float) -> Pose:
        """The pose at a time; before the start and after the end the first and the last."""
        leg = self.legs[max(0, bisect_right(self._starts, t) - 1)]
        part = min(1.0, max(0.0, (t - leg.start) / (leg.end - leg.start))) if leg.end > leg.start else 1.0
        x = leg.x1 + part * (leg.x2 - leg.x1)
        y = leg.y1 + part * (leg.y2 - leg.y1)
        return Pose(x, y, leg.heading, leg.walked + dist((leg.x1, leg.y1), (x, y)), leg.lie)


def _legs(group: Group, start: float, rng: Random) -> list[Leg]:
    legs: list[Leg] = []
    here: tuple[float, float] | None = None
    t, walked, heading, lie = start, 0.0, rng.uniform(-pi, pi), 0
    speed = rng.uniform(*group.speed)
    for step in group.path:
        to = (step.x + rng.uniform(-1, 1) * step.jitter, step.y + rng.uniform(-1, 1) * step.jitter)
        if here is not None:
            length = dist(here, to)
            if length > 0.0:
                heading = atan2(to[1] - here[1], to[0] - here[0])
                legs.append(Leg(t, t + length / speed, *here, *to, heading, walked, lie))
                t += length / speed
                walked += length
        here = to
        stay_until = t + rng.uniform(*step.stay)
        stays = group.shifts and stay_until > t
        lie += stays
        while t < stay_until:
            end = min(stay_until, t + rng.expovariate(1 / group.turn_every_s)) if group.turn_every_s else stay_until
            legs.append(Leg(t, end, *here, *here, heading, walked, lie))
            t = end
            heading += rng.gauss(0.0, 0.8)
        lie += stays
    return legs or [Leg(start, start, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0)]


def facing(pose: Pose, x: float, y: float) -> float:
    """Cosine between where somebody looks and a point: 1 in front, -1 behind."""
    dx, dy = x - pose.x, y - pose.y
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    return (cos(pose.heading) * dx + sin(pose.heading) * dy) / length
