"""A room is known by what all readers hear there, and are silent about: prints of the venue's radio, learnt per zone.

The loudest reader says where somebody is in an open hall. Behind walls, under a slab, beside a metal bar it does not;
what the whole venue hears of somebody does, in any building, once it has been told which room that was (Bahl and
Padmanabhan, "RADAR", IEEE INFOCOM 2000, section 3). Only mean levels are kept: no names, no things, no times.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import exp, log

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
DEFAULT_PRINTS = 6.0  # a zone, after which loudness alone counts half beside what was learnt
DEFAULT_LEAST = -8.0  # nats: how loud the readers are is never more sure than that, beside what was learnt
KNOWN_WEIGHT = 3.0  # a spot that weighs more is well enough known to tell that an antenna hears otherwise there


class Spot:
    """Prints that are alike: their mean, and how many they are, the old ones counted less.

    ``trust`` is from 0 to 1: little where most who were heard like this were said to be in another zone. One in ten
    labels is wrong, and stands alone among those that are right.
    """

    __slots__ = ("levels", "trust", "weight")

    def __init__(self, levels: Print, weight: float) -> None:
        self.levels = dict(levels)
        self.weight = weight
        self.trust = 1.0

    def add(self, levels: Print, weight: float) -> None:
        """One more print, or another spot. An antenna that was not known here is from now on."""
        share = weight / (self.weight + weight)
        for antenna, level in levels.items():
            before = self.levels.get(antenna, level)
            self.levels[antenna] = before + share * (level - before)
        self.weight += weight


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
        for zone, spots in enumerate(self.spots):
            for spot in spots:
                if self._apart(spot.levels, levels) < 2.0 * SAME_SPOT_DB:
                    self._weigh(zone, spot)

    def _weigh(self, zone: int, spot: Spot) -> None:
        others = sum(
            other.weight
            for elsewhere, theirs in enumerate(self.spots)
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
            spot.levels.pop(antenna, None)

    def spot_list(self) -> Iterable[Spot]:
        """Every spot of every zone."""
        return (spot for spots in self.spots for spot in spots)

    def residuals(self, zone: int, levels: Print) -> dict[Antenna, float]:
        """By how many dB each antenna differs from the likeliest well known spot of this zone; empty without one."""
        spots = [spot for spot in self.spots[zone] if spot.weight >= KNOWN_WEIGHT]
        if not spots:
            return {}
        best = max(spots, key=lambda spot: self._nats(spot.levels, levels))
        shift = self._offset(best.levels, levels)
        return {a: levels[a] - best.levels[a] - shift for a in levels if a in best.levels}

    def nats(self, levels: Print, default: list[float]) -> list[float]:
        """How likely each zone is (nats, up to a constant) by this print and by what loudness alone says (nats)."""
        learnt = [self._zone_nats(spots, levels) for spots in self.spots]
        known = [zone for zone, nats in enumerate(learnt) if nats is not None]
        if not known:
            return default
        most = max(default)
        default = [max(DEFAULT_LEAST, nats - most) for nats in default]
        prints = sum(spot.weight for spot in self.spot_list()) / len(known)
        share = DEFAULT_PRINTS / (DEFAULT_PRINTS + prints)
        both = [0.0 if n is None else n + share * d for n, d in zip(learnt, default, strict=True)]
        best = max(known, key=both.__getitem__)
        for zone, nats in enumerate(learnt):
            if nats is None:
                both[zone] = both[best] - UNKNOWN_NATS + default[zone] - default[best]
        return both

    def _zone_nats(self, spots: list[Spot], levels: Print) -> float | None:
        if not spots:
            return None
        nats = [self._nats(spot.levels, levels) for spot in spots]
        top = max(nats)
        weights = sum(spot.weight for spot in spots)
        return top + log(
            sum(spot.weight * spot.trust * exp(n - top) for spot, n in zip(spots, nats, strict=True)) / weights
        )

    def _nats(self, spot: Print, levels: Print) -> float:
        floor = self.floor
        away: list[float] = []
        total = heard = 0.0
        unknown = 0
        both: list[float] = []
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
        return PER_DB2 * (total + unknown * SPREAD_DB * SPREAD_DB)  # where nothing is known: as far off as is usual

    def _offset(self, spot: Print, levels: Print) -> float:
        """By how much this thing is louder everywhere than those at the spot, dB."""
        floor = self.floor
        both = [level - spot[a] for a, level in levels.items() if level > floor and spot.get(a, floor) > floor]
        return max(-OFFSET_MOST_DB, min(OFFSET_MOST_DB, sum(both) / (len(both) + OFFSET_PRIOR)))

    def _nearest(self, spots: list[Spot], levels: Print) -> Spot | None:
        return min(spots, key=lambda spot: self._apart(spot.levels, levels), default=None)

    @staticmethod
    def _apart(one: Print, other: Print) -> float:
        """Root mean square difference (dB) at the antennas that both know."""
        both = one.keys() & other.keys()
        return float((sum((one[a] - other[a]) ** 2 for a in both) / len(both)) ** 0.5) if both else FAR_DB

    def _join_nearest(self, spots: list[Spot]) -> None:
        pairs = ((a, b) for i, a in enumerate(spots) for b in spots[i + 1 :])
        one, other = min(pairs, key=lambda pair: self._apart(pair[0].levels, pair[1].levels))
        one.add(other.levels, other.weight)
        spots.remove(other)
