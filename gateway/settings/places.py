"""The tables ``[[places]]``: rows with letters, or names; each place of a venue by the name that staff call it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from gateway.settings.mistakes import Mistake, not_one_of
from gateway.settings.tables import Table, kept

PlaceKind = Literal["seat", "chair", "table", "room"]
MOST = 2_000  # places of one table; the largest aircraft has 850 seats
_Lax = Field(strict=False)  # TOML knows arrays only, so these places take them for tuples
_SPAN = re.compile(r"(\d{1,3})(?:-(\d{1,3}))?", re.ASCII)
_Name = Annotated[str, Field(max_length=32, pattern=r"^\w[\w ./-]*$"), kept]
ROWS = "rows like '1-8' or '1-12, 14-30', without one twice"


class PlaceOf(NamedTuple):
    """One place: its name, zone, kind, and its row or table."""

    place: str
    zone: str
    kind: str
    group: str | None


class Places(Table):
    """Places inside a zone: ``rows`` with ``letters``, or ``ids`` with as many ``seats`` each."""

    zone: Annotated[str, kept] = Field(description="the id of a zone")
    kind: PlaceKind = Field(default="seat", description="what sort of place it is")
    rows: str | None = Field(default=None, description=ROWS)
    letters: Annotated[str, Field(pattern=r"^[A-Z]{1,26}$")] | None = Field(
        default=None, description="letters from A to Z, from left to right, like 'ACDF'"
    )
    ids: Annotated[tuple[_Name, ...], Field(min_length=1, max_length=MOST), _Lax] | None = Field(
        default=None, description='names of places, like ["T1", "T2"]'
    )
    seats: Annotated[int, Field(ge=1, le=50)] | None = Field(
        default=None, description="how many sit at each of ids: then T1/1, T1/2 … are the places"
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.ids is None) == (self.rows is None and self.letters is None):
            raise PydanticCustomError("table", "expected either rows and letters, or ids")
        if (self.rows is None) != (self.letters is None):
            missing = "letters" if self.letters is None else "rows"
            raise PydanticCustomError("table", "{words}", {"words": f"{missing} is missing; expected rows and letters"})
        if self.seats is not None and self.ids is None:
            raise PydanticCustomError("table", "seats is for ids alone; rows have their letters")
        if self.letters is not None and len(set(self.letters)) < len(self.letters):
            raise PydanticCustomError("table", "letters names one twice; expected each letter once")
        if self.rows is not None and (not (found := list(_numbers(self.rows))) or len(set(found)) < len(found)):
            raise PydanticCustomError("table", "{words}", {"words": f"rows = {self.rows!r}: expected {ROWS}"})
        return self

    def all(self) -> Iterator[PlaceOf]:
        """Every place, in its order."""
        for row in _numbers(self.rows) if self.rows is not None else ():
            for letter in self.letters or "":
                yield PlaceOf(f"{row}{letter}", self.zone, self.kind, str(row))
        for name in self.ids or ():
            if self.seats is None:
                yield PlaceOf(name, self.zone, self.kind, None)
            else:
                yield from table(name, self.zone, self.kind, self.seats)


def table(name: str, zone: str, kind: str, seats: int) -> Iterator[PlaceOf]:
    """The places at a table, in a row or in a room: ``T1/1``, ``T1/2`` …"""
    for number in range(1, seats + 1):
        yield PlaceOf(f"{name}/{number}", zone, kind, name)


def mistakes(tables: Sequence[Places], zones: Sequence[str]) -> Iterator[Mistake]:
    """What is wrong between places that are good each for itself."""
    first: dict[str, int] = {}
    for number, each in enumerate(tables):
        if each.zone not in zones:
            expected = "the id of a zone: " + ", ".join(zones) if zones else "a zone defined under [[zones]]"
            yield Mistake(
                f"places[{number}].zone", each.zone, "no such zone; " + not_one_of(each.zone, zones, expected)
            )
        for place in _twice(each.all(), first, number):
            key = "rows" if each.ids is None else "ids"
            words = f"{place} is a place of [[places]] {first[place] + 1} already; expected each place once"
            yield Mistake(f"places[{number}].{key}", getattr(each, key), words)


def _twice(places: Iterable[PlaceOf], first: dict[str, int], number: int) -> list[str]:
    """The first place of a table that another, or the table itself, has already; each is written down."""
    found: list[str] = []
    there = set(first)
    for each in places:
        if not found and (each.place in there):
            found.append(each.place)
        there.add(each.place)
        first.setdefault(each.place, number)
    return found


def _numbers(rows: str) -> Iterator[int]:
    """The numbers of some rows; none where it cannot be read."""
    spans = [_SPAN.fullmatch(part.strip()) for part in rows.split(",")]
    if not all(spans):
        return
    for span in spans:
        if span is not None:
            yield from range(int(span[1]), int(span[2] or span[1]) + 1)
