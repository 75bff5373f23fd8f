"""Recordings: what readers heard, and where people really were; JSON lines, plain or gzipped."""

from __future__ import annotations

import gzip
import io
import json
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import IO, Any, Literal, TypeVar, cast

from gateway.recognition.plan import Plan, ReaderPlace, Role

ROLES: tuple[Role, ...] = ("outer", "inner", "exit", "zone", "tap")
SensorKind = Literal["contact", "motion"]
STREET = "outside"
"""Where somebody is who is in no zone; a reader that is "in" it hears the street."""

LONGEST_LINE = 64 * 1024 * 1024  # characters: a head that names a hundred thousand customers is a fifth of it
PACKED_ONCE = 4 * 1024 * 1024  # characters that a file of any size may unpack to
MOST_PACKED = 200  # times its size, beyond that; real recordings pack to a fifteenth
LAST_S = 1e11  # the year 5138: a later time is in milliseconds


class BadRecording(Exception):
    """A file is not a recording; the text names the file, the line and what was expected."""


@dataclass(slots=True)
class Head:
    """The first line: the venue, its readers and who was there; customers may be empty (each identifier its own).

    ``floors`` by zone and ``stairs``, the zones between them, are those of ``venue.toml``.
    """

    recording: str
    zones: list[str]
    readers: dict[str, str | None]
    kind: str = ""
    roles: dict[str, Role] = field(default_factory=dict)
    customers: dict[str, list[str]] = field(default_factory=dict)
    source: str = ""
    positions_m: dict[str, list[float]] = field(default_factory=dict)
    """Where readers are, where known: for checking simulators, never for recognition."""
    floors: dict[str, int] = field(default_factory=dict)
    stairs: list[str] = field(default_factory=list)
    sensors: dict[str, str] = field(default_factory=dict)
    """Contacts on doors, by the zone they lead into, and motion sensors, by the zone they watch; ``roles`` tells which:
    ``zone`` is motion, anything else, or nothing, a door."""

    def plan(self) -> Plan:
        """The venue as recognition sees it; readers without a role are ``zone`` readers, or ``outer`` in the street."""
        places = {}
        for reader, where in self.readers.items():
            usual: Role = "outer" if where == STREET else "zone"
            places[reader] = ReaderPlace(self.roles.get(reader, usual), None if where == STREET else where)
        zones = tuple(zone for zone in self.zones if zone != STREET)
        sensors = {sensor: ReaderPlace(self.roles.get(sensor, "inner"), zone) for sensor, zone in self.sensors.items()}
        return Plan(zones, places, self.floors, frozenset(self.stairs), sensors)


@dataclass(slots=True)
class Read:
    """One read; ``t`` in seconds on the recording's clock, ``rssi`` in dBm or None, ``tid`` the chip's own number."""

    t: float
    reader: str
    id: str
    rssi: float | None = None
    antenna: int | str | None = None
    tid: str | None = None


@dataclass(slots=True)
class Sensing:
    """A door that was opened (``on``) or shut, or motion that began (``on``) or ended: of nobody, and no read."""

    t: float
    sensor: str
    kind: SensorKind
    on: bool


@dataclass(slots=True)
class Truth:
    """Where a customer really is from ``t`` on: a zone, "outside", or None while too near a border to score."""

    t: float
    truth: str | None
    customer: str | None = None
    x: float | None = None
    y: float | None = None


Row = Read | Sensing | Truth
T = TypeVar("T")


def load(path: Path) -> tuple[Head, list[Row]]:
    """A whole recording; raises BadRecording, or OSError if the file cannot be opened."""
    with _open(path, "r") as lines:
        head, *rest = parse(_lines(lines, path.stat().st_size), str(path))
        return cast(Head, head), cast("list[Row]", rest)  # parse yields the head first, and once


def _lines(file: IO[str], packed: int) -> Iterator[str]:
    """The lines of a file of ``packed`` bytes; ValueError where it unpacks to what no recording is."""
    told = 0
    while text := file.readline(LONGEST_LINE + 1):
        told += len(text)
        if len(text) > LONGEST_LINE:
            raise ValueError(f"more than {LONGEST_LINE} characters; expected one row")
        if told > max(PACKED_ONCE, packed * MOST_PACKED):
            raise ValueError(f"{packed} bytes unpack to more than {told}: that is no recording")
        yield text


def parse(lines: Iterable[str], name: str) -> Iterator[Head | Row]:
    """The head, then every row in the order of the file; raises BadRecording naming ``name`` and the line."""
    head: Head | None = None
    number = 1
    try:
        for line in lines:
            fields = json.loads(line) if line.strip() else None
            if fields is not None:
                if not isinstance(fields, dict):
                    raise ValueError("a JSON object was expected")
                if head is None:
                    head = _head(fields)
                    yield head
                else:
                    yield _row(fields, head)
            number += 1
    except RecursionError as error:
        raise BadRecording(f"{name}, line {number}: JSON nested too deeply") from error
    except (ValueError, EOFError, OSError, zlib.error) as error:
        raise BadRecording(f"{name}, line {number}: {error}") from error
    if head is None:
        raise BadRecording(f"{name} is empty: the first line of a recording is its head")


def save(path: Path, head: Head, rows: Iterable[Row]) -> None:
    """Writes a recording; gzipped if the name ends in ``.gz``, and the same bytes for the same rows."""
    with create(path) as out:
        for text in dump(head, rows):
            out.write(text + "\n")


def dump(head: Head, rows: Iterable[Row]) -> Iterator[str]:
    """The lines of a recording, without line ends."""
    yield line(head)
    for row in rows:
        yield line(row)


def line(item: Head | Row) -> str:
    """One line of a recording, without its end; facts that are not there are left out."""
    return json.dumps(as_fields(item), ensure_ascii=False, separators=(",", ":"))


def as_fields(item: Head | Row) -> dict[str, object]:
    """One line of a recording as a table; facts that are not there are left out."""
    fields = {name: getattr(item, name) for name in item.__slots__}
    return {k: v for k, v in fields.items() if v not in (None, {}, [], "") or k in _ALWAYS[type(item)]}


def create(path: Path) -> IO[str]:
    """A file to write a recording into, line by line; gzipped if the name ends in ``.gz``.

    Its owner's alone from the first byte, whatever was there: it says of everybody who carries something where they
    went.
    """
    if path.is_file() or not path.exists():  # a pipe is written to as it is
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.fchmod(descriptor, 0o600)
        os.close(descriptor)
    return _open(path, "w")


_ALWAYS: dict[type, frozenset[str]] = {
    Head: frozenset({"recording", "zones", "readers"}),
    Read: frozenset({"t", "reader", "id"}),
    Sensing: frozenset({"t", "sensor", "kind", "on"}),
    Truth: frozenset({"t", "truth"}),
}


def _open(path: Path, mode: str) -> IO[str]:
    if path.suffix != ".gz":
        return path.open(mode, encoding="utf-8" if mode == "w" else "utf-8-sig", newline="\n" if mode == "w" else None)
    if mode == "w":  # no time in the header: the same recording is the same file
        return io.TextIOWrapper(gzip.GzipFile(path, "wb", mtime=0), encoding="utf-8", newline="\n")
    return gzip.open(path, "rt", encoding="utf-8-sig")


def _head(fields: Mapping[str, Any]) -> Head:
    if "recording" not in fields:
        raise ValueError('the first line must be the head, with "recording", "zones" and "readers"')
    zones = _texts(_typed(fields, "zones", list), '"zones"')
    readers = _typed(fields, "readers", dict)
    if not [zone for zone in zones if zone != STREET]:
        raise ValueError('"zones" is empty: a recording needs at least one')
    for reader, zone in readers.items():
        if zone not in (None, STREET, *zones):
            raise ValueError(f'reader "{reader}" is in zone "{zone}", which is not among the zones')
    roles = _table(fields, "roles")
    for reader, role in roles.items():
        if role not in ROLES:
            raise ValueError(f'role "{role}" of reader "{reader}" is none of {", ".join(ROLES)}')
    customers = _table(fields, "customers")
    for customer, identifiers in customers.items():
        _texts(identifiers, f'the identifiers of customer "{customer}"')
    sensors = _table(fields, "sensors")
    for sensor, zone in sensors.items():
        if zone not in zones or sensor in readers:
            raise ValueError(f'sensor "{sensor}" is in zone {zone!r}: expected one of the zones, and no reader\'s name')
    floors, stairs = _table(fields, "floors"), fields.get("stairs")
    for zone, floor in floors.items():
        if zone not in zones or isinstance(floor, bool) or not isinstance(floor, int):
            raise ValueError(f'"floors" is not a table of zones and whole numbers: "{zone}" = {floor!r}')
    for zone in _texts(stairs, '"stairs"') if stairs is not None else ():
        if zone not in zones:
            raise ValueError(f'"stairs" names "{zone}", which is not among the zones')
    return Head(
        recording=str(fields["recording"]),
        zones=zones,
        readers=dict.fromkeys(reader for reader in roles if reader not in sensors) | readers,
        kind=str(fields.get("kind") or ""),
        roles=roles,
        customers=customers,
        source=str(fields.get("source") or ""),
        positions_m=fields.get("positions_m") or {},
        floors=floors,
        stairs=stairs or [],
        sensors=sensors,
    )


def _row(fields: Mapping[str, Any], head: Head) -> Row:
    t = _number(fields, "t")
    if abs(t) > LAST_S:
        raise ValueError(f'"t" is in seconds, and {t:g} s is no time')
    if "truth" in fields:
        truth = fields["truth"]
        if truth is not None and truth != STREET and truth not in head.zones:
            raise ValueError(f'truth "{truth}" is neither a zone nor "{STREET}"')
        customer = _typed(fields, "customer", str) if fields.get("customer") is not None else None
        return Truth(t, truth, customer, _optional(fields, "x"), _optional(fields, "y"))
    if "sensor" in fields:
        return _sensing(t, fields)
    antenna, tid = fields.get("antenna"), fields.get("tid")
    if isinstance(antenna, bool) or not isinstance(antenna, int | str | None):
        raise ValueError('"antenna" is neither a whole number nor a name')
    if not isinstance(tid, str | None):
        raise ValueError('"tid" is not a text')
    return Read(t, _typed(fields, "reader", str), _typed(fields, "id", str), _optional(fields, "rssi"), antenna, tid)


def _sensing(t: float, fields: Mapping[str, Any]) -> Sensing:
    kind, on = fields.get("kind"), fields.get("on")
    if kind not in ("contact", "motion") or not isinstance(on, bool):
        raise ValueError('a sensor says "kind", "contact" or "motion", and "on", true or false')
    return Sensing(t, _typed(fields, "sensor", str), kind, on)


def _typed(fields: Mapping[str, Any], key: str, kind: type[T]) -> T:
    value = fields.get(key)
    if not isinstance(value, kind):
        raise ValueError(f'"{key}" is missing or not a {_NAMES[kind]}')
    return value


def _table(fields: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {} if fields.get(key) is None else _typed(fields, key, dict)


def _texts(value: object, what: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise ValueError(f"{what} are not a list of texts")
    return value


_NAMES: dict[type, str] = {str: "text", list: "list", dict: "table"}


def _optional(fields: Mapping[str, Any], key: str) -> float | None:
    return None if fields.get(key) is None else _number(fields, key)


def _number(fields: Mapping[str, Any], key: str) -> float:
    value = fields.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not _is_finite(value):
        raise ValueError(f'"{key}" is missing or not a number')
    return value


def _is_finite(value: float) -> bool:
    try:
        return isfinite(value)
    except OverflowError:  # a whole number of some hundred digits
        return False
