"""What the readers heard of one credential since we last thought about it."""

from __future__ import annotations

from gateway.recognition.plan import Plan, Role
from reader_drivers.sighting import Sighting

OUTSIDE = 0
"""Index of "outside" among the states of a belief; zones follow in the order of the plan, from 1."""

UNGRADED = -55.0
"""dBm taken for a read without a level: readers that give none are touch or near-field readers."""

MEMORY_S = 2.0
"""So long a level stands for where a credential is: the readers of a venue do not hear it in the same instant."""

NEW_APPROACH_S = 10.0
"""After so much silence the reads of a link are counted from one again."""

BEACONS = frozenset({"ble", "ibeacon", "eddystone", "irk", "alias", "owntracks"})
"""Schemes of things that announce themselves; everything else answers a reader's field."""

FAINT_BEACON = -88.0  # dBm: a phone at arm's length is near -60, through two walls or a street away below -90
FAINT_TAG = -72.0  # dBm: UHF tags read through a wall centre on -73


class Link:
    """One credential as one antenna hears it."""

    __slots__ = ("antenna", "at", "count", "first_at", "level", "n", "reader", "role", "state", "total", "urgent")

    def __init__(self, reader: str, antenna: int | str | None, role: Role, state: int) -> None:
        self.reader = reader
        self.antenna = antenna
        self.role: Role = role
        self.state = state
        self.at = float("-inf")
        self.first_at = float("-inf")
        self.count = 0  # reads in this approach, for the reason that staff read
        self.n = 0  # reads since the last step
        self.total = 0.0  # their summed level
        self.level = UNGRADED
        self.urgent = role in ("tap", "exit")  # one read decides


class Credential:
    """One tag or beacon of a customer: its links, and how often it speaks."""

    __slots__ = ("at", "faint", "gap", "identifier", "links", "longest")

    def __init__(self, identifier: str) -> None:
        self.identifier = identifier
        self.links: dict[tuple[str, int | str | None], Link] = {}
        self.at = float("-inf")
        self.gap = 1.0  # s between reads, smoothed
        self.longest = 28.0  # s, longest silence to expect: keychain beacons fall silent for 25 to 41 s at times
        self.faint = FAINT_BEACON if identifier.partition(":")[0] in BEACONS else FAINT_TAG

    def heard(self, at: float) -> None:
        """Learns from one more read how often this credential speaks; reads within 0.1 s are one transmission."""
        gap = at - self.at
        if gap > 0.1:
            if gap < 120.0:
                self.gap += 0.1 * (gap - self.gap)
                if gap > self.longest:
                    self.longest = gap
            self.at = at


def link_of(credential: Credential, sighting: Sighting, plan: Plan) -> Link | None:
    """The link this sighting belongs to, made on its first read; None for a reader without a place in the plan."""
    role = plan.role_of(sighting.reader)
    if role is None:
        return None
    link = Link(sighting.reader, sighting.antenna, role, state_of(plan, sighting, role))
    credential.links[sighting.reader, sighting.antenna] = link
    return link


def state_of(plan: Plan, sighting: Sighting, role: Role) -> int:
    """Which state a read speaks for: outside for ``outer`` and ``exit``, else the antenna's zone or the first one."""
    if role in ("outer", "exit"):
        return OUTSIDE
    zone = plan.zone_of(sighting.reader, sighting.antenna)
    return plan.zones.index(zone) + 1 if zone in plan.zones else 1


def current_levels(credential: Credential, states: int, at: float) -> list[float | None]:
    """Level of each state in dBm as last heard, if within MEMORY_S, the loudest link of a state speaking for it."""
    levels: list[float | None] = [None] * states
    for link in credential.links.values():
        if link.n:
            link.level = link.total / link.n
            link.n = 0
            link.total = 0.0
        if link.at > at - MEMORY_S:
            best = levels[link.state]
            if best is None or link.level > best:
                levels[link.state] = link.level
    return levels
