"""Impinj R700 and R720 "IoT device interface", and two programs that publish for Impinj readers in their own rows.

Source: Impinj reader configuration API 1.7 (OpenAPI), SmartReader and Speedway Connect output. The operator chooses
one topic for all events; a payload is one JSON event, an array of them, or one a line:

    {"timestamp": ISO, "hostname": text, "eventType": "tagInventory", "tagInventoryEvent": {
        "epc": base64, "epcHex": hex, "tid": base64, "tidHex": hex, "antennaPort": 1…, "antennaName": text,
        "peakRssiCdbm": 1/100 dBm, "lastSeenTime": ISO}}

Most members are off until chosen. Whether ``epc`` holds base64 cannot be seen from it: hex digits are valid base64 too.
The will and the greetings of the connection are plain text and may come on the same topic. Events kept during an
outage come afterwards with their own times.

    {"readerName": text, "tag_reads": [{"epc": hex, "peakRssi": dBm, "firstSeenTimestamp": µs, …}]}        SmartReader
    {"epc": hex, "tid": hex, "antennaPort": 1…, "peakRssi": dBm, "isHeartBeat": false, …}             Speedway Connect

A reader that was told to report TIDs and no EPCs is heard by those.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Literal

from pydantic import Field

from reader_drivers import driver
from reader_drivers.hardened_json import as_object, number, parse_all, whole, words
from reader_drivers.messages import ANTENNA, RSSI, Messages, MqttReader, NoSighting, below, each, room_name
from reader_drivers.reader_clock import Clocks
from reader_drivers.sighting import Found, Ignored, Sighting
from reader_drivers.spelling import from_base64, tag_code

EVENTS = (
    "antennaConnected",
    "antennaDisconnected",
    "antennaActivation",
    "inventoryStatus",
    "inventoryTerminated",
    "gpiTransition",
    "overflow",
    "diagnostic",
    "tagLocationEntry",
    "tagLocationUpdate",
    "tagLocationExit",
)
TAG_READ = "tagInventory"
TIMES = ("lastSeenTime", "lastSeenTimestamp", "firstSeenTime", "firstSeenTimestamp")  # of a tag, the best first
OVERFLOW_TOLD = 60.0  # seconds


class Health:
    """What the reader says of itself beside what it reads."""

    def __init__(self) -> None:
        self._connection: str | None = None
        self._inventory: str | None = None
        self._antennas: set[int] = set()
        self._overflow: tuple[float, str] | None = None

    def connection(self, why: str | None) -> None:
        """Its connection to the broker was lost, and why; None: it is there."""
        self._connection = why

    def reads(self) -> None:
        """It has just read a tag."""
        self._connection = self._inventory = None

    def event(self, kind: str, body: dict[str, Any], at: float) -> str:
        """An event that is no tag, at ``at``, seconds; what it is, in words."""
        if kind == "inventoryStatus":
            status = words(body, "status") or words(body, "inventoryStatus")  # the latter of older firmware
            self._inventory = None if status != "idle" else "the inventory is idle: no tag is read"
            return f"inventory {status or 'status'}"
        if kind == "inventoryTerminated":
            self._inventory = "the inventory has ended: no tag is read"
            return "inventory terminated"
        if kind in ("antennaConnected", "antennaDisconnected"):
            port = whole(body, "antennaPort", *ANTENNA)
            if port is not None:
                (self._antennas.discard if kind == "antennaConnected" else self._antennas.add)(port)
            return f"antenna {port or ''} {kind.removeprefix('antenna').lower()}".replace("  ", " ")
        if kind == "overflow":
            lost = whole(body, "eventsPurged", 0, 10**12)
            told = f"overflow: the reader threw {lost if lost else 'some'} events away"
            self._overflow = (at, told)
            return told
        return f"an event, {kind}"

    def quiet(self, now: float) -> str | None:
        """What of it makes the reader deaf at ``now``, seconds."""
        told = [each for each in (self._connection, self._inventory) if each]
        if self._antennas:
            told.append(f"disconnected: antenna {', '.join(map(str, sorted(self._antennas)))}")
        if self._overflow and now - self._overflow[0] < OVERFLOW_TOLD:
            told.append(self._overflow[1])
        return "; ".join(told) or None


class ImpinjIotDecoder(Messages):
    """Events of an Impinj reader in, sightings out."""

    def __init__(self, reader: str, settings: ImpinjIot.Settings, clocks: Clocks) -> None:
        self._reader = reader
        self._settings = settings
        self._clocks = clocks
        self._greetings = {settings.connect_text: None, settings.disconnect_text: "it has said goodbye to the broker"}
        self._greetings[settings.will_text] = "its connection to the broker was lost"
        self.health = Health()

    def quiet(self, now: float) -> str | None:
        """Why the reader is deaf at ``now``: what it said of itself."""
        return self.health.quiet(now)

    def _meanings(self, topic: str, payload: bytes, at: float, retained: bool) -> Iterable[Found]:
        text = payload.decode("utf-8", "replace").strip()
        if text in self._greetings:
            self.health.connection(self._greetings[text])
            return [Ignored("a greeting or the last will of the reader's connection")]
        return each(parse_all(payload), lambda row: self._event(row, topic, at, retained))

    def _event(self, row: dict[str, Any], topic: str, at: float, retained: bool) -> Iterator[Found]:
        if not retained:
            self.health.connection(None)
        device = words(row, "hostname") or words(row, "readerName") or topic
        if "tag_reads" in row:
            if not isinstance(row["tag_reads"], list):
                raise ValueError("tag_reads: not a list")
            yield from each(row["tag_reads"], lambda read: self._hex_row(read, device, at, retained))
            return
        kind = _kind(row)
        if kind == TAG_READ:
            read = as_object(row.get("tagInventoryEvent"), "tagInventoryEvent")
            yield from self._read(read, self._settings.epc_encoding, row.get("timestamp"), device, at, retained)
        elif kind is not None:
            body = row.get(f"{kind}Event", row.get(kind))
            yield Ignored(self.health.event(kind, body if isinstance(body, dict) else {}, at))
        else:
            yield from self._hex_row(row, device, at, retained)

    def _hex_row(self, row: dict[str, Any], device: str, at: float, retained: bool) -> Iterator[Found]:
        if row.get("isHeartBeat") is True:
            raise NoSighting("a heartbeat")
        yield from self._read(row, "hex", row.get("timestamp"), device, at, retained)

    def _read(
        self, read: dict[str, Any], encoding: str, sent: object, device: str, at: float, retained: bool
    ) -> Iterator[Found]:
        wanted = ("epc", "tid") if self._settings.identify == "both" else (self._settings.identify,)
        if not _has(read, "epc") and _has(read, "tid"):
            wanted = ("tid",)  # the reader was told to report only that
        found = [_code(read, scheme, encoding) for scheme in wanted if scheme == "epc" or _has(read, "tid")]
        if not found:
            raise NoSighting("a tag without a TID: the reader has to be told to read it")
        strength = number(read, "peakRssiCdbm", 100 * RSSI[0], 100 * RSSI[1])
        rssi = strength / 100 if strength is not None else number(read, "peakRssi", *RSSI)
        told = next((read[key] for key in TIMES if read.get(key) is not None), sent)
        heard = self._clocks.at(device, told, at, retained=retained)
        if heard is None:
            raise NoSighting("a retained read without a time: nobody knows how old it is")
        if not retained:
            self.health.reads()
        for identifier in found:
            yield Sighting(self._reader, _antenna(read), identifier, rssi, None, heard, _chip(read, encoding))


def _kind(row: dict[str, Any]) -> str | None:
    """The kind of an event, by its type or, where that is missing, by the event it holds; None: it is a bare row."""
    told = words(row, "eventType")
    if told in (TAG_READ, *EVENTS):
        return told
    if told is not None:
        return "of a kind not in the manual"
    return next((kind for kind in (TAG_READ, *EVENTS) if f"{kind}Event" in row or kind in row), None)


def _has(read: dict[str, Any], scheme: str) -> bool:
    return any(read.get(key) not in (None, "") for key in (scheme, f"{scheme}Hex"))


def _code(read: dict[str, Any], scheme: str, encoding: str) -> str:
    if read.get(f"{scheme}Hex") not in (None, ""):
        return tag_code(scheme, read[f"{scheme}Hex"], f"{scheme}Hex")
    given = read.get(scheme)
    if given is None:
        raise ValueError(f"{scheme}: missing")
    return tag_code(scheme, from_base64(given, scheme) if encoding == "base64" else given, scheme)


def _chip(read: dict[str, Any], encoding: str) -> str | None:
    if not _has(read, "tid"):
        return None
    try:
        return _code(read, "tid", encoding).partition(":")[2]
    except ValueError:
        return None  # the tag is heard all the same


def _antenna(read: dict[str, Any]) -> int | str | None:
    port = whole(read, "antennaPort", *ANTENNA)
    if port is not None:
        return port
    name = words(read, "antennaName")
    return room_name(name) if name else None


class ImpinjIot(MqttReader):
    """One Impinj reader; its link is the event topic chosen on it, or a prefix of that."""

    class Settings(driver.Settings):
        """``[readers.settings]`` of an Impinj reader."""

        epc_encoding: Literal["base64", "hex"] = "base64"
        """What ``epc`` and ``tid`` of an event hold where the hex members are off; simulators write hex."""
        identify: Literal["epc", "tid", "both"] = "epc"
        """Which of a tag's two numbers customers are enrolled by."""
        will_text: str = Field(default="connection lost", min_length=1, max_length=256)
        """The reader's will message, told by the broker when it is lost."""
        connect_text: str = Field(default="connected", min_length=1, max_length=256)
        """The reader's connect message."""
        disconnect_text: str = Field(default="disconnected", min_length=1, max_length=256)
        """The reader's disconnect message."""

    settings: ClassVar[type[driver.Settings]] = Settings

    @staticmethod
    def decoder(reader: str, settings: ImpinjIot.Settings, clocks: Clocks | None = None) -> ImpinjIotDecoder:
        """Events in, sightings of ``reader`` out."""
        return ImpinjIotDecoder(reader, settings, clocks or Clocks())

    def _filters(self) -> list[str]:
        return below(self._link)

    def _decoder(self) -> ImpinjIotDecoder:
        return self.decoder(self._reader, self._settings, self._clocks)
