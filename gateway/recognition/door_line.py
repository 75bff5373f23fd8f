"""Where the line of a door lies: by how many dB the inside hears those who are in better than the street does.

Equal loudness is not the line: one reader hangs behind glass, the other on a pillar. Those who were greeted inside and
those who never came in teach where it is, and how sure a dB makes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LINE_DB = 0.0  # keychains inside a real door averaged 3 dB, those outside it -7
NATS_PER_DB = 1.2
MOST_NATS = 8.0
SPREAD_DB = 4.0  # of the mean levels of those on one side
LEAST_NATS_PER_DB = 0.4
MOST_NATS_PER_DB = 2.0
KNOWN = 20.0  # people of a side, after whom what was learnt and what is usual weigh the same as each other
MEMORY = 200.0  # people after whom new ones replace old ones


@dataclass(slots=True)
class Side:
    """The leads (dB) of people who were on one side: how many, their mean and their variance."""

    count: float = 0.0
    mean: float = 0.0
    variance: float = SPREAD_DB * SPREAD_DB

    def add(self, lead: float) -> None:
        """One more person."""
        self.count = min(MEMORY, self.count + 1.0)
        off = lead - self.mean
        self.mean += off / self.count
        self.variance += (min(off * off, 4.0 * self.variance) - self.variance) / (self.count + KNOWN)


@dataclass(slots=True)
class DoorLine:
    """Both sides of the doors of a venue, as beacons are heard there."""

    inside: Side = field(default_factory=Side)
    outside: Side = field(default_factory=Side)
    line_db: float = LINE_DB
    nats_per_db: float = NATS_PER_DB

    def nats(self, lead: float) -> float:
        """For "inside", of somebody whom the inside hears so many dB better than the street."""
        return max(-MOST_NATS, min(MOST_NATS, self.nats_per_db * (lead - self.line_db)))

    def learn(self, lead: float, *, inside: bool) -> None:
        """Somebody with this lead was inside, or never came in."""
        (self.inside if inside else self.outside).add(lead)
        self._place()

    def _place(self) -> None:
        """The line where both sides are as likely, and how much a dB beyond it says, drawn from the usual ones."""
        count = min(self.inside.count, self.outside.count)
        apart = self.inside.mean - self.outside.mean
        self.line_db, self.nats_per_db = LINE_DB, NATS_PER_DB
        if count < 1.0 or apart <= 0.0:  # a door whose street is heard better inside cannot be told by levels
            return
        share = count / (count + KNOWN)
        ins, out = self.inside.variance, self.outside.variance
        line = (self.inside.mean * out**0.5 + self.outside.mean * ins**0.5) / (ins**0.5 + out**0.5)
        steep = max(LEAST_NATS_PER_DB, min(MOST_NATS_PER_DB, 2.0 * apart / (ins + out)))
        self.line_db = LINE_DB + share * (line - LINE_DB)
        self.nats_per_db = NATS_PER_DB + share * (steep - NATS_PER_DB)

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            name: [round(side.count, 1), round(side.mean, 2), round(side.variance, 2)]
            for name, side in (("inside", self.inside), ("outside", self.outside))
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> DoorLine:
        """What ``document`` gave; raises KeyError, TypeError, ValueError."""
        line = cls()
        for name, side in (("inside", line.inside), ("outside", line.outside)):
            count, mean, variance = (float(number) for number in document[name])
            if not (0.0 <= count <= MEMORY and -100.0 <= mean <= 100.0 and 0.1 <= variance <= 1000.0):
                raise ValueError(f"door.{name}: {document[name]!r}: expected a count, a mean in dB and a variance")
            side.count, side.mean, side.variance = count, mean, variance
        line._place()
        return line
