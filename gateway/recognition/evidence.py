"""What the readers heard of one credential: levels per antenna, smoothed as radio needs it."""

from __future__ import annotations

from collections.abc import Container, Iterable
from enum import Enum
from math import exp

from gateway.recognition.plan import Plan, Role
from reader_drivers.sighting import Sighting

OUTSIDE = 0
"""State of somebody who is not in the venue; zones follow in the order of the plan, from 1."""

UNGRADED_DBM = -50.0
"""Taken for a read without a level: readers that give none are touched or nearly so."""

NEW_APPROACH_S = 10.0
NEW_APPROACH_GAPS = 3.0
"""After so much silence, and so many times what is usual for the thing, reads are counted from one again."""

BEACONS = frozenset({"ble", "ibeacon", "eddystone", "irk", "alias", "owntracks"})
"""Schemes of things that announce themselves; everything else answers a reader's field."""

PHONES = frozenset({"irk", "alias", "owntracks"})
"""Schemes of what people have in their hand or pocket, and do not hang up."""

SELF_REPORTING = frozenset({"owntracks"})
"""Schemes of phones that say themselves where they are, once when they come and once when they leave."""

FAINT_BEACON = -88.0  # dBm: a phone in the same room is near -65, through two walls or across a street below -90
FAINT_TAG = -72.0  # dBm: UHF tags read through a wall centre on -73, through a door frame they are above -65
UNHEARD_BEACON = -92.0  # dBm: what a zone scores whose readers do not hear a beacon
UNHEARD_TAG = -80.0

NOW_S = 0.3  # where a walker is: one or two transmissions
STRIDE_S = 2.0  # a walker crosses the fading of a room in so long
MEAN_S = 6.0  # a dozen reads say on which side of a door somebody stands; rising and falling alike
DWELL_S = 15.0  # where somebody has been
FALL = 0.5  # of the speed of rising
"""Levels rise quickly and fall slowly, so that they keep to the louder reads.

Radio fades deeply downwards and hardly upwards, on each of a beacon's three channels otherwise: of somebody who stands
still the louder reads tell how far an antenna is, and their mean tells which channel is in a hole.
"""
WHITE = 9.0  # dB², (3 dB)²: one transmission of somebody who stands still, median over links, until a link is known
WHITE_READS = 40.0  # after so many reads it is: half of the mean squared step from one read to the next is fading
WHITE_MOST = 60.0  # dB²
RESTLESS = 0.15  # dB², from whole-dB levels and slow drift: the least there is
FADE_DB_PER_S = 2.0  # a level that is no longer heard loses meaning this fast


class Signal:
    """One credential as one antenna hears it; times in seconds since 1970 UTC, levels in dBm."""

    __slots__ = (
        "antenna", "at", "at_once", "at_once_at", "count", "dwell", "first_at", "fresh", "gap", "last", "left_at",
        "lost_db", "mean", "met_at", "n", "now", "reader", "recent", "role", "rough", "self_reported", "state",
        "stride", "total", "updated_at", "urgent", "white",
    )  # fmt: skip

    def __init__(self, reader: str, antenna: int | str | None, role: Role, state: int) -> None:
        self.reader = reader
        self.antenna = antenna
        self.role: Role = role
        self.state = state
        self.urgent = role in ("tap", "exit")  # one read matters at once
        self.self_reported = False  # its phone says by itself where it is
        self.at = float("-inf")  # last read
        self.left_at = float("-inf")  # its phone said so
        self.first_at = float("-inf")  # first read of this approach
        self.count = 0  # reads of this approach
        self.last = UNGRADED_DBM  # level of the last read
        self.n = 0  # reads since the last step, and their summed level
        self.total = 0.0
        self.rough = 0.0  # summed squares of the steps from read to read since then, dB²
        self.white = WHITE  # dB², variance of single reads by fading that changes from each to the next
        self.fresh = 0  # reads of the last step that had any
        self.met_at = float("-inf")  # smoothing began
        self.updated_at = float("-inf")
        self.now = self.stride = self.dwell = self.mean = UNGRADED_DBM
        self.gap = 0.5  # s between the steps that hear it
        self.recent = 0.0  # reads of about the last second
        self.lost_db = 0.0  # what its antenna hears less than it used to
        self.at_once: set[float] | None = None  # levels of earlier reads that have the time of the last one, …
        self.at_once_at = float("-inf")  # … which is this

    def is_new(self, rssi: float, gap: float) -> bool:
        """Is a read ``gap`` seconds after the last one, next to none or less, one of its own and not that one again?

        A copy has the level of what it is a copy of. A reader whose clock has whole seconds gives one time to several.
        """
        if gap > 0.0:
            return rssi != self.last
        if gap < 0.0 or rssi == self.last:
            return False
        if self.at_once is None or self.at_once_at != self.at:
            self.at_once, self.at_once_at = set(), self.at
        self.at_once.add(self.last)
        return rssi not in self.at_once


class Credential:
    """One tag or beacon of a customer: its signals, and how often it speaks."""

    __slots__ = (
        "alone",
        "at",
        "beacon",
        "came_back_after",
        "faint",
        "gap",
        "gaps",
        "has_hidden",
        "identifier",
        "labels",
        "lead",
        "leads",
        "longest",
        "met_at",
        "nats",
        "restless",
        "right",
        "scheme",
        "self_reported",
        "signals",
        "streak",
        "streak_dbm",
        "taught",
        "taught_at",
        "unheard",
        "weighed_at",
    )

    def __init__(self, identifier: str) -> None:
        self.identifier = identifier
        self.signals: dict[tuple[str, int | str | None], Signal] = {}
        self.at = float("-inf")
        self.met_at = float("-inf")  # heard since, without a long silence
        self.gap = 1.0  # s between reads, smoothed …
        self.gaps = 1  # … over so many
        self.longest = 28.0  # s, longest silence to expect: keychain beacons pause for 25 to 41 s at times
        self.restless = RESTLESS  # dB², variance of the 2 s levels while its owner stays: limbs, bags, bodies
        self.came_back_after = 0.0  # s of silence after which it was believed gone, and was not
        self.has_hidden = False  # silent so long that it was believed gone, and inside all the while
        self.streak = 0  # reads inside since the last one outside, below nought the other way round, …
        self.streak_dbm = float("-inf")  # … and the loudest step of them
        self.lead = 0.0  # by how many dB the inside hears it better than the street, on the average …
        self.leads = 0  # … of so many steps of this approach
        self.nats: list[float] = []  # what its last step said of the zones
        self.alone: list[float] = []  # … and what it would say by loudness alone
        self.taught: list[float] = []  # what the prints of the venue said of the zones …
        self.taught_at = float("-inf")  # … when it was last compared
        self.weighed_at = float("-inf")  # its side of the door was thought about
        self.right = self.labels = 0  # labels of where its owner was, and those of them in which it said the same
        self.scheme = identifier.partition(":")[0]
        self.beacon = self.scheme in BEACONS
        self.self_reported = self.scheme in SELF_REPORTING
        self.faint = FAINT_BEACON if self.beacon else FAINT_TAG
        self.unheard = UNHEARD_BEACON if self.beacon else UNHEARD_TAG

    def heard_since(self, at: float) -> list[Signal]:
        """The signals of those that have heard it since this time."""
        return [signal for signal in self.signals.values() if signal.at >= at]

    def heard(self, at: float) -> None:
        """Learns from one more read how often this credential speaks; call it for reads more than 0.1 s apart."""
        gap = at - self.at
        if gap < 120.0:
            self.gaps += 1
            self.gap += max(LATEST_GAP, 1.0 / self.gaps) * (gap - self.gap)
            if gap > self.longest:
                self.longest = gap
        if gap > NEW_APPROACH_S and gap > NEW_APPROACH_GAPS * self.gap:
            self.streak = 0
            self.streak_dbm = float("-inf")
            if gap > DWELL_S * 2:
                self.met_at = at
        self.at = at


LATEST_GAP = 0.1  # of the smoothed time between reads is the latest

MOST_BREADTH = 3.0  # more antennas in a room stand near each other, and fade together


class Street(Enum):
    """What the silence of the outer readers says of a credential: nobody listens there, somebody does, or is dead."""

    UNWATCHED = 0
    WATCHED = 1
    DEAF = 2


class Antennas:
    """Which antennas have ever heard tags, and beacons: those silent now count against their zone.

    ``tags`` and ``beacons`` count them by state; ``rooms`` and ``doors`` (ways in and out) hold which of the two the
    readers of such places hear: True for beacons, False for tags.
    """

    __slots__ = ("_breadth", "_hearing", "_known", "_outer", "beacons", "doors", "rooms", "tags")

    def __init__(self, plan: Plan) -> None:
        states = len(plan.zones) + 1
        self.tags = [0] * states
        self.beacons = [0] * states
        self.rooms: set[bool] = set()
        self.doors: set[bool] = set()
        self._known: set[tuple[str, int | str | None, bool]] = set()
        self._breadth = {True: 1.0, False: 1.0}
        self._hearing: dict[bool, list[tuple[str, int | str | None]]] = {True: [], False: []}
        self._outer: dict[str, set[bool]] = {r: set() for r, place in plan.readers.items() if place.role == "outer"}

    def street(self, beacon: bool, lost: Container[str]) -> Street:
        """Does anybody listen outside for beacons, or tags, now that these readers are ``lost``?

        A dead outer reader that has heard nothing so far may have been there for either.
        """
        for reader, heard in self._outer.items():
            if reader in lost and (not heard or beacon in heard):
                return Street.DEAF
        return Street.WATCHED if (self.beacons if beacon else self.tags)[OUTSIDE] else Street.UNWATCHED

    def breadth(self, beacon: bool) -> float:
        """How many antennas hear each zone, on the average of those that are heard at all; at most three."""
        return self._breadth[beacon]

    def hearing(self, beacon: bool) -> Iterable[tuple[str, int | str | None]]:
        """The antennas that have ever heard this kind of credential, those of taps left out."""
        return self._hearing[beacon]

    def learn(self, signal: Signal, beacon: bool) -> None:
        """This signal's antenna hears this kind of credential."""
        key = (signal.reader, signal.antenna, beacon)
        if key in self._known:
            return
        self._known.add(key)
        if signal.role != "tap":
            self._hearing[beacon].append((signal.reader, signal.antenna))
            (self.rooms if signal.role == "zone" else self.doors).add(beacon)
        if signal.role != "exit":
            states = self.beacons if beacon else self.tags
            states[signal.state] += 1
            heard = [n for n in states[OUTSIDE + 1 :] if n]
            self._breadth[beacon] = min(MOST_BREADTH, sum(heard) / len(heard)) if heard else 1.0
            if signal.role == "outer":
                self._outer[signal.reader].add(beacon)


def signal_of(credential: Credential, sighting: Sighting, plan: Plan) -> Signal | None:
    """The signal this sighting belongs to, made on its first read; None for a reader without a place in the plan."""
    role = plan.role_of(sighting.reader)
    if role is None:
        return None
    if credential.self_reported and role in ("inner", "zone"):
        role = "tap"  # a phone that says where it is leaves no more doubt than a tap
    signal = Signal(sighting.reader, sighting.antenna, role, state_of(plan, sighting, role))
    signal.self_reported = credential.self_reported
    credential.signals[sighting.reader, sighting.antenna] = signal
    return signal


def state_of(plan: Plan, sighting: Sighting, role: Role) -> int:
    """Which state a read speaks for: outside for ``outer`` and ``exit``, else the antenna's zone or the first one."""
    if role in ("outer", "exit"):
        return OUTSIDE
    zone = plan.zone_of(sighting.reader, sighting.antenna)
    return plan.zones.index(zone) + 1 if zone in plan.zones else 1


def absorb(credential: Credential) -> list[Signal]:
    """Moves the reads since the last step into the smoothed levels; gives the signals that had any."""
    fresh = []
    beacon = credential.beacon
    for signal in credential.signals.values():
        if signal.n:
            n = signal.n
            if beacon:
                signal.white += n / (n + WHITE_READS) * (min(WHITE_MOST, 0.5 * signal.rough / n) - signal.white)
            signal.rough = 0.0
            _smooth(signal, signal.total / n)
            signal.fresh = n
            signal.n = 0
            signal.total = 0.0
            fresh.append(signal)
    return fresh


def _smooth(signal: Signal, level: float) -> None:
    at = signal.at
    since = at - signal.updated_at
    if since > DWELL_S * 2:  # heard anew: what was known of this place is stale
        signal.met_at = at - NOW_S
        signal.now = signal.stride = signal.dwell = signal.mean = level
        signal.recent = signal.n
        signal.updated_at = at
        return
    seconds = since + 0.05
    signal.gap += 0.1 * ((since if since < 5.0 else 5.0) - signal.gap)
    signal.recent = signal.recent * exp(-since) + signal.n
    signal.now += seconds / (seconds + NOW_S) * (level - signal.now)
    # Young averages weigh all reads alike, or the first read would stand for the place for seconds.
    young = seconds / (at - signal.met_at)
    if young > 1.0:
        young = 1.0
    off = level - signal.stride
    share = seconds / (seconds + STRIDE_S)
    share = share if share > young else young
    signal.stride += (share if off > 0.0 else share * FALL) * off
    share = seconds / (seconds + MEAN_S)
    signal.mean += (share if share > young else young) * (level - signal.mean)
    off = level - signal.dwell
    share = seconds / (seconds + DWELL_S)
    share = share if share > young else young
    signal.dwell += (share if off > 0.0 else share * FALL) * off
    signal.updated_at = at


def faded(signal: Signal, level: float, at: float) -> float:
    """What a level says at ``at``: the same for two gaps and a second, then less and less."""
    silence = at - signal.updated_at - 1.0 - 2.0 * signal.gap
    return level if silence <= 0.0 else level - FADE_DB_PER_S * silence
