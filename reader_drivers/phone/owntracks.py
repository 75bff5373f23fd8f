"""OwnTracks: an app with which a customer lets us know that they enter or are in a region of ours.

Source: OwnTracks booklet (JSON, encryption) and its JSON schema. Under a prefix, "owntracks":

    <user>/<device>         location, retained as a rule; lwt; encrypted
    <user>/<device>/event   transition
    <user>/<device>/beacon  beacon: which one an iPhone that ranges hears, and how well
    <user>/<device>/…       waypoints, status and others: not listened to

    {"_type": "transition", "event": "enter" | "leave", "desc": region, "tst": epoch s}
    {"_type": "location", "inregions": [region], "tst": epoch s}
    {"_type": "beacon", "desc": region, "uuid", "major", "minor", "tst": epoch s, "rssi": dBm, "acc": m, "prox": 0…3}
    {"_type": "lwt"}                                              the phone has lost its network, and may be here still
    {"_type": "encrypted", "data": base64 of nonce (24) + secretbox}

Coordinates are in most messages and are never looked at. A region is an antenna: give those of the venue in ``rooms``.
Who leaves a region, or is in none any more, is told as ``Left``: nothing else that a phone does says so.
A beacon is the region that its ``desc`` names, else the one of ``regions`` that is called by its UUID.
Of a customer's other regions, their home for one, nothing is told where ``regions`` names ours.
"""

from __future__ import annotations

import importlib
import os
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from reader_drivers import driver
from reader_drivers.hardened_json import number, parse, whole, words
from reader_drivers.messages import DISTANCE, RSSI, Messages, MqttReader, NoSighting, room_name
from reader_drivers.reader_clock import Clocks
from reader_drivers.sighting import Found, Ignored, Left, Rejected, Sighting
from reader_drivers.spelling import ibeacon, spelled
from reader_drivers.texts import folded, one_width

PREFIX = "owntracks"
OTHERS = {"waypoint", "waypoints", "status", "step", "dump", "info", "cmd", "cards", "request"}
MOST_REGIONS = 100  # of one message
UNHEARD = 0  # prox of a beacon that the phone has lost for the moment
KEY = 32  # bytes; shorter keys are filled up with zeros
SHORTEST_BOX = 40  # bytes: nonce and authenticator
ANYBODY = "*"
MISSING = "reading it needs the package PyNaCl: install moments[owntracks]"


class Keys:
    """What devices encrypt with: a file of lines ``user/device key``, ``*`` for all others; never shown or logged."""

    def __init__(self, file: str | None) -> None:
        self._keys: dict[str, bytes] = {}
        self.fault: str | None = None
        """Why nothing can be decrypted, for a person; None where it can, or nobody wants it."""
        if file is None:
            return
        try:
            self._keys = _read_keys(_credential(file))
            importlib.import_module("nacl.secret")
        except OSError as fault:
            self.fault = f"its key file cannot be read: {(fault.strerror or 'unknown fault').lower()}"
        except ModuleNotFoundError:
            self.fault = MISSING
        except ValueError as fault:
            self.fault = str(fault)

    def open(self, who: str, text: object) -> bytes:
        """What ``who``, user/device, encrypted; ValueError in words."""
        if self.fault:
            raise ValueError(f"encrypted: {self.fault}")
        if not self._keys:
            raise ValueError("encrypted: no key_file is given in the settings")
        key = self._keys.get(who, self._keys.get(ANYBODY))
        if key is None:
            raise ValueError("encrypted: no key for this device in the key file")
        try:
            box = b64decode(text if isinstance(text, str) else "", validate=True)
        except (NotBase64, ValueError):
            raise ValueError("encrypted: data is not base64") from None
        if len(box) < SHORTEST_BOX:
            raise ValueError("encrypted: data is too short")
        secret = importlib.import_module("nacl.secret")
        try:
            opened: bytes = secret.SecretBox(key).decrypt(box)
        except importlib.import_module("nacl.exceptions").CryptoError:
            raise ValueError("encrypted: with another key than the one in the key file, or damaged") from None
        return opened


def _credential(name: str) -> Path:
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    return Path(folder, name) if folder and Path(folder, name).is_file() else Path(name)


def _read_keys(file: Path) -> dict[str, bytes]:
    keys = {}
    for count, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        who, _, key = line.strip().partition(" ")
        if not who or who.startswith("#"):
            continue
        if not key.strip() or len(key.strip().encode()) > KEY:
            raise ValueError(f"its key file, line {count}: expected user/device, a space and a key of 1 to {KEY} bytes")
        keys[who if who == ANYBODY else one_width(who)] = key.strip().encode().ljust(KEY, b"\0")
    return keys


class OwnTracksDecoder(Messages):
    """One message of any phone in, the regions that it is in out."""

    def __init__(self, reader: str, regions: Iterable[str], keys: Keys, clocks: Clocks) -> None:
        self._reader = reader
        self._regions = {folded(region): region for region in regions}
        self._keys = keys
        self._clocks = clocks

    def quiet(self, now: float) -> str | None:
        """Why encrypted messages cannot be read, if so."""
        return self._keys.fault and f"encrypted messages: {self._keys.fault}"

    def _meanings(self, topic: str, payload: bytes, at: float, retained: bool) -> list[Found]:
        *above, last = topic.split("/")
        if len(above) < 2:
            raise ValueError("topic: not prefix/user/device")
        if last in OTHERS and len(above) > 2:
            return [Ignored("neither a location nor a transition")]
        names = above[-2:] if last in ("event", "beacon") and len(above) > 2 else [*above[-1:], last]
        who = spelled("owntracks", "/".join(names))
        value = parse(payload)
        if value.get("_type") == "encrypted":
            value = parse(self._keys.open(who.partition(":")[2], value.get("data")))
        return self._plain(value, who, at, retained)

    def _plain(self, value: dict[str, Any], who: str, at: float, retained: bool) -> list[Found]:
        match kind := words(value, "_type"):
            case "transition":
                regions = [value.get("desc")]
                event = words(value, "event")
                if event not in ("enter", "leave"):
                    raise ValueError("event: neither enter nor leave")
            case "location":
                regions, event = value.get("inregions", []), "enter"
                if not isinstance(regions, list) or len(regions) > MOST_REGIONS:
                    raise ValueError(f"inregions: not a list of up to {MOST_REGIONS} names")
            case "beacon":
                return [self._beacon(value, who, at, retained)]
            case "lwt":
                raise NoSighting("the phone has lost its network; it may be here still")
            case None:
                raise ValueError("_type: missing")
            case _:
                raise NoSighting("neither a location nor a transition")
        heard = self._heard(value, who, at, retained)
        if kind == "location" and self._outside(regions):
            return [Left(self._reader, None, who, None, None, heard)]
        return [self._region(region, who, heard, Left if event == "leave" else Sighting) for region in regions]

    def _heard(self, value: dict[str, Any], who: str, at: float, retained: bool) -> float:
        heard = self._clocks.at(who, value.get("tst"), at, retained=retained)
        if heard is None:
            raise NoSighting("a retained location without a time: nobody knows how old it is")
        return heard

    def _beacon(self, value: dict[str, Any], who: str, at: float, retained: bool) -> Found:
        rssi = number(value, "rssi", *RSSI, text=True)
        metres = number(value, "acc", -1.0, float("inf"), text=True)  # -1: it cannot say
        if whole(value, "prox", 0, 3, text=True) == UNHEARD and rssi is None:
            raise NoSighting("a beacon that the phone does not hear just now")
        found = self._region(self._region_of(value), who, self._heard(value, who, at, retained), Sighting)
        if isinstance(found, Sighting):
            found.rssi = rssi
            found.distance = metres if metres is not None and 0 < metres <= DISTANCE[1] else None
        return found

    def _region_of(self, value: dict[str, Any]) -> str:
        """What the venue calls a beacon: its name where it has one, else its UUID, alone or with its numbers."""
        named = words(value, "desc")
        if named and (folded(named) in self._regions or not self._regions or not value.get("uuid")):
            return named
        numbers = [whole(value, key, 0, 0xFFFF, text=True) or 0 for key in ("major", "minor")]
        whole_name = ibeacon(value.get("uuid"), *numbers).removeprefix("ibeacon:")
        uuid = whole_name.rsplit("-", 2)[0]
        called = (self._regions.get(folded(each)) for each in (whole_name, uuid))
        return next(filter(None, called), named or whole_name)

    def _outside(self, regions: list[Any]) -> bool:
        if not all(isinstance(region, str) for region in regions):
            return False
        return self._regions.keys().isdisjoint(map(folded, regions)) if self._regions else not regions

    def _region(self, region: object, who: str, heard: float, told: type[Sighting]) -> Found:
        if not isinstance(region, str):
            return Rejected("region: missing" if region is None else "region: not text")
        if self._regions and folded(region) not in self._regions:
            return Ignored("a region that is none of ours")
        try:
            ours = self._regions.get(folded(region), region)
            return told(self._reader, room_name(ours), who, None, None, heard)
        except ValueError as fault:
            return Rejected(str(fault))


class OwnTracks(MqttReader):
    """All phones that publish under one topic prefix; each region is an antenna."""

    class Settings(driver.Settings):
        """``[readers.settings]`` of OwnTracks."""

        regions: tuple[str, ...] = Field(default=(), max_length=500)
        """Names of the venue's regions; nothing is told of any other. None named: all are told."""
        key_file: str | None = Field(default=None, min_length=1)
        """A file of lines ``user/device key``, for encrypted messages: its path, or its name among the credentials."""

    settings: ClassVar[type[driver.Settings]] = Settings

    @staticmethod
    def decoder(reader: str, settings: OwnTracks.Settings, clocks: Clocks | None = None) -> OwnTracksDecoder:
        """Messages in, sightings of ``reader`` out."""
        return OwnTracksDecoder(reader, settings.regions, Keys(settings.key_file), clocks or Clocks())

    def _filters(self) -> list[str]:
        prefix = self._link.strip("/") or PREFIX
        return [f"{prefix}/+/+", f"{prefix}/+/+/event", f"{prefix}/+/+/beacon"]

    def _decoder(self) -> OwnTracksDecoder:
        return self.decoder(self._reader, self._settings, self._clocks)
