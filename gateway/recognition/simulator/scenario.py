"""Reads a scenario; a mistake names the key, the value and what was expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from gateway.recognition.recording import ROLES
from gateway.recognition.simulator.venue import (
    CARRIED,
    THINGS,
    USUAL_PLACES,
    Announcing,
    Antenna,
    Bodies,
    Group,
    Mute,
    Opening,
    Radio,
    Room,
    Scenario,
    Stairs,
    Step,
    Wall,
)

SCHEMES = ("beacon", "phone", "ble")

Table = Mapping[str, Any]

KEYS: Mapping[str, tuple[str, ...]] = {
    "scenario": (
        "name", "kind", "rooms", "readers", "people", "wall_db", "other_tags", "loss", "duplicates", "walls",
        "openings", "border_db", "slab_db", "storey_m", "stairs", "radio", "bodies", "things", "enough",
    ),
    "rooms": ("id", "box", "floor"),
    "readers": (
        "id", "role", "zone", "at", "hears", "facing", "offset_db", "clock_s", "device", "floor", "floor_dbm",
    ),
    "people": (
        "count", "every_s", "carries", "where", "speed", "path", "then_silent_s", "turn_every_s", "shifts",
        "party", "apart_s", "limb_s", "bodies",
    ),
    "path": ("to", "stay", "jitter", "floor", "leaves", "takes"),
    "walls": ("from", "to", "db", "floor"),
    "openings": ("at", "width", "db", "floor"),
    "stairs": ("floor", "foot", "head", "seconds"),
    "bodies": ("near_db", "between_db", "seconds"),
    "things": (
        "scheme", "every_s", "jitter_s", "unheard", "burst", "burst_gap_s", "pause_chance", "pause_s", "level_db",
        "mute",
    ),
    "mute": ("speaks_s", "for_s", "only_in"),
    "radio": tuple(Radio.__slots__),
}  # fmt: skip
"""What each table of a scenario may hold."""


class BadScenario(ValueError):
    """The scenario cannot be simulated; the text names the key and what was expected."""


MOST = 100_000  # of anything in a scenario: metres, seconds, people


def read_scenario(table: Table) -> Scenario:
    """The scenario of a TOML table; raises BadScenario."""
    _known(table, "scenario")
    rooms = tuple(_room(r) for r in _tables(table, "rooms"))
    zones = {room.id for room in rooms}
    things = dict(THINGS) | {name: _announcing(name, t, zones) for name, t in _table(table, "things").items()}
    walls = tuple(_wall(w) for w in _optional(table, "walls"))
    usual_wall = 0.0 if walls or "border_db" in table else 6.0
    scenario = Scenario(
        str(table.get("name", "scenario")),
        str(table.get("kind", "simulated")),
        rooms,
        tuple(_antenna(r, zones) for r in _tables(table, "readers")),
        tuple(_group(g, things) for g in _tables(table, "people")),
        wall_db=_at_least(table, "wall_db", usual_wall),
        other_tags=_at_least(table, "other_tags", 0.0),
        loss=_share(table, "loss"),
        duplicates=_share(table, "duplicates"),
        walls=walls,
        openings=tuple(_opening(o) for o in _optional(table, "openings")),
        border_db=_at_least(table, "border_db", 0.0),
        slab_db=_at_least(table, "slab_db", 0.0),
        storey_m=_at_least(table, "storey_m", 3.0, 1.0),
        stairs=tuple(_stairs(s) for s in _optional(table, "stairs")),
        radio=_radio(_table(table, "radio")),
        bodies=_bodies(table),
        things=things,
        enough=_whole(table, "enough", 0, 0),
    )
    _reachable(scenario)
    return scenario


def _reachable(scenario: Scenario) -> None:
    """Stairs are the only way between floors."""
    for group in scenario.groups:
        for before, after in pairwise(step.floor for step in group.path):
            up = 1 if after > before else -1
            for floor in range(before, after, up):
                if not scenario.stairs_between(floor, floor + up):
                    raise BadScenario(f"a path goes from floor {floor} to floor {floor + up}, and no 'stairs' do")


def _room(table: Table) -> Room:
    _known(table, "rooms")
    x1, y1, x2, y2 = _numbers(table, "box", 4)
    return Room(_text(table, "id"), x1, y1, x2, y2, _whole(table, "floor", 0))


def _wall(table: Table) -> Wall:
    _known(table, "walls")
    (x1, y1), (x2, y2) = _numbers(table, "from", 2), _numbers(table, "to", 2)
    return Wall(x1, y1, x2, y2, _at_least(table, "db", 6.0), _whole(table, "floor", 0))


def _opening(table: Table) -> Opening:
    _known(table, "openings")
    x, y = _numbers(table, "at", 2)
    return Opening(x, y, _at_least(table, "width", 1.0), _at_least(table, "db", 0.0), _whole(table, "floor", 0))


def _stairs(table: Table) -> Stairs:
    _known(table, "stairs")
    (x1, y1), (x2, y2) = _numbers(table, "foot", 2), _numbers(table, "head", 2)
    return Stairs(_whole(table, "floor", 0), (x1, y1), (x2, y2), _at_least(table, "seconds", 12.0, 1.0))


def _radio(table: Table) -> Radio:
    _known(table, "radio")
    usual = Radio()
    values = {key: _number(table, key, getattr(usual, key)) for key in Radio.__slots__}
    for key in ("exponent", "slow_db", "fast_db", "floor_soft_db", "scan_s", "place_db"):
        _at_least(table, key, values[key])
    for key in ("slow_m", "fast_m", "place_m"):
        _at_least(table, key, values[key], 0.001)
    values["deaf_links"] = _share(table, "deaf_links")
    return Radio(**values)


def _bodies(table: Table) -> Bodies | None:
    if "bodies" not in table:
        return None
    bodies = _table(table, "bodies")
    _known(bodies, "bodies")
    near, between = _at_least(bodies, "near_db", 0.0), _at_least(bodies, "between_db", 0.0)
    return Bodies(near, between, _at_least(bodies, "seconds", 4.0, 0.01))


def _announcing(name: str, table: Table, zones: set[str]) -> Announcing:
    _known(table, "things")
    scheme = table.get("scheme", "ble")
    if scheme not in SCHEMES:
        raise BadScenario(f"scheme = {scheme!r} of a thing: expected one of {', '.join(SCHEMES)}")
    usual = Announcing(name, scheme, 1.0)
    return Announcing(
        name,
        scheme,
        _at_least(table, "every_s", usual.every_s, 0.01),
        _at_least(table, "jitter_s", min(usual.jitter_s, usual.every_s / 10)),
        _share(table, "unheard"),
        _whole(table, "burst", 1, 1),
        _at_least(table, "burst_gap_s", usual.burst_gap_s, 0.01),
        _share(table, "pause_chance"),
        _range(table, "pause_s", usual.pause_s),
        _number(table, "level_db", 0.0),
        _mute(_table(table, "mute"), zones) if "mute" in table else None,
    )


def _mute(table: Table, zones: set[str]) -> Mute:
    _known(table, "mute")
    for key in ("speaks_s", "for_s"):
        if key not in table:
            raise BadScenario(f"{key!r} of 'mute' is missing: expected the shortest and the longest seconds")
    only_in = _texts(table, "only_in", (), tuple(zones))
    return Mute(_range(table, "speaks_s", (1.0, 1.0)), _range(table, "for_s", (1.0, 1.0)), only_in)


def _antenna(table: Table, zones: set[str]) -> Antenna:
    _known(table, "readers")
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
        _whole(table, "floor", 0),
        _number(table, "floor_dbm", 0.0) if "floor_dbm" in table else None,
    )


def _group(table: Table, things: Mapping[str, Announcing]) -> Group:
    _known(table, "people")
    carries = _texts(table, "carries", ("uhf",), tuple(things))
    path: list[Step] = []
    for step in _tables(table, "path"):
        path.append(_step(step, carries, path[-1].floor if path else 0))
    return Group(
        _whole(table, "count", 1, 0),
        _at_least(table, "every_s", 60.0),
        carries,
        _texts(table, "where", USUAL_PLACES, tuple(CARRIED)),
        _range(table, "speed", (0.7, 1.3), 0.01),
        tuple(path),
        _at_least(table, "then_silent_s", 0.0),
        _at_least(table, "turn_every_s", 20.0),
        _yes_or_no(table, "shifts", True),
        _whole(table, "party", 1, 1),
        _at_least(table, "apart_s", 1.0),
        _at_least(table, "limb_s", 4.0, 0.01),
        _bodies(table),
    )


def _step(table: Table, carries: tuple[str, ...], floor: int) -> Step:
    _known(table, "path")
    x, y = _numbers(table, "to", 2)
    return Step(
        x,
        y,
        _at_least(table, "jitter", 0.3),
        _range(table, "stay", (0.0, 0.0)),
        _whole(table, "floor", floor),
        _texts(table, "leaves", (), carries),
        _texts(table, "takes", (), carries),
    )


def _known(table: Table, name: str) -> None:
    unknown = set(table) - set(KEYS[name])
    if unknown:
        raise BadScenario(f"unknown key {min(unknown)!r}; expected one of {', '.join(sorted(KEYS[name]))}")


def _tables(table: Table, key: str) -> Sequence[Table]:
    value = table.get(key)
    if not isinstance(value, list) or not value or not all(isinstance(v, Mapping) for v in value):
        raise BadScenario(f"{key!r} is missing: expected at least one table")
    return value


def _optional(table: Table, key: str) -> Sequence[Table]:
    return _tables(table, key) if key in table else []


def _table(table: Table, key: str) -> Table:
    value = table.get(key, {})
    if not isinstance(value, Mapping):
        raise BadScenario(f"{key} = {value!r}: expected a table")
    return value


def _text(table: Table, key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value:
        raise BadScenario(f"{key!r} is missing: expected a text")
    return value


def _texts(table: Table, key: str, default: tuple[str, ...], allowed: tuple[str, ...]) -> tuple[str, ...]:
    value = table.get(key, default)
    if not isinstance(value, list | tuple):
        raise BadScenario(f"{key} = {value!r}: expected a list of texts")
    for word in value:
        if word not in allowed:
            raise BadScenario(f"{key} holds {word!r}: expected some of {', '.join(sorted(allowed))}")
    return tuple(value)


def _yes_or_no(table: Table, key: str, default: bool) -> bool:
    value = table.get(key, default)
    if not isinstance(value, bool):
        raise BadScenario(f"{key} = {value!r}: expected true or false")
    return value


def _number(table: Table, key: str, default: float) -> float:
    value = table.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < float("inf"):
        raise BadScenario(f"{key} = {value!r}: expected a number")
    if not -MOST <= value <= MOST:
        raise BadScenario(f"{key}: expected a number from -{MOST} to {MOST}")
    return float(value)


def _at_least(table: Table, key: str, default: float, least: float = 0.0) -> float:
    value = _number(table, key, default)
    if value < least:
        raise BadScenario(f"{key} = {value:g}: expected {least:g} or more")
    return value


def _share(table: Table, key: str) -> float:
    value = _number(table, key, 0.0)
    if not 0.0 <= value < 1.0:
        raise BadScenario(f"{key} = {value:g}: expected a share, from 0 to less than 1")
    return value


def _whole(table: Table, key: str, default: int, least: int | None = None) -> int:
    value = _number(table, key, default)
    if value != int(value) or (least is not None and value < least):
        raise BadScenario(f"{key} = {value:g}: expected a whole number{'' if least is None else f', {least} or more'}")
    return int(value)


def _range(table: Table, key: str, default: tuple[float, float], least: float = 0.0) -> tuple[float, float]:
    low, high = _numbers(table, key, 2) if key in table else default
    if not least <= low <= high:
        raise BadScenario(f"{key} = {[low, high]}: expected two numbers of {least:g} or more, the smaller first")
    return low, high


def _numbers(table: Table, key: str, count: int) -> list[float]:
    value = table.get(key)
    if not isinstance(value, list | tuple) or len(value) != count:
        raise BadScenario(f"{key} = {value!r}: expected {count} numbers")
    return [_number({key: v}, key, 0.0) for v in value]
