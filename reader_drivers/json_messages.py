"""Any other reader that publishes JSON, or the bare number of a tag: the settings say where in it what stands.

For Keonn AdvanNet, whose JSON its operator writes, SpringCard SpringCore, Newland, Kontakt.io, MikroTik scripts, and
readers people build themselves. A path leads from a row to a member: names with a dot between them, places in a list in
brackets or between dots, like ``data.tags[0].epc``. A payload is one object, an array of them, or several one after the
other; with an ``encoding`` set it may also be nothing but the identifier, or one on each line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from reader_drivers import driver, json_states
from reader_drivers.hardened_json import number, parse_all, whole
from reader_drivers.messages import (
    DISTANCE,
    RSSI,
    Messages,
    MqttReader,
    NoSighting,
    below,
    connection,
    each,
    room_name,
)
from reader_drivers.reader_clock import Clocks
from reader_drivers.sighting import Found, Sensed, Sighting
from reader_drivers.spelling import chip, from_base64, ibeacon, spelled

MOST_ROWS = 1000
ANTENNAS = (0, 65535)
STEP = re.compile(r"(?:^|\.)([^.\[\]]+)|\[(\d{1,4})\]")
UNIT = re.compile(r"\s*(?:dBm|m)$", re.IGNORECASE)  # MikroTik writes -51dBm
PLACE = re.compile(r"\d{1,4}", re.ASCII).fullmatch
MISSING = object()
AROUND_TEXT = ' \t\r\n\0\2\3"'  # blanks, a C string's end, what an RDM6300 puts around a number, quotes

BARE = "bare"
UUID = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}", re.ASCII).fullmatch
Member = Callable[[str | None], Any]
"""What stands at a path in a row, or in the message around it; MISSING where it leads nowhere."""

Scheme = Literal["epc", "tid", "em", "nfc", "ibeacon", "eddystone", "ble", "alias"]


@lru_cache(maxsize=1000)
def steps(path: str) -> tuple[str | int, ...]:
    """The names and places on a path; ValueError where it is none."""
    found: list[str | int] = []
    end = 0
    for step in STEP.finditer(path):
        if step.start() != end:
            break
        found.append(step[1] if step[1] is not None else int(step[2]))
        end = step.end()
    if end != len(path) or not found or path.startswith("."):
        raise ValueError("expected names with a dot between them and places in brackets, like data.tags[0].epc")
    return tuple(found)


def follow(value: Any, path: str) -> Any:
    """What stands at the end of ``path``, MISSING where it leads nowhere."""
    for step in steps(path):
        place = int(step) if isinstance(step, str) and isinstance(value, list) and PLACE(step) else step
        if isinstance(place, int):
            if not isinstance(value, list) or place >= len(value):
                return MISSING
            value = value[place]
        elif not isinstance(value, dict) or place not in value:
            return MISSING
        else:
            value = value[place]
    return value


def _checked(path: str) -> str:
    steps(path)
    return path


Path = Annotated[str, Field(min_length=1, max_length=256), AfterValidator(_checked)]
Wanted = str | int | bool | tuple[str | int | bool, ...]


class JsonDecoder(Messages):
    """One message in, the sightings that its settings find in it out."""

    def __init__(self, reader: str, settings: JsonMessages.Settings, clocks: Clocks) -> None:
        self._reader = reader
        self._settings = settings
        self._clocks = clocks
        self._offline = False
        self._beside = {"major": settings.major, "minor": settings.minor}

    def quiet(self, now: float) -> str | None:
        """What the reader's last will says, where it has one in plain text among its messages."""
        return "it is offline, says its last will" if self._offline else None

    def _meanings(self, topic: str, payload: bytes, at: float, retained: bool) -> Iterable[Found]:
        connected = connection(payload)
        if connected is not None or not retained:
            self._offline = connected is False
        if connected is not None:
            raise NoSighting("a greeting or the last will of the reader's connection")
        if self._settings.kind is not None and (said := json_states.word(payload)) is not None:
            return [self._sensed(said, {}, topic, at, retained)]
        if self._settings.encoding is not None and (bare := _bare(payload)):
            return each([{BARE: line} for line in bare], lambda row: self._bare(row[BARE], topic, at, retained))
        return each(parse_all(payload), lambda value: self._message(value, topic, at, retained))

    def _bare(self, text: str, topic: str, at: float, retained: bool) -> Iterator[Found]:
        def member(path: str | None) -> Any:
            return text if path == self._settings.identifier else MISSING

        yield self._found(member, topic, at, retained)

    def _message(self, value: dict[str, Any], topic: str, at: float, retained: bool) -> Iterable[Found]:
        rows: Any = [value]
        if self._settings.rows is not None:
            rows = follow(value, self._settings.rows)
            if rows is MISSING:
                raise NoSighting(f"no rows at {self._settings.rows}")
            if not isinstance(rows, list) or len(rows) > MOST_ROWS:
                raise ValueError(f"rows: not a list of up to {MOST_ROWS}")
        return each(rows, lambda row: self._row(row, value, topic, at, retained))

    def _row(
        self, row: dict[str, Any], value: dict[str, Any], topic: str, at: float, retained: bool
    ) -> Iterator[Found]:
        def member(path: str | None) -> Any:
            # What a row does not say, the message around it may say for all of them.
            found = MISSING if path is None else follow(row, path)
            return follow(value, path) if found is MISSING and path is not None else found

        if self._settings.kind is not None:
            yield self._state(member, row, topic, at, retained)
        else:
            yield self._found(member, topic, at, retained)

    def _state(self, member: Member, row: dict[str, Any], topic: str, at: float, retained: bool) -> Sensed:
        self._only(member)
        path = self._settings.state or json_states.member(self._settings.kind or "contact", row)
        if (state := member(path)) is MISSING:
            raise NoSighting(f"a message without {path}")
        return self._sensed(json_states.told(path, state), row, topic, at, retained)

    def _only(self, member: Member) -> None:
        for path, wanted in (self._settings.only or {}).items():
            if not _is(member(path), wanted):
                raise NoSighting(f"a row whose {path} is another one")

    def _found(self, member: Member, topic: str, at: float, retained: bool) -> Found:
        self._only(member)
        identifier = self._identifier(member)
        rssi = _scaled("rssi", member(self._settings.rssi), self._settings.rssi_scale, RSSI)
        distance = _scaled("distance", member(self._settings.distance), self._settings.distance_scale, DISTANCE)
        antenna = self._antenna(member(self._settings.antenna), topic)
        told = member(self._settings.time)
        heard = self._clocks.at(topic, None if told is MISSING else told, at, retained=retained)
        if heard is None:
            raise NoSighting("a retained sighting without a time: nobody knows how old it is")
        return Sighting(self._reader, antenna, identifier, rssi, distance, heard, chip(member(self._settings.tid)))

    def _sensed(self, on: bool, row: dict[str, Any], topic: str, at: float, retained: bool) -> Sensed:
        """What a contact or a motion sensor says; of a state that the broker kept nobody knows how old it is."""
        told = MISSING if self._settings.time is None else follow(row, self._settings.time)
        heard = self._clocks.at(topic, None if told is MISSING else told, at, retained=retained)
        if heard is None:
            raise NoSighting("a retained state without a time: nobody knows how old it is")
        antenna = self._antenna(
            MISSING if self._settings.antenna is None else follow(row, self._settings.antenna), topic
        )
        kind = self._settings.kind or "contact"
        return Sensed(self._reader, antenna, "", None, None, heard, None, kind, on is not self._settings.inverted)

    def _identifier(self, member: Member) -> str:
        given = member(self._settings.identifier)
        if given is MISSING or given in (None, ""):
            number_of_chip = chip(member(self._settings.tid))
            if number_of_chip is not None:
                return spelled("tid", number_of_chip)  # the reader was told to report only that
            if given is MISSING:
                raise ValueError("identifier: missing")
        if self._settings.encoding == "decimal":
            given = _decimal(given)
        if not isinstance(given, str):
            raise ValueError("identifier: not text")
        if self._settings.encoding == "base64":
            given = from_base64(given, "identifier")
        scheme: str | None = self._settings.scheme
        if self._settings.scheme_at is not None:
            word = member(self._settings.scheme_at)
            scheme = (self._settings.schemes or {}).get(word, scheme) if isinstance(word, str) else scheme
            if scheme is None:
                raise NoSighting(f"a row whose {self._settings.scheme_at} is not among the schemes")
        if scheme is None:
            scheme, colon, given = given.partition(":")
            if not colon:
                raise ValueError("identifier: not scheme:value, and no scheme is set")
        if scheme == "ibeacon" and UUID(given):
            beside = {key: found for key, path in self._beside.items() if (found := member(path)) is not MISSING}
            return ibeacon(given, *(whole(beside, key, 0, 0xFFFF, text=True) for key in self._beside))
        return spelled(scheme, given)

    def _antenna(self, given: Any, topic: str) -> int | str | None:
        if given is MISSING and self._settings.antenna_level is not None:
            levels = topic.split("/")
            if not -len(levels) <= self._settings.antenna_level < len(levels):
                raise ValueError(f"topic: has no level {self._settings.antenna_level}")
            given = levels[self._settings.antenna_level]
        if given is MISSING or given is None:
            return None
        if isinstance(given, str):
            return int(given) if given.isascii() and given.isdigit() and len(given) <= 5 else room_name(given)
        if isinstance(given, bool) or not isinstance(given, int) or not ANTENNAS[0] <= given <= ANTENNAS[1]:
            raise ValueError("antenna: neither a number nor a name")
        return given


def _bare(payload: bytes) -> list[str]:
    """The lines of a payload that is no JSON but bare text; none where it is JSON, or nothing that can be read."""
    try:
        text = payload.decode("utf-8").strip(AROUND_TEXT)
    except UnicodeDecodeError:
        return []
    if text[:1] in ("", "{", "["):
        return []
    lines = [line.strip(AROUND_TEXT) for line in text.splitlines()]
    if len(lines) > MOST_ROWS:
        raise ValueError(f"lines: more than {MOST_ROWS}")
    return [line for line in lines if line]


def _is(given: object, wanted: Wanted) -> bool:
    return any(
        given == each and isinstance(given, bool) == isinstance(each, bool)
        for each in (wanted if isinstance(wanted, tuple) else (wanted,))
    )


def _scaled(key: str, given: Any, scale: float, limits: tuple[float, float]) -> float | None:
    if given is MISSING or given is None:
        return None
    if isinstance(given, str):
        given = UNIT.sub("", given)
    value = number({key: given}, key, -1e9, 1e9, text=True)
    return value and number({key: value * scale}, key, *limits)


def _decimal(given: Any) -> str:
    """The ten hex digits of a 125 kHz fob that is written as one decimal number."""
    if isinstance(given, str) and given.isascii() and given.isdigit():
        given = int(given[:20])
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given < 1 << 40:
        raise ValueError("identifier: not a decimal number of up to 40 bits")
    return f"{given:010X}"


class JsonMessages(MqttReader):
    """A reader whose JSON is described by its settings; its link is a topic, a prefix of topics, or a topic filter."""

    class Settings(driver.Settings):
        """``[readers.settings]`` of a reader that publishes JSON of its own."""

        identifier: Path = "id"
        """The path to the identifier."""
        scheme: Scheme | None = None
        """What kind of identifier that is; none: the value says it itself, as ``scheme:value``."""
        scheme_at: Path | None = None
        """The path to a word that tells the kind, for readers of several kinds of tags."""
        schemes: dict[str, Scheme] | None = Field(default=None, max_length=20)
        """What the words at ``scheme_at`` mean; of other words ``scheme`` is taken, or the row left out."""
        encoding: Literal["text", "base64", "decimal"] | None = None
        """How the identifier is written: ``text``, as it is or in hex; in base64; a 125 kHz fob as one decimal number.
        Where it is set, a message may be nothing but the identifier, without JSON. None: text, in JSON."""
        major: Path = "major"
        """The path to an iBeacon's major, where the identifier is its UUID alone."""
        minor: Path = "minor"
        """The path to its minor."""
        rows: Path | None = None
        """The path to the list of rows; none: each object is one."""
        only: dict[Path, Wanted] | None = Field(default=None, max_length=20)
        """Rows count only where these paths hold this value, or one of these values."""
        rssi: Path | None = None
        """The path to the RSSI, a number or text, with or without ``dBm``."""
        rssi_scale: float = Field(default=1.0, ge=-1000, le=1000)
        """What to multiply it by to have dBm; 0.01 where it is in hundredths."""
        distance: Path | None = None
        """The path to a distance."""
        distance_scale: float = Field(default=1.0, gt=0, le=1000)
        """What to multiply it by to have metres."""
        antenna: Path | None = None
        """The path to the antenna's number or the room's name."""
        antenna_level: int | None = Field(default=None, ge=-20, le=20)
        """Else the level of the topic that names it: 0 the first, -1 the last."""
        tid: Path | None = None
        """The path to the chip's own number, in hex: a copy of a tag has another."""
        time: Path | None = None
        """The path to the time: ISO 8601, or a number of seconds, milli-, micro- or nanoseconds since 1970."""

        kind: json_states.Kind | None = None
        """What it is where it reads no tags: a ``motion`` sensor, or a ``contact`` on a door."""
        state: Path | None = None
        """The path to its state; none: the member that Zigbee2MQTT and kin have, or a message of one word."""
        inverted: bool = False
        """Its states mean the opposite: on is shut."""

        @model_validator(mode="after")
        def _agree(self) -> Self:
            if self.schemes and self.scheme_at is None:
                raise ValueError("schemes: expected scheme_at beside it, the path to the words that it explains")
            return self

    settings: ClassVar[type[driver.Settings]] = Settings

    @staticmethod
    def decoder(reader: str, settings: JsonMessages.Settings, clocks: Clocks | None = None) -> JsonDecoder:
        """Messages in, sightings of ``reader`` out."""
        return JsonDecoder(reader, settings, clocks or Clocks())

    def _filters(self) -> list[str]:
        return below(self._link)

    def _decoder(self) -> JsonDecoder:
        return self.decoder(self._reader, self._settings, self._clocks)
