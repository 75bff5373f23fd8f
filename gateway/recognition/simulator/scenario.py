"""A scenario in typed form; a mistake names the key, the value and what was expected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.recognition.plan import Role
from gateway.recognition.recording import ROLES

CARRIED = {"ear": 0.0, "purse": -3.0, "front": -7.5, "back": -9.0}
"""Where a thing is carried, and what that does to its level in dB."""

THINGS = ("uhf", "beacon", "phone")
"""What is carried: a UHF tag, a keychain beacon, a phone that announces itself twice a second."""


class BadScenario(ValueError):
    """The scenario cannot be simulated; the text names the key and what was expected."""


@dataclass(frozen=True, slots=True)
class Room:
    """A zone: a rectangle, in metres."""

    id: str
    x1: float
    y1: float
    x2: float
    y2: float

    def holds(self, x: float, y: float) -> bool:
        """Is this point in the room?"""
        return self.x1 <= x <= self.x2 and self.y1 <= y <= self.y2

    def border(self, x: float, y: float) -> float:
        """Metres from a point to the nearest wall of this room."""
        inside = min(x - self.x1, self.x2 - x, y - self.y1, self.y2 - y)
        if inside >= 0.0:
            return inside
        dx = max(self.x1 - x, 0.0, x - self.x2)
        dy = max(self.y1 - y, 0.0, y - self.y2)
        return float((dx * dx + dy * dy) ** 0.5)


@dataclass(frozen=True, slots=True)
class Antenna:
    """A reader: where it is (m), what it hears (``uhf``, ``ble``), where it looks, its gain (dB), its clock (s).

    UHF antennas of one ``device`` take turns.
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


@dataclass(frozen=True, slots=True)
class Step:
    """Go to a point, within ``jitter`` metres of it, and stay between ``stay[0]`` and ``stay[1]`` seconds."""

    x: float
    y: float
    jitter: float
    stay: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Group:
    """Tracks alike: how many, how far apart in time (s), what they carry and where, how fast (m/s), which way.

    After the last step they are gone, and ``then_silent_s`` later the recording of them ends; who stays turns every
    ``turn_every_s`` seconds or so (0: a thing on a stand). ``shifts``: what they carry lies otherwise each time they
    sit down or get up.
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


@dataclass(frozen=True, slots=True)
class Scenario:
    """A venue and who comes; ``other_tags`` of strangers share the rounds of its UHF readers, as a mean."""

    name: str
    kind: str
    rooms: tuple[Room, ...]
    antennas: tuple[Antenna, ...]
    groups: tuple[Group, ...]
    wall_db: float = 6.0
    other_tags: float = 0.0
    loss: float = 0.0
    duplicates: float = 0.0
    extra: Mapping[str, Any] = field(default_factory=dict)


MOST = 100_000  # of anything in a scenario: metres, seconds, people


def read_scenario(table: Mapping[str, Any]) -> Scenario:
    """The scenario of a TOML table; raises BadScenario."""
    known = {"name", "kind", "rooms", "readers", "people", "wall_db", "other_tags", "loss", "duplicates"}
    unknown = set(table) - known
    if unknown:
        raise BadScenario(f"unknown key {min(unknown)!r}; expected one of {', '.join(sorted(known))}")
    rooms = tuple(_room(r) for r in _tables(table, "rooms"))
    zones = {room.id for room in rooms}
    return Scenario(
        str(table.get("name", "scenario")),
        str(table.get("kind", "simulated")),
        rooms,
        tuple(_antenna(r, zones) for r in _tables(table, "readers")),
        tuple(_group(g) for g in _tables(table, "people")),
        _number(table, "wall_db", 6.0),
        _number(table, "other_tags", 0.0),
        _number(table, "loss", 0.0),
        _number(table, "duplicates", 0.0),
    )


def _room(table: Mapping[str, Any]) -> Room:
    return Room(_text(table, "id"), *_numbers(table, "box", 4))


def _antenna(table: Mapping[str, Any], zones: set[str]) -> Antenna:
    role = str(table.get("role", "zone"))
    if role not in ROLES:
        raise BadScenario(f"role {role!r} of a reader is none of {', '.join(ROLES)}")
    zone = table.get("zone")
    if zone is not None and zone not in zones:
        raise BadScenario(f"zone {zone!r} of a reader is not the id of a room")
    hears = str(table.get("hears", "ble"))
    if hears not in ("uhf", "ble"):
        raise BadScenario(f"hears = {hears!r}: expected uhf or ble")
    x, y, z = _numbers(table, "at", 3)
    facing = _numbers(table, "facing", 2) if "facing" in table else None
    return Antenna(
        _text(table, "id"),
        role,
        zone,
        x,
        y,
        z,
        hears,
        (facing[0], facing[1]) if facing else None,
        _number(table, "offset_db", 0.0),
        _number(table, "clock_s", 0.0),
        str(table.get("device", "")),
    )


def _group(table: Mapping[str, Any]) -> Group:
    carries = tuple(table.get("carries", ("uhf",)))
    where = tuple(table.get("where", CARRIED))
    for word, allowed, key in [(w, THINGS, "carries") for w in carries] + [(w, tuple(CARRIED), "where") for w in where]:
        if word not in allowed:
            raise BadScenario(f"{key} holds {word!r}: expected some of {', '.join(allowed)}")
    speed = _numbers(table, "speed", 2) if "speed" in table else [0.7, 1.3]
    return Group(
        int(_number(table, "count", 1)),
        _number(table, "every_s", 60.0),
        carries,
        where,
        (speed[0], speed[1]),
        tuple(_step(s) for s in _tables(table, "path")),
        _number(table, "then_silent_s", 0.0),
        _number(table, "turn_every_s", 20.0),
        bool(table.get("shifts", True)),
    )


def _step(table: Mapping[str, Any]) -> Step:
    x, y = _numbers(table, "to", 2)
    stay = _numbers(table, "stay", 2) if "stay" in table else [0.0, 0.0]
    return Step(x, y, _number(table, "jitter", 0.3), (stay[0], stay[1]))


def _tables(table: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    value = table.get(key)
    if not isinstance(value, list) or not value or not all(isinstance(v, Mapping) for v in value):
        raise BadScenario(f"{key!r} is missing: expected at least one table")
    return value


def _text(table: Mapping[str, Any], key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value:
        raise BadScenario(f"{key!r} is missing: expected a text")
    return value


def _number(table: Mapping[str, Any], key: str, default: float) -> float:
    value = table.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadScenario(f"{key} = {value!r}: expected a number")
    if not -MOST <= value <= MOST:
        raise BadScenario(f"{key}: expected a number from -{MOST} to {MOST}")
    return float(value)


def _numbers(table: Mapping[str, Any], key: str, count: int) -> list[float]:
    value = table.get(key)
    if not isinstance(value, list | tuple) or len(value) != count:
        raise BadScenario(f"{key} = {value!r}: expected {count} numbers")
    return [_number({key: v}, key, 0.0) for v in value]
