"""Tags and phones that nobody has yet, while IT's enrolment screen is open: in memory, for a minute, shown in part.

Time comes with the sightings and with who looks.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gateway.events.times import iso
from gateway.operations.walk_test import mask
from gateway.recognition.identifiers import BadIdentifier, parse, printed
from reader_drivers.sighting import Left, Sensed, Sighting

KEPT = 60.0  # seconds after it was heard last
CLOSED_AFTER = 10.0  # seconds without a look: the screen is gone
MOST = 60  # at once
NEEDED = {"em": 2}  # reads until it is sure: an 8-bit check lets 1 in 256 ghosts through
SHOWN = 5  # last digits of a printed number

DECIMAL = re.compile(r"\d{1,10}", re.ASCII)
PRINTED_PAIR = re.compile(r"(\d{1,3})\s*,\s*(\d{1,5})", re.ASCII)


class NotHeard(LookupError):
    """A printed number names no tag that was heard: it leaves out the tag's first byte, so a reader must tell it."""


@dataclass(slots=True)
class Heard:
    """One tag or phone; ``identifier`` may be a secret and is not for showing."""

    identifier: str
    reader: str | None
    antenna: int | str | None
    rssi: float | None
    at: float
    tid: str | None = None
    reads: int = 1

    @property
    def sure(self) -> bool:
        """Whether it was read often enough to be no ghost."""
        return self.reader is None or self.reads >= NEEDED.get(self.identifier.partition(":")[0], 1)


class Enrolment:
    """What was heard or typed since the screen was opened; ``owned`` says whether somebody has an identifier."""

    def __init__(self, owned: Callable[[str], bool], now: float, shown: Callable[[float], float] = float) -> None:
        self._shown = shown
        self.looked_at = now
        self._owned = owned
        self._heard: dict[str, Heard] = {}
        self._keys: dict[str, str] = {}  # what names an identifier outside → the identifier

    def hear(self, sighting: Sighting) -> None:
        """One read of anything; a farewell is none."""
        if isinstance(sighting, Left | Sensed):
            return
        known = self._heard.get(sighting.identifier)
        if known is None:
            if len(self._heard) >= MOST:
                self._forget(min(self._heard.values(), key=lambda each: each.at).identifier)
            s = sighting
            self._add(Heard(s.identifier, s.reader, s.antenna, s.rssi, s.at, s.tid))
            return
        known.reads = known.reads + 1 if known.reader is not None else 1
        known.reader, known.antenna, known.at = sighting.reader, sighting.antenna, sighting.at
        known.rssi, known.tid = sighting.rssi, sighting.tid or known.tid

    def typed(self, text: str, now: float) -> str:
        """The key of what somebody typed: an identifier, or the number printed on a fob that was heard.

        Raises BadIdentifier, and NotHeard for a printed number of no fob that was heard.
        """
        identifier = self._of_printed(text.strip().removeprefix("em:"))
        if identifier is None:
            identifier = parse(text)
            if identifier not in self._heard:
                self._add(Heard(identifier, None, None, None, now))
        self._heard[identifier].at = max(now, self._heard[identifier].at)
        return next(key for key, each in self._keys.items() if each == identifier)

    def look(self, now: float, keep: str | None = None) -> list[dict[str, Any]]:
        """What there is, the newest first, as JSON; what was not heard for a minute is forgotten, but for ``keep``."""
        self.looked_at = now
        kept = self._keys.get(keep or "")
        for each in [h for h in self._heard.values() if h.identifier != kept and now - h.at > KEPT]:
            self._forget(each.identifier)
        rows = [self._shape(key, self._heard[identifier]) for key, identifier in self._keys.items()]
        return sorted(rows, key=lambda row: str(row["at"]), reverse=True)

    def find(self, key: str) -> Heard | None:
        """What is behind a key; None where it is forgotten."""
        return self._heard.get(self._keys.get(key, ""))

    def over(self, now: float) -> bool:
        """Whether nobody looks any more."""
        return now - self.looked_at > CLOSED_AFTER

    def _of_printed(self, text: str) -> str | None:
        """The fob that was heard with this printed number; None where the text is no printed number."""
        pair = PRINTED_PAIR.fullmatch(text)
        if pair is None and not DECIMAL.fullmatch(text):
            return None
        wanted = f"{int(pair[1]):03d},{int(pair[2]):05d}" if pair else f"{int(text):010d}"
        for identifier in self._heard:
            if wanted in (printed(identifier) or ()):
                return identifier
        raise NotHeard("hold the fob to a reader first: the printed number leaves out its first byte")

    def _add(self, heard: Heard) -> None:
        self._heard[heard.identifier] = heard
        self._keys[secrets.token_urlsafe(9)] = heard.identifier

    def _forget(self, identifier: str) -> None:
        del self._heard[identifier]
        self._keys = {key: each for key, each in self._keys.items() if each != identifier}

    def _shape(self, key: str, heard: Heard) -> dict[str, Any]:
        numbers = printed(heard.identifier)
        return {
            "key": key,
            "scheme": heard.identifier.partition(":")[0],
            "shown": mask(heard.identifier),
            "printed": [f"…{number[-SHOWN:]}" for number in numbers] if numbers else [],
            "reader": heard.reader,
            "antenna": heard.antenna,
            "rssi": heard.rssi,
            "reads": heard.reads,
            "at": iso(self._shown(heard.at)),
            "sure": heard.sure,
            "taken": self._owned(heard.identifier),
        }


__all__ = ["BadIdentifier", "Enrolment", "Heard", "NotHeard"]
