"""Who sits where: a guest has one place at most, and a place one guest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gateway.service.alert import Refused

PlaceKind = Literal["seat", "chair", "table", "room"]


@dataclass(slots=True, frozen=True)
class Place:
    """One place inside a zone; ``group`` is its row or its table, None where it stands alone."""

    place: str
    zone: str
    kind: str
    group: str | None = None


@dataclass(slots=True, frozen=True)
class Seat:
    """Where the guest of a visit sits since ``since`` (seconds since 1970 UTC), and why; None: nowhere, since then."""

    visit: str
    customer: str
    place: str | None
    since: float
    because: str


class Seating:
    """The venue's places, and who sits at them."""

    def __init__(self, own: Iterable[Place] = ()) -> None:
        self._own = tuple(own)
        self.places: Mapping[str, Place] = {each.place: each for each in self._own}
        self._at: dict[str, Seat] = {}
        self._of: dict[str, Seat] = {}

    def take_up(self, own: Iterable[Place]) -> None:
        """The settings name these places from now on; ``lay_out`` puts the others beside them again."""
        self._own = tuple(own)

    def lay_out(self, brought: Iterable[Place]) -> None:
        """These places are there beside the venue's own, which stand before them."""
        self.places = {each.place: each for each in (*brought, *self._own)}
        self.places = {each.place: each for each in (*self._own, *self.places.values())}

    @property
    def own(self) -> tuple[Place, ...]:
        """The places that the settings name."""
        return self._own

    def in_zones(self, zones: Iterable[str]) -> list[Place]:
        """The places of some zones, in their order."""
        wanted = set(zones)
        return [each for each in self.places.values() if each.zone in wanted]

    def place(self, place: str) -> Place:
        """The place of this name; raises Refused(422) where there is none."""
        try:
            return self.places[place]
        except KeyError:
            raise Refused(422, f"there is no place {place!r}") from None

    def at(self, place: str) -> Seat | None:
        """Who sits there."""
        return self._at.get(place)

    def of(self, visit: str) -> Seat | None:
        """Where the guest of this visit sits, or was told to sit last; None for one who never had a place in it."""
        return self._of.get(visit)

    def place_of(self, visit: str) -> str | None:
        """The place that the guest of this visit has now."""
        seat = self._of.get(visit)
        return seat.place if seat is not None else None

    def all(self) -> list[Seat]:
        """Everybody who has a place."""
        return list(self._at.values())

    def known(self) -> list[Seat]:
        """Everybody who has a place, or had one in a visit that goes on."""
        return list(self._of.values())

    def put(self, seat: Seat) -> None:
        """From now on the guest sits there; whoever else is said to sit there does not any more."""
        before = self._of.pop(seat.visit, None)
        if before is not None and before.place is not None and self._at.get(before.place) is before:
            del self._at[before.place]
        if seat.place is not None:
            other = self._at.pop(seat.place, None)
            if other is not None:
                self._of[other.visit] = Seat(other.visit, other.customer, None, seat.since, "swap")
            self._at[seat.place] = seat
        self._of[seat.visit] = seat

    def left(self, visit: str) -> None:
        """The visit is over: its place is free."""
        before = self._of.pop(visit, None)
        if before is not None and before.place is not None and self._at.get(before.place) is before:
            del self._at[before.place]

    def shift_times(self, by: float) -> None:
        """The clock was set by so many seconds: who sits has sat as long as before."""
        self._of = {
            visit: Seat(seat.visit, seat.customer, seat.place, seat.since + by, seat.because)
            for visit, seat in self._of.items()
        }
        self._at = {seat.place: seat for seat in self._of.values() if seat.place is not None}

    # --- what would change --------------------------------------------------------------------------------------

    def moves(self, seat: Seat, *, swap: bool) -> list[Seat]:
        """The seats as they would change, those that are freed first; raises Refused(409) with who sits there.

        Nothing where the guest sits there already, or where something newer is known of them. With ``swap`` whoever
        sits there gets the guest's place, or none where they have none.
        """
        before = self._of.get(seat.visit)
        if before is not None and (before.place == seat.place or before.since > seat.since):
            return []
        if before is None and seat.place is None:
            return []
        if seat.place is None:
            return [seat]
        self.place(seat.place)
        there = self._at.get(seat.place)
        if there is None:
            return [seat]
        if not swap:
            raise Refused(409, f"somebody sits there already: {seat.place}", sitting=there)
        freed = Seat(there.visit, there.customer, None, seat.since, "swap")
        if before is None or before.place is None:
            return [freed, seat]
        return [freed, seat, Seat(there.visit, there.customer, before.place, seat.since, "swap")]


def place_from(row: Mapping[str, Any]) -> Place:
    """The place that an event or a setting names."""
    return Place(row["place"], row["zone"], row["kind"], row["group"])
