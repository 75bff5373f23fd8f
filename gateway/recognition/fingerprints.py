"""A room is known by what all readers hear there, and are silent about: prints of the venue's radio, learnt per zone.

The loudest reader says where somebody is in an open hall. Behind walls, under a slab, beside a metal bar it does not;
what the whole venue hears of somebody does, in any building, once it has been told which room that was (Bahl and
Padmanabhan, "RADAR", IEEE INFOCOM 2000, section 3). Only mean levels are kept: no names, no things, no times.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from heapq import nlargest
from math import exp, log, sqrt

Antenna = tuple[str, int | str | None]
"""A reader's id, and which of its antennas or rooms, if it has several."""

Print = Mapping[Antenna, float]
"""Mean level (dBm) of one thing at every antenna that could hear it; ``Fingerprints.floor`` where it is not heard."""

SPOTS = 12  # of a zone: where people stand, sit and wait there
SAME_SPOT_DB = 5.0  # root mean square; nearer prints are of one spot
SPREAD_DB = 5.5  # of a level at the same spot on another day and on somebody else
FAR_DB = 16.0  # farther tells no more: a door was open, a body in the way
INDEPENDENT = 0.6  # of the antennas' evidence: a body or a wall shades several of them together
FAR = FAR_DB * FAR_DB
PER_DB2 = -0.5 * INDEPENDENT / (SPREAD_DB * SPREAD_DB)  # nats
OFFSET_PRIOR = 2.0  # so many antennas say that a thing is as loud as the others
OFFSET_MOST_DB = 8.0  # deep in a bag, or another make
KEPT = 0.98  # of a zone's spots at each new print of it: an old one weighs half after 34
LEAST_WEIGHT = 0.2  # a spot that weighs less is forgotten
NOT_THERE = 0.5  # of a spot is left when somebody was looked for there and not found
UNKNOWN_NATS = 1.0  # a zone of which nothing was learnt is so much less likely than the likeliest learnt one
DEFAULT_PRINTS = 10.0  # a zone, after which loudness alone counts half beside what was learnt
DEFAULT_LEAST = -8.0  # nats: how loud the readers are is never more sure than that, beside what was learnt
DENSE = 16  # antennas; where there are more, spots are chosen before they are compared, …
LOUDEST = 4  # … by their so many loudest antennas: one of them is among the loudest of who stands there, and …
ELSEWHERE_NATS = 8.0  # … the others are so much less likely, which is as little as anything that is said of a zone
KNOWN_WEIGHT = 3.0  # a spot that weighs more is well enough known to tell that an antenna hears otherwise there


class Spot:
    """Prints that are alike: their mean, and how many they are, the old ones counted less.

    ``trust`` is from 0 to 1: little where most who were heard like this were said to be in another zone. One in ten
    labels is wrong, and stands alone among those that are right.
    """

    __slots__ = ("levels", "loudest", "trust", "weight")

    def __init__(self, levels: Print, weight: float) -> None:
        self.levels = dict(levels)
        self.weight = weight
        self.trust = 1.0
        self.loudest = _loudest(self.levels)

    def add(self, levels: Print, weight: float) -> None:
        """One more print, or another spot. An antenna that was not known here is from now on."""
        share = weight / (self.weight + weight)
        for antenna, level in levels.items():
            before = self.levels.get(antenna, level)
            self.levels[antenna] = before + share * (level - before)
        self.weight += weight
        self.loudest = _loudest(self.levels)

    def forget(self, antenna: Antenna) -> None:
        """What this antenna heard here says nothing any more."""
        self.levels.pop(antenna, None)
        self.loudest = _loudest(self.levels)


def _loudest(levels: Print) -> frozenset[Antenna]:
    return frozenset(nlargest(LOUDEST, levels, key=levels.__getitem__))


class Fingerprints:
    """Per zone (index into the plan's zones) the spots that were learnt, for one kind of radio."""

    __slots__ = ("floor", "spots")

    def __init__(self, zones: int, floor: float) -> None:
        self.spots: list[list[Spot]] = [[] for _ in range(zones)]
        self.floor = floor

    def __bool__(self) -> bool:
        """Something has been learnt."""
        return any(self.spots)

    def learn(self, zone: int, levels: Print, weight: float = 1.0) -> None:
        """Somebody was in this zone when the antennas heard this."""
        spots = self.spots[zone]
        for spot in spots:
            spot.weight *= KEPT
        near = self._nearest(spots, levels)
        if near is not None and self._apart(near.levels, levels) < SAME_SPOT_DB:
            near.add(levels, weight)
        else:
            spots.append(Spot(levels, weight))
            if len(spots) > SPOTS:
                self._join_nearest(spots)
        self.spots[zone] = [spot for spot in spots if spot.weight >= LEAST_WEIGHT]
        self._weigh_again(levels)

    def weigh_trust(self) -> None:
        """Compares every spot with those of the other zones that are heard like it."""
        for zone, spots in enumerate(self.spots):
            for spot in spots:
                self._weigh(zone, spot)

    def _weigh_again(self, levels: Print) -> None:
        """The same, of the spots alone that this print can have to do with."""
        for zone, spots in enumerate(self._near(levels)):
            for spot in spots:
                if self._apart(spot.levels, levels) < 2.0 * SAME_SPOT_DB:
                    self._weigh(zone, spot)

    def _weigh(self, zone: int, spot: Spot) -> None:
        others = sum(
            other.weight
            for elsewhere, theirs in enumerate(self._near(spot.levels))
            if elsewhere != zone
            for other in theirs
            if self._apart(spot.levels, other.levels) < SAME_SPOT_DB
        )
        spot.trust = (spot.weight / (spot.weight + others)) ** 2

    def unlearn(self, zone: int, levels: Print) -> None:
        """Somebody of whom the antennas heard this was looked for in this zone and not found there."""
        near = self._nearest(self.spots[zone], levels)
        if near is not None and self._apart(near.levels, levels) < SAME_SPOT_DB:
            near.weight *= NOT_THERE
            self.spots[zone] = [spot for spot in self.spots[zone] if spot.weight >= LEAST_WEIGHT]
            self._weigh_again(levels)

    def forget(self, antenna: Antenna) -> None:
        """This antenna hears otherwise than it did: what it heard anywhere says nothing any more."""
        for spot in self.spot_list():
            spot.forget(antenna)

    def spot_list(self) -> Iterable[Spot]:
        """Every spot of every zone."""
        return (spot for spots in self.spots for spot in spots)

    def residuals(self, zone: int, levels: Print) -> dict[Antenna, float]:
        """By how many dB each antenna differs from the likeliest well known spot of this zone; empty without one."""
        spots = [spot for spot in self.spots[zone] if spot.weight >= KNOWN_WEIGHT]
        if not spots:
            return {}
        compared = [(self._compare(spot.levels, levels), spot.levels) for spot in spots]
        (_, shift), best = max(compared, key=lambda each: each[0][0])
        return {a: levels[a] - best[a] - shift for a in levels if a in best}

    def nats(self, levels: Print, default: list[float]) -> list[float]:
        """How likely each zone is (nats, up to a constant) by this print and by what loudness alone says (nats)."""
        known = [zone for zone, spots in enumerate(self.spots) if spots]
        if not known:
            return default
        weights = [sum(spot.weight for spot in spots) for spots in self.spots]
        learnt = [
            self._zone_nats(near, weight, levels) for near, weight in zip(self._near(levels), weights, strict=True)
        ]
        if len(levels) > DENSE:
            least = max(nats for nats in learnt if nats is not None) - ELSEWHERE_NATS
            for zone in known:
                learnt[zone] = max(least, least if (nats := learnt[zone]) is None else nats)
        most = max(default)
        default = [max(DEFAULT_LEAST, nats - most) for nats in default]
        prints = sum(weights) / len(known)
        share = DEFAULT_PRINTS / (DEFAULT_PRINTS + prints)
        both = [0.0 if n is None else n + share * d for n, d in zip(learnt, default, strict=True)]
        best = max(known, key=both.__getitem__)
        for zone, nats in enumerate(learnt):
            if nats is None:
                both[zone] = both[best] - UNKNOWN_NATS + default[zone] - default[best]
        return both

    def _zone_nats(self, spots: Iterable[Spot], weights: float, levels: Print) -> float | None:
        """How likely these spots of a zone are, of which all its spots together weigh so much."""
        each = [(spot.weight * spot.trust, self._compare(spot.levels, levels)[0]) for spot in spots]
        if not each:
            return None
        top = max(nats for _, nats in each)
        return top + log(sum(weight * exp(nats - top) for weight, nats in each) / weights)

    def _near(self, levels: Print) -> list[list[Spot]]:
        """Per zone the spots that are worth comparing: in a dense house those whose loudest antennas are heard well.

        There an antenna is among the loudest in a few rooms, and forty rooms with a dozen spots each are not.
        """
        if len(levels) <= DENSE:
            return self.spots
        loudest = _loudest(levels)
        near = [[spot for spot in spots if not loudest.isdisjoint(spot.loudest)] for spots in self.spots]
        return near if any(near) else self.spots

    def _compare(self, spot: Print, levels: Print) -> tuple[float, float]:
        """Nats for being at this spot, and by how many dB this thing is louder than those that were there."""
        floor = self.floor
        away: list[float] = []
        both: list[float] = []
        total = heard = 0.0
        unknown = 0
        for antenna, level in levels.items():
            there = spot.get(antenna)
            if there is None:
                unknown += 1
            elif level > floor and there > floor:
                both.append(level - there)
                heard += level - there
            else:
                away.append(level - there)
        shift = heard / (len(both) + OFFSET_PRIOR)
        shift = OFFSET_MOST_DB if shift > OFFSET_MOST_DB else -OFFSET_MOST_DB if shift < -OFFSET_MOST_DB else shift
        for off in both:
            off -= shift
            total += FAR if off > FAR_DB or off < -FAR_DB else off * off
        for off in away:
            total += FAR if off > FAR_DB or off < -FAR_DB else off * off
        # where nothing is known: as far off as is usual
        return PER_DB2 * (total + unknown * SPREAD_DB * SPREAD_DB), shift

    def _nearest(self, spots: list[Spot], levels: Print) -> Spot | None:
        return min(spots, key=lambda spot: self._apart(spot.levels, levels), default=None)

    def _apart(self, one: Print, other: Print) -> float:
        """Root mean square difference (dB) at the antennas that both know and one of them is heard by.

        What neither is heard by makes nothing alike: in a large house that is most of it, of any two rooms.
        """
        floor = self.floor
        total = 0.0
        count = 0
        for antenna, level in one.items():
            there = other.get(antenna)
            if there is not None and (level > floor or there > floor):
                total += (level - there) * (level - there)
                count += 1
        return sqrt(total / count) if count else FAR_DB

    def _join_nearest(self, spots: list[Spot]) -> None:
        pairs = ((a, b) for i, a in enumerate(spots) for b in spots[i + 1 :])
        one, other = min(pairs, key=lambda pair: self._apart(pair[0].levels, pair[1].levels))
        one.add(other.levels, other.weight)
        spots.remove(other)
