"""Writes down what the readers of a venue hear, identifiers as keyed hashes, as a recording that can be replayed."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from gateway.recognition.recording import Head, Read, Sensing, create, line
from gateway.settings.venue import ReaderConfig, VenueConfig
from reader_drivers.sighting import Left, Sensed, Sighting

DIGITS = 24  # hex digits kept of a hash: as long as an EPC of 96 bits


class Recorder:
    """An open recording; its key is made for it and forgotten with it, so that no two recordings can be joined."""

    def __init__(self, path: Path, config: VenueConfig) -> None:
        self._key = secrets.token_bytes(32)
        self._several = {r.id for r in config.readers if len(r.places) > 1}
        self._file = create(path)
        self._file.write(line(head_of(config, path.name.removesuffix(".gz").removesuffix(".jsonl"))) + "\n")
        self.reads = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def hear(self, sighting: Sighting) -> None:
        """One read, or what a sensor says, into the file; a phone's farewell is none."""
        if isinstance(sighting, Left):
            return
        if isinstance(sighting, Sensed):
            self._file.write(line(Sensing(sighting.at, self._named(sighting), sighting.kind, sighting.on)) + "\n")
            return
        scheme, _, _ = sighting.identifier.partition(":")
        tid = self._hash(sighting.tid) if sighting.tid is not None else None
        read = Read(
            sighting.at,
            self._named(sighting),
            f"{scheme}:{self._hash(sighting.identifier)}",
            sighting.rssi,
            sighting.antenna,
            tid,
        )
        self._file.write(line(read) + "\n")
        self.reads += 1

    def _named(self, sighting: Sighting) -> str:
        if sighting.reader in self._several:
            return place_of(sighting.reader, sighting.antenna)
        return sighting.reader

    def _hash(self, secret: str) -> str:
        return hmac.digest(self._key, secret.encode(), "sha256").hex()[:DIGITS]

    def close(self) -> None:
        """Ends the recording; a second call does nothing."""
        self._file.close()


def head_of(config: VenueConfig, name: str) -> Head:
    """The head of a recording of this venue: a reader that covers several zones counts as one for each."""
    readers = dict(_places(r for r in config.readers if r.senses is None))
    sensors = {s: zone for s, zone in _places(r for r in config.readers if r.senses is not None) if zone is not None}
    role = {r.id: r.role for r in config.readers}
    roles = {place: role[place.partition("/")[0]] for place in (*readers, *sensors)}
    zones = [z.id for z in config.zones]
    floors = {z.id: z.floor for z in config.zones if z.floor is not None}
    stairs = [z.id for z in config.zones if z.stairs]
    return Head(
        name, zones, readers, kind=config.venue.kind, roles=roles, source="moments record", floors=floors,
        stairs=stairs, sensors=sensors,
    )  # fmt: skip


def place_of(reader: str, antenna: int | str | None) -> str:
    """What one antenna or room of a reader is called in a recording."""
    return f"{reader}/{antenna}"


def _places(readers: Iterable[ReaderConfig]) -> Iterable[tuple[str, str | None]]:
    for r in readers:
        if len(r.places) > 1:
            yield from ((place_of(r.id, antenna), zone) for antenna, zone in r.places.items())
        else:
            yield r.id, next(iter(r.zones), None)
