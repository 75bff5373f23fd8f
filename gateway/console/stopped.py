"""What customers have ended while a tablet was away: it is told so before all else."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from typing import NamedTuple

from gateway.console import scopes
from gateway.console.roles import Principal
from gateway.console.tablet import audience_of
from gateway.console.zones import eyes_of
from gateway.core.gateway import Gateway
from gateway.core.known import KEEP
from gateway.core.shapes import Shape
from gateway.events.event import FORGOTTEN

STOPS = (*sorted(FORGOTTEN), "consent.revoked", "consent.refused")
LOOSE = 300.0  # seconds by which the clock of a tablet may have been ahead of ours
DIGITS = 17


class Away(NamedTuple):
    """A tablet comes back: the last event that it has, and since when it holds records (seconds since 1970)."""

    since: int | None
    held: float | None


def away(since: str | None, held: str | None) -> Away:
    """What the address of a live socket says; raises ValueError with what was expected."""
    return Away(
        _number("since", since, "a sequence number"), _seconds(_number("held", held, "milliseconds since 1970"))
    )


def stopped_since(house: Gateway, back: Away) -> list[str]:
    """The customers of whom something ended since a tablet went away, the first on top; for a thread."""
    if back.since is None and back.held is None:
        return []
    names = ", ".join(f"'{each}'" for each in STOPS)
    sql = (
        "SELECT subject FROM journal LEFT JOIN told USING (sequence)"  # noqa: S608 - names of ours
        f" WHERE type IN ({names}) AND (max(sequence, coalesce(told, 0)) > ? OR time >= ?)"
        " GROUP BY subject ORDER BY min(sequence)"
    )
    never = float("inf")
    after = (never if back.since is None else back.since, never if back.held is None else back.held - LOOSE)
    with closing(house.store.open_reader()) as reader:
        return [row[0] for row in reader.conn.execute(sql, after)]


def stopped(house: Gateway, who: Principal, customers: Iterable[str]) -> list[Shape]:
    """Which of these customers have ended what and not agreed to it again, as far as whoever asks may know."""
    if audience_of(who) == "technical":
        return []
    found = ((customer, _ended(house, customer)) for customer in customers)
    return [{"customer": customer, "ended": ended} for customer, ended in found if _told(house, who, customer, ended)]


def _ended(house: Gateway, customer: str) -> list[str]:
    if house.customer(customer) is None:
        return ["everything"]
    people = house.memory.people
    visits = people.unrecognised(customer)
    kept = people.withdrew(customer, KEEP, house.memory.certain())
    return [name for name, so in (("visits", visits), ("preferences", kept)) if so]


def _told(house: Gateway, who: Principal, customer: str, ended: list[str]) -> bool:
    if ended == ["everything"]:
        return scopes.hears(who.scopes, "customer.erased")
    seen = scopes.hears(who.scopes, "consent.revoked") and house.sight.writes(eyes_of(who), customer)
    return bool(ended) and seen


def _number(name: str, text: str | None, expected: str) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS):
        raise ValueError(f"{name}: expected {expected}")
    return int(text)


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000
