"""Where guests sit, one row for each visit in which they had a place; the place itself stands sealed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from gateway.records.connection import SealedDatabase
from gateway.records.errors import Unreadable
from gateway.records.writer import Tx

LATELY = 50  # visits that speak for a habit


@dataclass(slots=True, frozen=True)
class Sat:
    """The place of a visit since ``since`` (seconds since 1970 UTC), None: none now; ``had`` is the last they had."""

    visit: str
    customer: str
    place: str | None
    had: str
    since: float
    because: str


def take(tx: Tx, visit: str, customer: str, place: str, since: float, because: str) -> None:
    """Records that the guest of this visit sits there."""
    _save(tx, Sat(visit, customer, place, place, since, because))


def free(tx: Tx, visit: str, since: float, because: str) -> None:
    """Records that the guest of this visit has no place any more; nothing where they never had one."""
    there = get(tx.db, visit)
    if there is not None:
        _save(tx, Sat(visit, there.customer, None, there.had, since, because))


def get(reader: SealedDatabase, visit: str) -> Sat | None:
    """Where the guest of this visit sits, or sat last."""
    return next(iter(_select(reader, "id = ?", visit)), None)


def of_customer(reader: SealedDatabase, customer: str) -> list[Sat]:
    """Where this one record sat in each visit, oldest first."""
    return _select(reader, "customer = ? ORDER BY at, id", customer)


def of_open_visits(reader: SealedDatabase) -> list[Sat]:
    """Those of visits that go on."""
    return _select(reader, "id IN (SELECT id FROM visits WHERE closed_at IS NULL) ORDER BY at")


def habit(reader: SealedDatabase, *customers: str, besides: str) -> tuple[str, int] | None:
    """The place that a person had most lately, the later of two, and how often; by all of their records.

    Without the visit ``besides``.
    """
    marks = ", ".join("?" * len(customers))
    where = f"customer IN ({marks}) AND id <> ? ORDER BY at DESC LIMIT {LATELY}"
    had = [sat.had for sat in _select(reader, where, *customers, besides)]
    return max(Counter(had).items(), key=lambda each: (each[1], -had.index(each[0])), default=None)


def shift(tx: Tx, by: float) -> None:
    """The clock was set by so many seconds: who sits has sat as long as before."""
    sql = "UPDATE seats SET at = at + ? WHERE id IN (SELECT id FROM visits WHERE closed_at IS NULL)"
    tx.db.conn.execute(sql, (by,))


def _save(tx: Tx, sat: Sat) -> None:
    facts = {"place": sat.place, "had": sat.had, "because": sat.because}
    sealed = tx.keyring.seal(sat.customer, facts, place=f"seats/{sat.visit}")
    tx.db.conn.execute(
        "INSERT INTO seats (id, customer, at, sealed) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET at = excluded.at, sealed = excluded.sealed",
        (sat.visit, sat.customer, sat.since, sealed),
    )


def _select(reader: SealedDatabase, where: str, *values: object) -> list[Sat]:
    rows = reader.conn.execute(f"SELECT id, customer, at, sealed FROM seats WHERE {where}", values)  # noqa: S608
    found = []
    for visit, customer, at, sealed in rows.fetchall():
        with suppress(Unreadable):
            facts: Mapping[str, Any] = reader.keyring.open(customer, sealed, place=f"seats/{visit}")
            found.append(Sat(visit, customer, facts["place"], facts["had"], at, facts["because"]))
    return found
