"""The venue as recognition sees it: zones, and what each reader's evidence means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from reader_drivers.texts import folded

Role = Literal["outer", "inner", "exit", "zone", "tap"]


@dataclass(frozen=True, slots=True)
class ReaderPlace:
    """Where a reader stands: its role, its zone, and the zones of its antennas or rooms where it covers several."""

    role: Role = "zone"
    zone: str | None = None
    antennas: Mapping[int | str, str] = field(default_factory=dict)
    spelt: Mapping[str, str] = field(init=False, compare=False, repr=False)
    """Those that are called by a name, however it is spelt."""

    def __post_init__(self) -> None:
        named = {folded(name): zone for name, zone in self.antennas.items() if isinstance(name, str)}
        object.__setattr__(self, "spelt", named)


@dataclass(frozen=True, slots=True)
class Plan:
    """Zones by id, and every reader of the venue by id; on which floor a zone is, and which are ways between floors.

    ``sensors`` are contacts on doors and motion sensors, which read nobody.
    """

    zones: tuple[str, ...]
    readers: Mapping[str, ReaderPlace]
    floors: Mapping[str, int] = field(default_factory=dict)
    stairs: frozenset[str] = frozenset()
    sensors: Mapping[str, ReaderPlace] = field(default_factory=dict)

    def zone_of(self, reader: str, antenna: int | str | None) -> str | None:
        """The zone this antenna hears; None where the reader is unknown or has no zone."""
        place = self.readers.get(reader)
        if place is None:
            return None
        if antenna is not None and place.antennas:
            found = place.antennas.get(antenna)
            if found is None and isinstance(antenna, str):
                found = place.spelt.get(folded(antenna))
            return found or place.zone
        return place.zone

    def role_of(self, reader: str) -> Role | None:
        """What this reader's evidence means; None for a reader that is not in the plan."""
        place = self.readers.get(reader)
        return None if place is None else place.role

    @property
    def hears_inside(self) -> bool:
        """Some reader listens where people stay, so that silence says they have left."""
        return any(place.role == "zone" for place in self.readers.values())
