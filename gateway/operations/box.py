"""A box of keychains: each is held to one reader after the other and is put on a list, in memory and shown in part.

What is held is the tag that stands out: nothing else is heard as well while it is, or much weaker. Whatever else the
reader hears is counted and is on no list: a guest who passes, or the box itself beside the reader. Time comes with the
sightings and with who looks; what was given to nobody is forgotten with the list.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gateway.events.times import iso
from gateway.operations.enrolment import NEEDED, SHOWN
from gateway.operations.walk_test import mask
from gateway.recognition.identifiers import printed
from reader_drivers.sighting import Left, Sensed, Sighting

MOST = 500  # on one list
CLOSED_AFTER = 300.0  # seconds without a look: whoever held them has gone
TOGETHER = 1.5  # seconds within which two tags are heard together
STANDS_OUT = 6.0  # dB above whatever else is heard: at a third of the distance and less
ANEW = 3.0  # seconds of silence after which a tag that is heard again is held once more
PHONES = frozenset({"ibeacon", "eddystone", "irk", "ble", "alias", "owntracks"})


@dataclass(slots=True)
class Keychain:
    """One of the list; ``given`` is to whom, ``back``: it is heard again after a silence, and that is not said yet."""

    identifier: str
    tid: str | None
    at: float
    again: int = 0
    back: bool = False
    given: str | None = None


class Box:
    """What one reader was held; ``owned`` says whether somebody has an identifier."""

    def __init__(
        self, reader: str, owned: Callable[[str], bool], now: float, shown: Callable[[float], float] = float
    ) -> None:
        self.reader = reader
        self.looked_at = now
        self._owned = owned
        self._shown = shown
        self._rows: dict[str, Keychain] = {}
        self._near: dict[str, tuple[float, float | None]] = {}  # what was heard just now: when, how strong
        self._reads: dict[str, int] = {}
        self._again: str | None = None

    def hear(self, sighting: Sighting) -> None:
        """One read of anything; of another reader, of a phone and of nothing that is held it is none."""
        if isinstance(sighting, Left | Sensed) or sighting.reader != self.reader:
            return
        identifier, at = sighting.identifier, sighting.at
        if identifier.partition(":")[0] in PHONES:
            return
        self._near = {each: heard for each, heard in self._near.items() if at - heard[0] <= TOGETHER}
        self._near[identifier] = at, sighting.rssi
        row = self._rows.get(identifier)
        if row is not None:
            row.back = row.back or at - row.at > ANEW
            row.at = max(row.at, at)
            if row.back and self._stands_out(identifier):  # it may have come before the one ahead of it was away
                row.back, row.again = False, row.again + 1
                self._again = identifier
        elif self._stands_out(identifier) and len(self._rows) < MOST:
            self._reads = {identifier: self._reads.get(identifier, 0) + 1}  # of what is held now, and of nothing else
            if self._reads[identifier] >= NEEDED.get(identifier.partition(":")[0], 1):
                self._rows[identifier], self._again = Keychain(identifier, sighting.tid, at), None

    def look(self, now: float) -> dict[str, Any]:
        """The list, the newest first, as JSON; ``again`` is the number of one that was held a second time just now."""
        self.looked_at = now
        numbers = {identifier: number for number, identifier in enumerate(self._rows, 1)}
        near = [each for each, heard in self._near.items() if now - heard[0] <= TOGETHER]
        return {
            "reader": self.reader,
            "again": numbers.get(self._again or ""),
            "crowded": len(near) > 1,
            "full": len(self._rows) >= MOST,
            "rows": [self._shape(number, self._rows[each]) for each, number in reversed(numbers.items())],
        }

    def find(self, number: int) -> Keychain | None:
        """The keychain with this number, from 1."""
        return dict(enumerate(self._rows.values(), 1)).get(number)

    def over(self, now: float) -> bool:
        """Whether nobody looks any more."""
        return now - self.looked_at > CLOSED_AFTER

    def _stands_out(self, identifier: str) -> bool:
        _, rssi = self._near[identifier]
        others = [strength for each, (_, strength) in self._near.items() if each != identifier]
        if not others:
            return True
        return rssi is not None and all(each is not None and rssi - each >= STANDS_OUT for each in others)

    def _shape(self, number: int, row: Keychain) -> dict[str, Any]:
        numbers = printed(row.identifier)
        return {
            "number": number,
            "shown": mask(row.identifier),
            "printed": [f"…{each[-SHOWN:]}" for each in numbers] if numbers else [],
            "at": iso(self._shown(row.at)),
            "again": row.again,
            "given": row.given,
            "taken": row.given is None and self._owned(row.identifier),
        }
