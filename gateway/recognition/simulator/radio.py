"""How loud, and whether at all: propagation as it was measured, for beacons and for UHF tags."""

from __future__ import annotations

from collections.abc import Sequence
from math import dist, exp, log10
from random import Random

from gateway.recognition.simulator.scenario import CARRIED, Antenna, Scenario
from gateway.recognition.simulator.walk import Pose, facing

SLOW_DB = 3.0  # shadowing: a third of (5.4 dB)² …
SLOW_M = 1.9  # … which a walker leaves behind in two metres: autocorrelation 0.33, 0.21, 0.10 at 0.5, 2.5, 5 s
FAST_DB = 4.2  # fading, on each of three channels apart; frozen while standing still: spread 1.2, 3.0, 6.0 dB
FAST_M = 0.12
FAST_SPREAD = 0.3  # paths differ: some hardly fade, some fade deeply
NOISE_DB = 0.5
BODY_DB = (7.0, 14.0)  # a body between tag and reader
FLOOR_DBM = -97.0

BLE_AT_1M = -56.0  # dBm, phone or badge in the open
BLE_EXPONENT = 1.8
UHF_AT_1M = -44.0  # dBm at the reader, there and back
UHF_EXPONENT = 3.4  # there and back
UHF_FAST_DB = 7.0
UHF_BACK_DB = 16.0  # there and back, behind the antenna
UHF_SENSITIVITY = -75.0  # dBm at which half of the rounds answer
UHF_SLOPE_DB = 1.6
UHF_POCKET_DB = (2.0, 54.0)  # there and back through clothes, body and keys, by the way the tag lies this time
UHF_ROUNDS_PER_S = 19.0  # of one reader, for a tag that is alone: its antennas take turns, and its tags
BEACON_UNHEARD = 0.25  # of a keychain's announcements nobody hears


class Path:
    """Fading between one thing and one antenna, correlated over the way walked."""

    __slots__ = ("_fast", "_fast_db", "_rng", "_slow", "_walked")

    def __init__(self, rng: Random, fast_db: float) -> None:
        self._rng = rng
        self._fast_db = fast_db = fast_db * exp(rng.gauss(0.0, FAST_SPREAD))
        self._walked = 0.0
        self._slow = rng.gauss(0.0, SLOW_DB)
        self._fast = [rng.gauss(0.0, fast_db) for _ in range(3)]

    def fading(self, walked: float) -> float:
        """dB at this point of the way, on one of the channels."""
        moved = walked - self._walked
        if moved > 0.0:
            self._walked = walked
            self._slow = _step(self._rng, self._slow, SLOW_DB, exp(-moved / SLOW_M))
            keep = exp(-moved / FAST_M)
            self._fast = [_step(self._rng, f, self._fast_db, keep) for f in self._fast]
        return self._slow + self._fast[self._rng.randrange(3)] + self._rng.gauss(0.0, NOISE_DB)


def _step(rng: Random, value: float, sigma: float, keep: float) -> float:
    return value * keep + rng.gauss(0.0, sigma) * float((1.0 - keep * keep) ** 0.5)


class Thing:
    """Something carried by one person: its identifier, how it is carried, and its paths to the antennas."""

    def __init__(self, identifier: str, kind: str, where: str, scenario: Scenario, rng: Random) -> None:
        self.identifier = identifier
        self.kind = kind
        self._scenario = scenario
        self._rng = rng
        self._body = rng.uniform(*BODY_DB)
        self._carried = CARRIED[where]
        self._side = -1.0 if where == "back" else 1.0
        self._covered = where in ("front", "back", "purse")
        self._pocket = 0.0
        self._lie: int | None = None
        hears = "uhf" if kind == "uhf" else "ble"
        self.antennas = [a for a in scenario.antennas if a.hears == hears]
        names = sorted({a.device for a in self.antennas})
        self._devices = [[a for a in self.antennas if a.device == name] for name in names]
        self._places = {a.id: _room_of(scenario, a.x, a.y) for a in self.antennas}
        self._paths = {a.id: Path(rng, UHF_FAST_DB if kind == "uhf" else FAST_DB) for a in self.antennas}

    def listeners(self) -> Sequence[Antenna]:
        """Who may hear this announcement: every beacon reader, or the one UHF antenna whose turn it is."""
        if self.kind != "uhf" or not self.antennas:
            return self.antennas
        return [self._rng.choice(self._rng.choice(self._devices))]

    def gap(self) -> float:
        """Seconds to its next announcement, or to the reader's next round."""
        rng = self._rng
        if self.kind == "uhf":
            return rng.expovariate(UHF_ROUNDS_PER_S * max(1, len(self._devices)) / (1.0 + self._scenario.other_tags))
        if self.kind == "phone":
            return 0.5 + rng.uniform(0.0, 0.01)
        if rng.random() < 1 / 1500:  # keychain beacons pause now and then
            return rng.uniform(10.0, 41.0)
        gap = 0.8
        while rng.random() < BEACON_UNHEARD:
            gap += 0.8
        return gap + rng.uniform(0.0, 0.1)

    def level(self, antenna: Antenna, pose: Pose) -> float | None:
        """RSSI in dBm if this antenna hears it in this pose, else None."""
        if self.kind == "uhf":
            return self._uhf(antenna, pose)
        metres = max(0.5, dist((pose.x, pose.y, 1.1), (antenna.x, antenna.y, antenna.z)))
        shaded = 0.5 * (1.0 - self._side * facing(pose, antenna.x, antenna.y))
        level = BLE_AT_1M - 10.0 * BLE_EXPONENT * log10(metres) + self._carried - shaded * 0.5 * self._body
        level += self._paths[antenna.id].fading(pose.walked) + antenna.offset_db - self._walls(antenna, pose)
        return round(level) if level > FLOOR_DBM else None

    def _uhf(self, antenna: Antenna, pose: Pose) -> float | None:
        metres = max(0.3, dist((pose.x, pose.y, 1.0), (antenna.x, antenna.y, antenna.z)))
        if metres > 9.0:
            return None
        if self._covered and pose.lie != self._lie:
            self._lie = pose.lie
            self._pocket = self._rng.uniform(*UHF_POCKET_DB)
        level = UHF_AT_1M - 10.0 * UHF_EXPONENT * log10(metres) - self._pocket
        shaded = 0.5 * (1.0 - self._side * facing(pose, antenna.x, antenna.y))
        level += self._paths[antenna.id].fading(pose.walked) - shaded * self._body - 2.0 * self._walls(antenna, pose)
        if antenna.facing is not None:
            dx, dy = pose.x - antenna.x, pose.y - antenna.y
            cosine = (antenna.facing[0] * dx + antenna.facing[1] * dy) / ((dx * dx + dy * dy) ** 0.5 or 1.0)
            level -= UHF_BACK_DB * 0.5 * (1.0 - cosine)
        level += antenna.offset_db
        answers = 1.0 / (1.0 + exp(-(level - UHF_SENSITIVITY) / UHF_SLOPE_DB))
        return round(level) if self._rng.random() < answers else None

    def _walls(self, antenna: Antenna, pose: Pose) -> float:
        here = _room_of(self._scenario, pose.x, pose.y)
        return 0.0 if here == self._places[antenna.id] else self._scenario.wall_db


def _room_of(scenario: Scenario, x: float, y: float) -> str | None:
    return next((room.id for room in scenario.rooms if room.holds(x, y)), None)
