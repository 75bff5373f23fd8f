"""The floor: who works here now, in which zones, and whose tablet is alive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

GUEST_ROLES = frozenset({"floor", "crew", "manager"})  # those who look after customers


@dataclass(slots=True)
class Member:
    """One member of staff as routing sees them; ``zones`` empty means the whole venue."""

    id: str
    name: str
    roles: frozenset[str]
    zones: frozenset[str] = frozenset()
    languages: tuple[str, ...] = ()


@dataclass(slots=True)
class Shift:
    """Who works now, in which zones (none: their own), until when (None: until told otherwise; seconds since 1970)."""

    zones: frozenset[str] = frozenset()
    until: float | None = None


class Floor:
    """Staff, their shifts, and how many live tablets each holds."""

    def __init__(self) -> None:
        self._members: dict[str, Member] = {}
        self._shifts: dict[str, Shift] = {}
        self._tablets: Counter[str] = Counter()

    def copy(self) -> Floor:
        """The floor as it is now, to see what it would be like otherwise."""
        other = Floor()
        other._members, other._shifts = dict(self._members), dict(self._shifts)
        other._tablets = Counter(self._tablets)
        return other

    def put(self, member: Member) -> None:
        """Adds or changes a member of staff."""
        self._members[member.id] = member

    def remove(self, staff: str) -> None:
        """Takes a member of staff off the floor."""
        self._members.pop(staff, None)
        self._shifts.pop(staff, None)

    def member(self, staff: str) -> Member | None:
        """The member with this id."""
        return self._members.get(staff)

    def members(self) -> list[Member]:
        """Everyone, in the order in which they were put."""
        return list(self._members.values())

    def name_of(self, staff: str | None) -> str | None:
        """The name to show for an id; the id itself for one who is gone."""
        member = self._members.get(staff) if staff else None
        return member.name if member else staff

    def start_shift(self, staff: str, shift: Shift) -> None:
        """On shift from now."""
        self._shifts[staff] = shift

    def end_shift(self, staff: str) -> None:
        """Off shift from now."""
        self._shifts.pop(staff, None)

    def shift(self, staff: str) -> Shift | None:
        """The shift that runs, None when off."""
        return self._shifts.get(staff)

    def on_shift(self, staff: str, now: float) -> bool:
        """Whether this person works now."""
        shift = self._shifts.get(staff)
        return shift is not None and (shift.until is None or now < shift.until)

    def shift_times(self, by: float) -> None:
        """The clock was set by so many seconds: each shift has as long to go as before."""
        self._shifts = {
            staff: Shift(shift.zones, None if shift.until is None else shift.until + by)
            for staff, shift in self._shifts.items()
        }

    def connect(self, staff: str) -> None:
        """One more live tablet of this person."""
        self._tablets[staff] += 1

    def disconnect(self, staff: str) -> None:
        """One live tablet fewer."""
        self._tablets[staff] -= 1
        if self._tablets[staff] <= 0:
            del self._tablets[staff]

    def connected(self, staff: str) -> bool:
        """Whether this person holds a live tablet."""
        return staff in self._tablets

    def zones_of(self, staff: str) -> frozenset[str]:
        """The zones this person looks after just now; empty means all."""
        shift = self._shifts.get(staff)
        member = self._members.get(staff)
        return (shift.zones if shift else frozenset()) or (member.zones if member else frozenset())

    def covers(self, staff: str, zone: str) -> bool:
        """Whether this person looks after that zone just now."""
        zones = self.zones_of(staff)
        return not zones or zone in zones

    def reachable(self, now: float) -> Iterable[Member]:
        """Those who look after customers, are on shift and hold a live tablet."""
        return (
            m
            for m in self._members.values()
            if m.roles & GUEST_ROLES and m.id in self._tablets and self.on_shift(m.id, now)
        )

    def answers(self, staff: str, now: float) -> bool:
        """Whether a card that rings with this person is seen: a live tablet, and on shift or a manager."""
        member = self._members.get(staff)
        return (
            member is not None
            and staff in self._tablets
            and bool(member.roles & GUEST_ROLES)
            and (self.on_shift(staff, now) or "manager" in member.roles)
        )

    def over(self, now: float) -> list[str]:
        """Those whose shift has run out."""
        return [staff for staff, shift in self._shifts.items() if shift.until is not None and shift.until <= now]

    def on_shift_with(self, role: str, now: float) -> list[str]:
        """Those of this role who work now, with or without a tablet."""
        return [m.id for m in self._members.values() if role in m.roles and self.on_shift(m.id, now)]

    def managers(self, now: float) -> list[Member]:
        """Managers with a live tablet, those on shift first."""
        managers = [m for m in self._members.values() if "manager" in m.roles and m.id in self._tablets]
        return sorted(managers, key=lambda m: not self.on_shift(m.id, now))
