"""What every driver produces, whatever its wire looks like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(slots=True)
class Sighting:
    """One reader heard one identifier, at one time, this strong.

    ``antenna`` is a port number, or the room of a beacon node; ``identifier`` is ``scheme:value``, normalised;
    ``rssi`` is in dBm, ``distance`` in metres, both None where the device gives none, never 0; ``at`` is in
    seconds of the steady clock; ``tid`` is the chip's own number in upper-case hex, None where the
    reader does not tell it. Slotted and not frozen: frozen doubles the cost of making one.
    """

    reader: str
    antenna: int | str | None
    identifier: str
    rssi: float | None
    distance: float | None
    at: float
    tid: str | None = None


@dataclass(slots=True)
class Left(Sighting):
    """A device's own word that it has left what ``antenna`` stands for, or everything (None): a farewell, no read."""


@dataclass(slots=True)
class Sensed(Sighting):
    """A door that has been opened (``on``) or shut, or motion that has begun (``on``) or ended: nobody's, and no read.

    ``identifier`` is empty.
    """

    kind: Literal["motion", "contact"] = "contact"
    on: bool = False


@dataclass(slots=True)
class Rejected:
    """Bytes or a payload that are not a good message: ``reason`` says what was wrong, where and what was expected."""

    reason: str


@dataclass(slots=True)
class Ignored:
    """A valid message that is no sighting: ``reason`` says what it is."""

    reason: str


Found = Sighting | Rejected | Ignored
