"""What the readers hear in each zone, learnt from labels: a room is known by what all readers hear there.

The loudest reader says where somebody is in an open hall. Behind walls, below a slab, beside a metal bar it does not;
what the whole venue hears of somebody, who is silent there included, says it in any building, once somebody has told
what it is (Bahl and Padmanabhan, "RADAR", IEEE INFOCOM 2000, section 3).
"""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, log

Antenna = tuple[str, int | str | None]
Levels = Mapping[Antenna, float]
"""What each antenna hears of one thing on the average, dBm; an antenna that does not hear it is not in it."""

SPOTS = 12  # of a zone: where people stand, sit and wait there
SAME_SPOT_DB = 5.0  # root mean square: two prints nearer than this are of one spot
SPREAD_DB = 5.5  # a thing at the same spot again, on somebody else
FAR_DB = 16.0  # an antenna that differs by more tells no more: a door was open, a body in the way
OFFSET_READS = 2.0  # so many antennas' worth of belief that a thing is as loud as the others
OFFSET_MOST_DB = 8.0  # in a pocket, or a stronger beacon
INDEPENDENT = 0.6  # of the antennas' evidence: bodies and walls shade several of them together
FORGET = 0.98  # of what was known of a zone is kept at each new label: an old spot fades after a hundred


class Spot:
    """Some prints that are alike: how many (newer ones count for more), and their mean level for each antenna."""

    __slots__ = ("levels", "weight")

    def __init__(self, levels: Levels, weight: float) -> None:
        self.levels = dict(levels)
        self.weight = weight


class Fingerprints:
    """Per zone the spots that were learnt; ``floor`` is the level (dBm) that stands for not being heard."""

    __slots__ = ("floor", "labels", "spots")

    def __init__(self, zones: int, floor: float) -> None:
        self.spots: list[list[Spot]] = [[] for _ in range(zones)]
        self.labels = [0.0] * zones
        self.floor = floor

    def learn(self, zone: int, levels: Levels, weight: float = 1.0) -> None:
        """Somebody was in this zone (index into the plan's zones) when the antennas heard these levels."""
        spots = self.spots[zone]
        for spot in spots:
            spot.weight *= FORGET
        self.labels[zone] = self.labels[zone] * FORGET + weight
        best = min(spots, key=lambda spot: self._apart(spot.levels, levels), default=None)
        if best is not None and (self._apart(best.levels, levels) < SAME_SPOT_DB):
            self._merge(best, levels, weight)
            return
        spots.append(Spot(levels, weight))
        if len(spots) > SPOTS:
            self._join_nearest(spots)

    def scores(self, levels: Levels) -> list[float]:
        """Log-likelihood (nats) of these levels in each zone; zones of which nothing is known are not known."""
        return [self._score(zone, levels) for zone in range(len(self.spots))]

    def _score(self, zone: int, levels: Levels) -> float:
        spots = self.spots[zone]
        if not spots:
            return float("-inf")
        nats = [log(spot.weight) + self._nats(spot.levels, levels) for spot in spots]
        top = max(nats)
        return top + log(sum(exp(n - top) for n in nats) / sum(spot.weight for spot in spots))

    def _nats(self, spot: Levels, levels: Levels) -> float:
        offset = self._offset(spot, levels)
        floor = self.floor
        total = 0.0
        for antenna in spot.keys() | levels.keys():
            there = spot.get(antenna, floor)
            here = levels.get(antenna)
            off = (floor if here is None else here) - there
            if here is not None and antenna in spot:
                off -= offset
            off = off if off < FAR_DB else FAR_DB
            off = off if off > -FAR_DB else -FAR_DB
            total += off * off
        return -INDEPENDENT * 0.5 * total / (SPREAD_DB * SPREAD_DB)

    def _offset(self, spot: Levels, levels: Levels) -> float:
        total, both = 0.0, 0
        for antenna, level in levels.items():
            there = spot.get(antenna)
            if there is not None:
                total += level - there
                both += 1
        return max(-OFFSET_MOST_DB, min(OFFSET_MOST_DB, total / (both + OFFSET_READS)))

    def _apart(self, spot: Levels, levels: Levels) -> float:
        antennas = spot.keys() | levels.keys()
        total = sum((levels.get(a, self.floor) - spot.get(a, self.floor)) ** 2 for a in antennas)
        return float((total / max(1, len(antennas))) ** 0.5)

    def _merge(self, spot: Spot, levels: Levels, weight: float) -> None:
        share = weight / (spot.weight + weight)
        for antenna in spot.levels.keys() | levels.keys():
            before = spot.levels.get(antenna, self.floor)
            spot.levels[antenna] = before + share * (levels.get(antenna, self.floor) - before)
        spot.weight += weight

    def _join_nearest(self, spots: list[Spot]) -> None:
        pairs = [(a, b) for i, a in enumerate(spots) for b in spots[i + 1 :]]
        a, b = min(pairs, key=lambda pair: self._apart(pair[0].levels, pair[1].levels))
        self._merge(a, b.levels, b.weight)
        spots.remove(b)
