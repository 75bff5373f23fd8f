"""The ledger of consent: what each entry is, and what is alive by all of them.

A consent is alive while some ``given`` or ``renewed`` whose last day is not over names in ``lifts`` every stop that
covers it. Nothing else decides: no clock, no order of arrival, no number of times. So two ledgers are merged by taking
the entries of both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

GIVING = frozenset({"given", "renewed"})
STOPS = frozenset({"refused", "withdrawn", "ended", "invalid"})
METHODS = ("signed_on_glass", "on_glass", "paper", "own_page", "imported", "spoken")
SPOKEN = "spoken"
"""How a stop or a refusal may be said, and no consent."""
IMPORTED = "imported"


@dataclass(slots=True, frozen=True)
class Entry:
    """One act, as far as it matters for what is alive.

    ``at`` and ``ends`` in seconds since 1970 UTC; ``ends`` is when the last day of a consent is over, infinity where
    it has none. ``partner`` and ``brand`` are empty where none is named. ``old``: of before acts were told apart, when
    what was signed last said until when.
    """

    id: str
    purpose: str
    act: str
    at: float
    ends: float = inf
    lifts: frozenset[str] = frozenset()
    brand: str = ""
    partner: str = ""
    notice: str | None = None
    old: bool = False

    @property
    def gives(self) -> bool:
        """Whether it is a consent."""
        return self.act in GIVING

    @property
    def stops(self) -> bool:
        """Whether it ends consents."""
        return self.act in STOPS


class Standing(NamedTuple):
    """How a consent stands: when it was stopped, None while no stop that it does not name covers it; until when."""

    stopped_at: float | None
    until: float


def covers(stop: Entry, other: Entry) -> bool:
    """Whether a stop is about this consent: the same purpose; one without partner or brand is about all of them."""
    return (
        stop.purpose == other.purpose
        and stop.partner in ("", other.partner)
        and (not stop.brand or not other.brand or stop.brand == other.brand)
    )


def stops_of(entries: Iterable[Entry], purpose: str, brand: str = "", partner: str = "") -> list[Entry]:
    """The stops that a new consent must name to be alive, oldest first."""
    asked = Entry("", purpose, "given", 0.0, brand=brand, partner=partner)
    return sorted((one for one in entries if one.stops and covers(one, asked)), key=_order)


def standing(entries: Collection[Entry]) -> dict[str, Standing]:
    """How every consent of these entries stands, by id; in whatever order they come, and however often."""
    once = {one.id: one for one in entries}.values()
    stops = [one for one in once if one.stops]
    given = sorted((one for one in once if one.gives), key=_order)
    stopped: dict[str, float | None] = {}
    for one in given:
        unnamed = [stop.at for stop in stops if stop.id not in one.lifts and covers(stop, one)]
        stopped[one.id] = max(one.at, min(unnamed)) if unnamed else None
    found = {}
    for number, one in enumerate(given):
        until = one.ends
        if one.old:
            later = (each for each in given[number + 1 :] if each.old and stopped[each.id] is None)
            until = min([until, *(each.ends for each in later if each.purpose == one.purpose)])
        found[one.id] = Standing(stopped[one.id], until)
    return found


def alive(entries: Collection[Entry], purpose: str, now: float, brand: str = "", partner: str = "") -> list[Entry]:
    """The consents to this that are alive at ``now``, the one that lasts longest first; none: it is no.

    Without ``brand`` that of any brand counts; a consent that names no brand counts for each.
    """
    stands = standing(entries)
    found = {
        one.id: one
        for one in entries
        if one.gives
        and one.purpose == purpose
        and one.partner == partner
        and (not brand or not one.brand or one.brand == brand)
        and stands[one.id].stopped_at is None
        and now < stands[one.id].until
    }
    return sorted(found.values(), key=lambda one: (-stands[one.id].until, -one.at, one.id))


def merged(*ledgers: Iterable[Entry]) -> list[Entry]:
    """Several ledgers of one customer as one: the entries of all, each once, oldest first."""
    return sorted({one.id: one for ledger in ledgers for one in ledger}.values(), key=_order)


def _order(entry: Entry) -> tuple[float, str]:
    return entry.at, entry.id
