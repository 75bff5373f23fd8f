"""What a driver is to the rest of the house."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol
from unicodedata import normalize

from pydantic import BaseModel, ConfigDict, field_validator

from reader_drivers.sighting import Found, Rejected, Sighting


class ReaderLost(Exception):
    """The link to a reader is gone or its reader does not answer; the text says why, for a person."""


def _composed(value: Any) -> Any:
    if isinstance(value, str):
        return normalize("NFC", value)
    if isinstance(value, list | tuple):
        return type(value)(_composed(each) for each in value)
    return {_composed(key): _composed(each) for key, each in value.items()} if isinstance(value, dict) else value


class Settings(BaseModel):
    """What ``[readers.settings]`` may hold for one driver; each driver derives its own."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    @field_validator("*", mode="before")
    @classmethod
    def _one_form(cls, value: Any) -> Any:
        """Names in NFC, as those in messages are."""
        return _composed(value)


@dataclass(slots=True)
class Status:
    """What is known of one reader just now: the driver writes it, whoever keeps the reader looks at it."""

    firmware: str | None = None
    """Model and firmware where the protocol tells them."""
    heard_at: float | None = None
    """Last sign of life, a frame or message of any kind; seconds since 1970 UTC."""
    quiet: str | None = None
    """Why the reader is connected and yet deaf; None while all is well."""
    bytes_in: int = 0
    frames: int = 0
    sightings: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    """How often each kind of fault was seen: the part of a Rejected's reason before its colon."""

    def heard(self, at: float) -> None:
        """Counts one frame that was one sighting, at ``at`` (seconds since 1970 UTC)."""
        self.heard_at = at
        self.frames += 1
        self.sightings += 1

    def tally(self, found: Iterable[Found], at: float) -> list[Sighting]:
        """Counts what a decoder found at ``at`` (seconds since 1970 UTC) and gives back the sightings among it."""
        sightings = []
        frames = 0
        for each in found:
            if isinstance(each, Rejected):
                self.rejected[each.reason.partition(":")[0]] += 1
                continue
            frames += 1
            if isinstance(each, Sighting):
                sightings.append(each)
        if frames:
            self.heard_at = at
            self.frames += frames
            self.sightings += len(sightings)
        return sightings


class Decoder(Protocol):
    """Bytes of one serial or TCP link in, what they mean out; does no input or output and never raises on input."""

    def feed(self, chunk: bytes, at: float) -> Iterable[Found]:
        """What is complete after this chunk; ``at`` is when it arrived, in seconds since 1970 UTC."""
        ...

    def idle(self, at: float) -> Iterable[Found]:
        """The line has been silent: what that makes of the bytes held back."""
        ...


class MessageDecoder(Protocol):
    """One MQTT message in, what it means out; does no input or output and never raises on input."""

    def message(self, topic: str, payload: bytes, at: float, *, retained: bool = False) -> Iterable[Found]:
        """What this message holds; ``topic`` is as it came, ``at`` seconds since 1970 UTC."""
        ...


class Driver(Protocol):
    """One configured reader."""

    over: ClassVar[Literal["serial", "mqtt", "tcp"]]
    settings: ClassVar[type[Settings]]
    status: Status

    def listen(self) -> AsyncIterator[list[Sighting]]:
        """Opens the link, starts the reader and yields what it hears in batches, until it raises ReaderLost.

        The first batch may be empty: it says that the link is open and the reader, where it can, has answered.
        Closing the iterator stops the reader and closes the link.
        """
        ...

    @staticmethod
    def decoder(reader: str, settings: Any) -> Decoder | MessageDecoder:
        """The pure part of this driver, for sightings of ``reader``; ``settings`` is an instance of its Settings."""
        ...
