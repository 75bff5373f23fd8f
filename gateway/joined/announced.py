"""Whom head office announces here: what its rows say is put into this venue's own book, once for each row."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from gateway.core.actions.expected import told
from gateway.core.gateway import Gateway
from gateway.events.event import News
from gateway.recognition.expected import ExpectedVisit
from gateway.records import lent
from gateway.records.connection import SealedDatabase
from gateway.records.fold import Told
from gateway.records.writer import Tx

LATEST = 253_402_300_800_000  # ms since 1970 UTC: the year 10000, which no book reaches


class Announced(NamedTuple):
    """What the book is told, and the ids of the rows that say so."""

    news: list[News]
    rows: list[str]


def news_of(house: Gateway, reader: SealedDatabase, customer: str) -> Announced:
    """What rows say of somebody's coming that the book was not told yet."""
    rows = sorted(lent.announced(reader, customer), key=lambda row: row.order)
    over = {_text(row.data.get("id")) for row in rows if row.type == "expected.cancelled"}
    book = house.memory.presence.beside.expected
    news: list[News] = []
    for row in rows:
        id_ = _text(row.data.get("id"))
        if row.type == "expected.cancelled":
            there = book.get(id_)
            if there is not None and there.customer == house.memory.family.root(customer):
                news.append(told(there, removed=True))
        elif id_ not in over and (visit := _visit(house, customer, row)) is not None:
            news.append(told(visit))
    return Announced(news, [row.id for row in rows])


def _visit(house: Gateway, customer: str, row: Told) -> ExpectedVisit | None:
    """The visit that a row announces; None where it cannot be read, is over, or is another customer's by its id."""
    id_, begins, ends = _text(row.data.get("id")), _ms(row.data.get("begins")), _ms(row.data.get("ends"))
    root = house.memory.family.root(customer)
    there = house.memory.presence.beside.expected.get(id_)
    if not id_ or begins is None or ends is None or not begins <= ends or ends < house.memory.now():
        return None
    if there is not None and there.customer != root:
        return None
    place, note = _text(row.data.get("place")) or None, _text(row.data.get("note")) or None
    if place is not None and place not in house.memory.seating.places:  # the words are kept, where no seat is called so
        place, note = None, " · ".join(each for each in (place, note) if each)
    return ExpectedVisit(id_, root, customer, begins, ends, place, note)


def mark(tx: Tx, customer: str, rows: Collection[str]) -> None:
    """Notes that the book was told of these rows."""
    for id_ in rows:
        lent.from_elsewhere(tx, id_, customer, "")


def _text(value: Any) -> str:
    return value if isinstance(value, str) and len(value) <= 500 else ""


def _ms(value: Any) -> float | None:
    fits = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < LATEST
    return round(value / 1000, 3) if fits else None
