"""How loud, and whether at all: propagation as it was measured, for beacons and for UHF tags."""

from __future__ import annotations

from collections.abc import Sequence
from math import dist, exp, log10
from random import Random

from gateway.recognition.simulator.fading import Limb, Passers, Path, Place, Scan
from gateway.recognition.simulator.venue import CARRIED, Antenna, Bodies, Scenario
from gateway.recognition.simulator.walk import Pose, facing
from gateway.recognition.simulator.walls import Point, attenuation

BODY_DB = (7.0, 14.0)  # a body between tag and reader
CARRY_M = 1.1
NOBODY = Bodies(0.0, 0.0, 1.0)

UHF_AT_1M = -44.0  # dBm at the reader, there and back
UHF_EXPONENT = 3.4  # there and back
UHF_FAST_DB = 7.0
UHF_BACK_DB = 16.0  # there and back, behind the antenna
UHF_SENSITIVITY = -75.0  # dBm at which half of the rounds answer
UHF_SLOPE_DB = 1.6
UHF_POCKET_DB = (2.0, 54.0)  # there and back through clothes, body and keys, by the way the tag lies this time
MOST_EXPONENT = 700.0  # e to more than that is no number; a floor that is nearly hard comes there
UHF_ROUNDS_PER_S = 19.0  # of one reader, for a tag that is alone: its antennas take turns, and its tags


class Thing:
    """Something carried by one person: its identifier, how it is carried and speaks, and its paths to the antennas."""

    def __init__(
        self,
        identifier: str,
        kind: str,
        where: str,
        scenario: Scenario,
        rng: Random,
        *,
        limb_s: float = 4.0,
        bodies: Bodies | None = None,
    ) -> None:
        self.identifier = identifier
        self.kind = kind
        self.speaks = scenario.things[kind]
        self.uhf = self.speaks.scheme == "uhf"
        self._scenario = scenario
        self._rng = rng
        self._body = rng.uniform(*BODY_DB)
        self._on_table = where == "table"
        self._carried = CARRIED[where]
        self._side = -1.0 if where == "back" else 1.0
        self._covered = where in ("front", "back", "purse")
        self._pocket = 0.0
        self._lie: int | None = None
        self.antennas = [a for a in scenario.antennas if a.hears == ("uhf" if self.uhf else "ble")]
        names = sorted({a.device for a in self.antennas})
        self._devices = [[a for a in self.antennas if a.device == name] for name in names]
        self._walled: dict[str, tuple[tuple[float, float, float], float]] = {}
        radio = scenario.radio
        fast = UHF_FAST_DB if self.uhf else radio.fast_db
        self._paths = {a.id: Path(rng, fast, radio) for a in self.antennas}
        self._deaf = {
            a.id: rng.randrange(3)
            for a in (self.antennas if radio.deaf_links and not self.uhf else ())
            if rng.random() < radio.deaf_links
        }
        self._furnished = {
            a.id: Place(f"{scenario.name}/{a.id}", radio.place_db, radio.place_m)
            for a in (self.antennas if radio.place_db and not self.uhf else ())
        }
        self._limb = Limb(rng, limb_s) if where == "wrist" else None
        self._bodies = bodies or scenario.bodies or NOBODY
        self._near = Passers(rng, self._bodies.near_db, self._bodies.seconds)
        self._between = {a.id: Passers(rng, self._bodies.between_db, self._bodies.seconds) for a in self.antennas}
        self._scans = {a.id: Scan(rng, radio.scan_s) for a in self.antennas} if radio.scan_s else {}
        self._said = 0

    def listeners(self) -> Sequence[Antenna]:
        """Who may hear this announcement: every beacon reader, or the one UHF antenna whose turn it is."""
        self._said += 1
        if not self.uhf or not self.antennas:
            return self.antennas
        return [self._rng.choice(self._rng.choice(self._devices))]

    def gap(self) -> float:
        """Seconds to its next announcement, or to the reader's next round."""
        rng, speaks = self._rng, self.speaks
        if self.uhf:
            return rng.expovariate(UHF_ROUNDS_PER_S * max(1, len(self._devices)) / (1.0 + self._scenario.other_tags))
        if self._said % speaks.burst:
            return speaks.burst_gap_s
        if speaks.pause_chance and rng.random() < speaks.pause_chance:  # keychain beacons pause now and then
            return rng.uniform(*speaks.pause_s)
        gap = speaks.every_s
        while speaks.unheard and rng.random() < speaks.unheard:
            gap += speaks.every_s
        return gap + rng.uniform(0.0, speaks.jitter_s)

    def level(self, antenna: Antenna, pose: Pose, t: float) -> float | None:
        """RSSI in dBm if this antenna hears it in this pose at this time, else None."""
        if self.uhf:
            return self._uhf(antenna, pose)
        radio = self._scenario.radio
        channel = self._scans[antenna.id].channel(t) if self._scans else None
        path = self._paths[antenna.id]
        walked, shade = pose.walked, 0.0
        if self._limb is not None and not pose.alone:
            walked, shade = walked + self._limb.moved(t), self._limb.shade_db
        height = (pose.floor - antenna.floor) * self._scenario.storey_m + CARRY_M
        metres = max(0.5, dist((pose.x, pose.y, height), (antenna.x, antenna.y, antenna.z)))
        level = radio.at_1m_dbm - 10.0 * radio.exponent * log10(metres) + self.speaks.level_db - shade
        if not (pose.alone or self._on_table):
            shaded = 0.5 * (1.0 - self._side * facing(pose, antenna.x, antenna.y))
            level += self._carried - shaded * 0.5 * self._body
        level += path.fading(walked, channel) + antenna.offset_db - self._walls(antenna, pose)
        level += self._near.level(t) + self._between[antenna.id].level(t)
        if self._deaf.get(antenna.id) == path.channel or not self._received(antenna, level):
            return None
        return round(level)

    def _received(self, antenna: Antenna, level: float) -> bool:
        radio = self._scenario.radio
        over = level - (radio.floor_dbm if antenna.floor_dbm is None else antenna.floor_dbm)
        if not radio.floor_soft_db:
            return over > 0.0
        return self._rng.random() < 1.0 / (1.0 + exp(min(MOST_EXPONENT, -over / radio.floor_soft_db)))

    def _uhf(self, antenna: Antenna, pose: Pose) -> float | None:
        if pose.floor != antenna.floor:
            return None
        metres = max(0.3, dist((pose.x, pose.y, 1.0), (antenna.x, antenna.y, antenna.z)))
        if metres > 9.0:
            return None
        if self._covered and pose.lie != self._lie:
            self._lie = pose.lie
            self._pocket = self._rng.uniform(*UHF_POCKET_DB)
        level = UHF_AT_1M - 10.0 * UHF_EXPONENT * log10(metres) - (0.0 if pose.alone else self._pocket)
        shaded = 0.0 if pose.alone else 0.5 * (1.0 - self._side * facing(pose, antenna.x, antenna.y))
        level += self._paths[antenna.id].fading(pose.walked, None) - shaded * self._body
        level -= 2.0 * self._walls(antenna, pose)
        if antenna.facing is not None:
            dx, dy = pose.x - antenna.x, pose.y - antenna.y
            cosine = (antenna.facing[0] * dx + antenna.facing[1] * dy) / ((dx * dx + dy * dy) ** 0.5 or 1.0)
            level -= UHF_BACK_DB * 0.5 * (1.0 - cosine)
        level += antenna.offset_db
        answers = 1.0 / (1.0 + exp(-(level - UHF_SENSITIVITY) / UHF_SLOPE_DB))
        return round(level) if self._rng.random() < answers else None

    def _walls(self, antenna: Antenna, pose: Pose) -> float:
        """What lies between and about; worked out anew only when the thing has moved."""
        here = (pose.x, pose.y, pose.floor)
        known = self._walled.get(antenna.id)
        if known is None or known[0] != here:
            there = Point(antenna.x, antenna.y, antenna.floor, antenna.z)
            lost = attenuation(self._scenario, Point(*here, CARRY_M), there)
            if self._furnished:
                x, y, floor = here
                lost -= self._furnished[antenna.id].level(x, y, floor * self._scenario.storey_m)
            known = self._walled[antenna.id] = (here, lost)
        return known[1]
