"""Is this one thing, or two with the same identifier? Such a card is to be verified by sight.

What is far is not typed in: whoever goes from area to area shows whether the two can hear one thing at once, and how
loud. Only while nobody has is it guessed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from gateway.recognition.evidence import FAINT_TAG
from gateway.recognition.plan import Plan
from reader_drivers.sighting import Sighting

SECONDS = 4  # in each of so many seconds heard in both areas …
WITHIN_S = 8  # … of so many, so that the card is demoted within 10 s
STRONG_DB = 12.0  # above faint: within three metres of both is in two places, if nothing was ever heard at both at once
CLEAR_DB = 8.0  # above faint: really there, not heard from afar
TOUCHING_DB = 22.0  # above faint: within a metre and a half of both is in two places, whoever was heard at both at once
TOUCHED_DB = 40.0  # what a read without a level counts that takes contact
FEW, MANY = 5, 20  # people who were in both areas
LOUDER_DB = 6.0  # so much louder at both than anybody of many before
LATE_S = 3.0  # what comes later than this was kept somewhere: it tells nothing of now
GONE_S = 10  # unheard in an area for so long, somebody comes there anew
FORGET_S = 60.0  # unheard for so long, a trail is finished; a doubt is reported once in so long
COINCIDENCES = 2  # things doubted between the same two areas: it is the areas

BY_CONTACT = ("em:", "nfc:")

Two = tuple[str, str]


@dataclass(slots=True)
class Doubt:
    """Why an identifier is not to be trusted: ``kind`` is ``two_places`` or ``wrong_tid``; ``reason`` for a person."""

    identifier: str
    kind: str
    at: float
    reason: str


class _Spot:
    """One thing in one area: the second that passes, and how loud on average in those before, dB above faint."""

    __slots__ = ("levels", "reads", "second", "total", "until")

    def __init__(self, second: int, level: float) -> None:
        self.levels: dict[int, float] = {}
        self.begin(second, level)

    def begin(self, second: int, level: float) -> None:
        """The first read of a second."""
        self.second, self.until, self.total, self.reads = second, second + 1, level, 1

    def next_second(self, second: int, level: float) -> None:
        """The second that passed is over."""
        self.levels[self.second] = self.total / self.reads
        if len(self.levels) > WITHIN_S:
            del self.levels[min(self.levels)]
        self.begin(second, level)


class _Trail:
    """Where one thing is heard: its spots by area, and the antenna and the spot of the last read."""

    __slots__ = ("antenna", "at_once", "both", "reader", "reported_at", "spot", "spots")

    def __init__(self, spot: _Spot, reader: str, antenna: int | str | None, area: str) -> None:
        self.spots: dict[str, _Spot] = {area: spot}
        self.both: set[Two] = set()
        self.at_once: set[Two] = set()
        self.reported_at = float("-inf")
        self.spot, self.reader, self.antenna = spot, reader, antenna


@dataclass(slots=True)
class _Pair:
    """What people have shown of two areas."""

    both: int = 0  # trails that were in both
    at_once: int = 0  # … and heard in both within one second
    loudest: dict[str, float] = field(default_factory=dict)  # how loud in both at once, the two loudest things
    doubted: set[str] = field(default_factory=set)

    def doubt(self, identifier: str) -> None:
        """What is doubted shows nothing of the areas; where several are, it is the areas that are near."""
        if identifier not in self.doubted:
            self.doubted.add(identifier)
            self.at_once += COINCIDENCES if len(self.doubted) == COINCIDENCES else -1

    def heard(self, identifier: str, level: float) -> None:
        """Keeps the two loudest, so that there is one to compare each of them with."""
        loudest = self.loudest
        if level > loudest.get(identifier, float("-inf")):
            loudest[identifier] = level
            if len(loudest) > 2:
                del loudest[min(loudest, key=loudest.__getitem__)]

    def impossible(self, identifier: str, level: float) -> bool:
        """Can no one thing be heard so loud in both areas, second after second? Judged by what others have shown."""
        others, others_at_once = self.both - 1, self.at_once - (identifier not in self.doubted)
        if others_at_once == 0:
            return level >= STRONG_DB or (level >= CLEAR_DB and others >= FEW) or others >= MANY
        if others_at_once < MANY:
            return level >= TOUCHING_DB
        loudest = max((db for i, db in self.loudest.items() if i != identifier), default=0.0)
        return level >= max(STRONG_DB, loudest + LOUDER_DB)


class CloneWatch:
    """Watches for things that are heard in two areas at once where one thing cannot be.

    Areas are the zones of the plan, by reader and antenna. The order in which reads reach us is judged, never the
    readers' own times: a clock that is 40 s off makes no clone. What comes late is old, and passed over.
    """

    __slots__ = ("_pairs", "_places", "_plan", "_trails")

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._places: dict[tuple[str, int | str | None], tuple[str | None, bool]] = {}
        self._trails: dict[str, _Trail] = {}
        self._pairs: dict[Two, _Pair] = {}

    def replan(self, plan: Plan) -> None:
        """The readers stand so from now on; what was heard where before is judged no more."""
        self._plan = plan
        self._places.clear()
        self._trails.clear()

    def see(self, sighting: Sighting, shift: float, now: float) -> Doubt | None:
        """One read of a tag as it reaches us at ``now``; a doubt where there is reason for one, once a minute at most.

        ``shift``: what to add to the time of this reader's clock to have ours.
        """
        if now - sighting.at - shift > LATE_S:
            return None
        identifier, level = sighting.identifier, sighting.rssi
        trail = self._trails.get(identifier)
        if trail is not None and level is not None:  # nearly every read ends here: the same antenna in the same second
            spot = trail.spot
            if now < spot.until and trail.reader == sighting.reader and trail.antenna == sighting.antenna:
                spot.total += level - FAINT_TAG
                spot.reads += 1
                return None
        place = self._places.get((sighting.reader, sighting.antenna)) or self._place(sighting)
        area = place[0]
        if area is None:
            return None
        if level is not None:
            level -= FAINT_TAG
        elif place[1] or identifier.startswith(BY_CONTACT):
            level = TOUCHED_DB
        else:
            return None
        if trail is None or now - trail.spot.until > FORGET_S:
            trail = self._trails[identifier] = _Trail(_Spot(int(now), level), sighting.reader, sighting.antenna, area)
            return None
        return self._hear(trail, sighting, area, level, now)

    def _hear(self, trail: _Trail, sighting: Sighting, area: str, level: float, now: float) -> Doubt | None:
        """A read in another second, or by another antenna."""
        spot, second = trail.spots.get(area), int(now)
        if spot is None or second - spot.second > GONE_S:
            spot = self._come(trail, area, level, second)
            doubt = None
        elif spot.second == second:
            spot.total += level
            spot.reads += 1
            doubt = None
        else:
            spot.next_second(second, level)
            doubt = self._elsewhere(sighting.identifier, trail, area, spot, now) if len(trail.spots) > 1 else None
        trail.spot, trail.reader, trail.antenna = spot, sighting.reader, sighting.antenna
        return doubt

    def sweep(self, now: float) -> None:
        """Forgets the trails that are finished; call it about once a minute."""
        self._trails = {i: t for i, t in self._trails.items() if now - t.spot.until <= FORGET_S}

    def learnt(self) -> list[list[str | int | float]]:
        """What people have shown of the areas, to be taken back after a restart; nothing of who they were."""
        return [[*two, pair.both, pair.at_once, *pair.loudest.values()] for two, pair in sorted(self._pairs.items())]

    def take_back(self, learnt: Iterable[Iterable[str | int | float]]) -> None:
        """What was ``learnt`` before. A row that is too short says nothing: the two areas are learnt anew."""
        for row in map(list, learnt):
            if len(row) < 4:
                continue
            one, other, both, at_once, *loudest = row
            levels = {f"before {n}": float(level) for n, level in enumerate(loudest)}
            self._pairs[str(one), str(other)] = _Pair(int(both), int(at_once), levels)

    def _place(self, sighting: Sighting) -> tuple[str | None, bool]:
        """The area that this antenna hears, and whether things are held to it."""
        reader, antenna = sighting.reader, sighting.antenna
        place = self._plan.zone_of(reader, antenna), self._plan.role_of(reader) == "tap"
        self._places[reader, antenna] = place
        return place

    def _come(self, trail: _Trail, area: str, level: float, second: int) -> _Spot:
        """It is heard in another area than before, or there anew."""
        spot = trail.spots[area] = _Spot(second, level)
        for name in trail.spots:
            two = _two(area, name)
            if name != area and two not in trail.both:
                trail.both.add(two)
                self._pairs.setdefault(two, _Pair()).both += 1
        return spot

    def _elsewhere(self, identifier: str, trail: _Trail, area: str, spot: _Spot, now: float) -> Doubt | None:
        """In which of the last seconds was it heard elsewhere too, and can one thing be?"""
        oldest = spot.second - WITHIN_S
        for name, other in trail.spots.items():
            if other is spot:
                continue
            levels = [min(db, other.levels[s]) for s, db in spot.levels.items() if s >= oldest and s in other.levels]
            if not levels:
                continue
            two = _two(area, name)
            pair = self._pairs[two]
            if two not in trail.at_once:
                trail.at_once.add(two)
                pair.at_once += identifier not in pair.doubted
            credible = len(pair.doubted - {identifier}) < COINCIDENCES
            if credible and len(levels) >= SECONDS and pair.impossible(identifier, sorted(levels)[-SECONDS]):
                pair.doubt(identifier)
                if now - trail.reported_at > FORGET_S:
                    trail.reported_at = now
                    return Doubt(identifier, "two_places", now, f"heard at {two[0]} and {two[1]} at once")
            pair.heard(identifier, max(levels))
        return None


def _two(one: str, other: str) -> Two:
    return (one, other) if one < other else (other, one)
