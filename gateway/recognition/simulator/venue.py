"""A simulated venue and who comes to it, in typed form; lengths in metres, times in seconds, levels in dB or dBm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf

from gateway.recognition.plan import Role

CARRIED = {"ear": 0.0, "purse": -3.0, "front": -7.5, "back": -9.0, "neck": -2.0, "wrist": -4.0, "table": 0.0}
"""Where a thing is carried, or that it lies on a table, and what that does to its level in dB."""

USUAL_PLACES = ("ear", "purse", "front", "back")
"""Where things are carried when a scenario does not say."""


@dataclass(frozen=True, slots=True)
class Room:
    """A zone: a rectangle on a floor."""

    id: str
    x1: float
    y1: float
    x2: float
    y2: float
    floor: int = 0

    def holds(self, x: float, y: float) -> bool:
        """Is this point of its floor in the room?"""
        return self.x1 <= x <= self.x2 and self.y1 <= y <= self.y2

    def border(self, x: float, y: float) -> float:
        """Metres from a point of its floor to the nearest wall of this room."""
        inside = min(x - self.x1, self.x2 - x, y - self.y1, self.y2 - y)
        if inside >= 0.0:
            return inside
        dx = max(self.x1 - x, 0.0, x - self.x2)
        dy = max(self.y1 - y, 0.0, y - self.y2)
        return float((dx * dx + dy * dy) ** 0.5)


@dataclass(frozen=True, slots=True)
class Wall:
    """A straight wall from the ground of its floor to the ceiling, and what it takes from a level."""

    x1: float
    y1: float
    x2: float
    y2: float
    db: float
    floor: int = 0


@dataclass(frozen=True, slots=True)
class Opening:
    """A doorway or a window in the walls and borders about it: within half its width they take ``db``, not theirs."""

    x: float
    y: float
    width: float
    db: float = 0.0
    floor: int = 0


@dataclass(frozen=True, slots=True)
class Stairs:
    """The way between a floor and the one above it: from the foot to the head, on foot and slower than elsewhere."""

    floor: int
    foot: tuple[float, float]
    head: tuple[float, float]
    seconds: float


@dataclass(frozen=True, slots=True)
class Radio:
    """How Bluetooth spreads here and how deep it fades; the defaults are those of one open hall."""

    at_1m_dbm: float = -56.0
    exponent: float = 1.8
    slow_db: float = 3.0  # shadowing: a third of (5.4 dB)² …
    slow_m: float = 1.9  # … which a walker leaves behind in two metres: correlation 0.33, 0.21, 0.10 at 0.5, 2.5, 5 s
    fast_db: float = 4.2  # fading, on each of three channels apart; frozen while still: spread 1.2, 3.0, 6.0 dB
    fast_m: float = 0.12
    place_db: float = 0.0
    """Furniture and the shape of rooms: what a reader hears at a spot is off by this, the same whoever is there."""
    place_m: float = 1.5
    floor_dbm: float = -97.0
    """Half of what arrives this loud is received."""
    floor_soft_db: float = 0.0
    """How slowly that share rises and falls about the floor; 0: all above, none below."""
    deaf_links: float = 0.0
    """Share of the paths on which one of the three channels is never received."""
    scan_s: float = 0.0
    """How long a reader listens on each of the three channels in turn, more or less; 0: on any of them each time."""


@dataclass(frozen=True, slots=True)
class Bodies:
    """Others who move: fades that come and go though nobody measured moves, alike in dB up and down.

    ``near_db``: about the thing, the same for all readers; ``between_db``: on each path apart; ``seconds``: how long.
    """

    near_db: float
    between_db: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Mute:
    """A thing that speaks for a while and is silent for a while, in turn; only in these rooms, or anywhere if none."""

    speaks_s: tuple[float, float]
    for_s: tuple[float, float]
    only_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Announcing:
    """How a kind of thing announces itself; ``scheme`` says which kind of identifier it has.

    A burst is ``burst`` announcements ``burst_gap_s`` apart. ``pause_chance`` of the gaps are pauses instead.
    """

    name: str
    scheme: str
    every_s: float
    jitter_s: float = 0.1
    unheard: float = 0.0
    burst: int = 1
    burst_gap_s: float = 0.3
    pause_chance: float = 0.0
    pause_s: tuple[float, float] = (10.0, 41.0)
    level_db: float = 0.0
    mute: Mute | None = None


THINGS: Mapping[str, Announcing] = {
    "uhf": Announcing("uhf", "uhf", 0.0),
    "beacon": Announcing("beacon", "beacon", 0.8, unheard=0.25, pause_chance=1 / 1500),
    "phone": Announcing("phone", "phone", 0.5, jitter_s=0.01),
}
"""What every scenario knows: a UHF tag, a keychain beacon, a phone that announces itself twice a second."""


@dataclass(frozen=True, slots=True)
class Antenna:
    """A reader: where it is, what it hears (``uhf``, ``ble``), where it looks, its gain (dB), its clock (s).

    UHF antennas of one ``device`` take turns. ``z`` is metres above the ground of its own floor.
    """

    id: str
    role: Role
    zone: str | None
    x: float
    y: float
    z: float
    hears: str
    facing: tuple[float, float] | None
    offset_db: float
    clock_s: float
    device: str
    floor: int = 0
    floor_dbm: float | None = None
    """Its own floor of hearing, where it is not the venue's."""


@dataclass(frozen=True, slots=True)
class Step:
    """Go to a point, within ``jitter`` metres of it, and stay between ``stay[0]`` and ``stay[1]`` seconds.

    What is left there stays there until a later step takes it.
    """

    x: float
    y: float
    jitter: float
    stay: tuple[float, float]
    floor: int = 0
    leaves: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Tracks alike: how many, how far apart in time (s), what they carry and where, how fast (m/s), which way.

    After the last step they are gone, and ``then_silent_s`` later the recording of them ends; who stays turns every
    ``turn_every_s`` seconds or so (0: a thing on a stand). ``shifts``: what they carry lies otherwise each time they
    sit down or get up. ``party``: so many come together, ``apart_s`` behind each other. ``limb_s``: how long an arm
    stays where it is, of who wears something on the wrist.
    """

    count: int
    every_s: float
    carries: tuple[str, ...]
    where: tuple[str, ...]
    speed: tuple[float, float]
    path: tuple[Step, ...]
    then_silent_s: float
    turn_every_s: float
    shifts: bool
    party: int = 1
    apart_s: float = 1.0
    limb_s: float = 4.0
    bodies: Bodies | None = None

    def starts(self, n: int) -> float:
        """When the n-th of them sets out, after the first."""
        return n // self.party * self.every_s + n % self.party * self.apart_s


@dataclass(frozen=True, slots=True)
class Scenario:
    """A venue and who comes; ``other_tags`` of strangers share the rounds of its UHF readers, as a mean.

    ``wall_db`` is lost once towards any other room, ``border_db`` at each border of a room that lies between,
    ``slab_db`` at each ceiling. A bench simulates no more than ``enough`` people of it; 0: as many as it likes.
    """

    name: str
    kind: str
    rooms: tuple[Room, ...]
    antennas: tuple[Antenna, ...]
    groups: tuple[Group, ...]
    wall_db: float = 6.0
    other_tags: float = 0.0
    loss: float = 0.0
    duplicates: float = 0.0
    walls: tuple[Wall, ...] = ()
    openings: tuple[Opening, ...] = ()
    border_db: float = 0.0
    slab_db: float = 0.0
    storey_m: float = 3.0
    stairs: tuple[Stairs, ...] = ()
    radio: Radio = Radio()
    bodies: Bodies | None = None
    things: Mapping[str, Announcing] = field(default_factory=lambda: THINGS)
    enough: int = 0

    def room_at(self, x: float, y: float, floor: float) -> str | None:
        """The room that holds a point of a floor; None in the street and on the stairs."""
        return next((room.id for room in self.rooms if room.floor == floor and room.holds(x, y)), None)

    def border(self, x: float, y: float, floor: float) -> float:
        """Metres from a point of a floor to the nearest wall of any room there; infinite where there is none."""
        return min((room.border(x, y) for room in self.rooms if room.floor == floor), default=inf)

    def stairs_between(self, floor: int, other: int) -> list[Stairs]:
        """The stairs from a floor to the next one above or below."""
        return [stairs for stairs in self.stairs if stairs.floor == min(floor, other)]
