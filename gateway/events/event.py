"""What happened, whole: the event as the house keeps it and as the outside is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gateway.events.times import iso

HOUSE = "*house*"
"""Holder of the key for what belongs to no customer; never a customer's id, which holds no ``*``."""
STAFF = "*staff*"
"""Before a staff id: holder of the key for what is known of a member of staff."""

VISIT = "*visit*"
"""Before a visit's id: holder of the key for what was said for it alone; destroyed soon after it is over."""

GATEWAY = "gateway"
"""The actor of what happens by itself."""

CUSTOMER = "customer"
"""The actor of what a customer does on their own page."""

FORGOTTEN = frozenset({"customer.erased", "lent.ended"})
"""Of whom these tell nothing is known any more: whoever keeps something of them lets it go."""

Data = dict[str, Any]


@dataclass(slots=True)
class News:
    """Something to record and tell: an event before it has a number.

    ``subject`` is the id of what it is about, ``data`` what the catalogue's row of ``type`` says, ``actor`` who did it
    where that is not who acts, ``at`` when it happened (seconds since 1970 UTC) where that is not now, ``id`` the
    UUIDv7 made where the finger touched, where there is one. ``holder`` is whose key seals it, where that is not as
    ever.
    """

    type: str
    subject: str
    data: Data
    actor: str | None = None
    at: float | None = None
    id: str | None = None
    holder: str | None = None


@dataclass(slots=True)
class Event:
    """Something that happened.

    ``id`` is a UUIDv7, ``time`` in seconds since 1970 UTC, ``sequence`` its number in the journal.
    ``origin`` (venue), ``epoch`` and ``position`` say where it stands in the chain, ``position`` once it is appended;
    ``hlc`` is the hybrid logical clock (milliseconds << 16 | counter). ``holder`` is whose key seals ``data``.
    """

    id: str
    type: str
    subject: str
    holder: str
    time: float
    data: Data
    actor: str
    sequence: int
    origin: str = ""
    epoch: int = 0
    position: int = 0
    hlc: int = 0
    brand: str = ""
    recorded: bool = False
    """Whether the disk has it; what recognition sees is told before that."""
    carried: bool = False
    """Whether it is from before events held whole facts: its data is what was shown then."""
    told: int = 0
    """The number under which it left where others had overtaken it; 0: it left under its ``sequence``."""

    @property
    def number(self) -> int:
        """The number from which whoever was told of it resumes."""
        return self.told or self.sequence

    def envelope(self, source: str, data: Data) -> Data:
        """The CloudEvents 1.0 envelope around what an audience may see of ``data``."""
        return {
            "specversion": "1.0",
            "id": self.id,
            "source": source,
            "type": self.type,
            "subject": self.subject,
            "time": iso(self.time),
            "sequence": self.number,
            "actor": self.actor,
            "recorded": self.recorded,
            "data": data,
        }
