"""What partners may have of customers, as events tell it: what is on its way, and what was acknowledged.

A row begins before the first body leaves, since a partner whose answer is lost may have it all the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.events.event import Data, Event
from gateway.records.connection import SealedDatabase
from gateway.records.writer import Tx

NEWS, CORRECTION, STOP = "news", "correction", "stop"


@dataclass(slots=True, frozen=True)
class Sharing:
    """What one partner may have of one customer: ids of facts, and which of them it has ``acknowledged``.

    Times in seconds since 1970 UTC. ``told`` is the digest of what it has acknowledged. Where something is on its way
    that it has not, ``what`` says what that is, and ``waits_since`` since when. ``stopped_at``: it has acknowledged
    that nothing is shared any more.
    """

    partner: str
    customer: str
    has: tuple[str, ...]
    acknowledged: tuple[str, ...]
    told: str | None
    sent_at: float
    answered_at: float | None
    waits_since: float | None
    what: str | None
    stopped_at: float | None


# --- as events say ---------------------------------------------------------------------------------------------------


def pass_on(tx: Tx, event: Event, data: Data) -> None:
    """Something is on its way: from now on the partner may have it."""
    there = get(tx.db, data["recipient"], data["customer"])
    has = dict.fromkeys([*(there.has if there else ()), *data["about"]])
    what = STOP if data["stop"] else CORRECTION if data["ended"] else NEWS
    values = json.dumps(sorted(has)), event.time, event.time, what
    tx.db.conn.execute(
        "INSERT INTO sharings (partner, customer, has, acknowledged, sent_at, waits_since, what)"
        " VALUES (?, ?, ?, '[]', ?, ?, ?)"
        " ON CONFLICT (partner, customer) DO UPDATE SET has = excluded.has, what = excluded.what, stopped_at = NULL,"
        " waits_since = coalesce(waits_since, excluded.waits_since)",
        (data["recipient"], data["customer"], *values),
    )


def answer(tx: Tx, event: Event, data: Data) -> None:
    """The partner has acknowledged what was on its way, or what people had told it."""
    has, stopped = json.dumps(sorted(data["has"])), event.time if data["stop"] else None
    tx.db.conn.execute(
        "INSERT INTO sharings (partner, customer, has, acknowledged, told, sent_at, answered_at, stopped_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (partner, customer) DO UPDATE SET has = excluded.has,"
        " acknowledged = excluded.acknowledged, told = excluded.told, answered_at = excluded.answered_at,"
        " stopped_at = excluded.stopped_at, waits_since = NULL, what = NULL",
        (data["recipient"], data["customer"], has, has, data["state"], event.time, event.time, stopped),
    )


APPLIED: Mapping[str, Callable[[Tx, Event, Data], object]] = {"person.passing_on": pass_on, "partner.answered": answer}


# --- what is so ------------------------------------------------------------------------------------------------------


def get(reader: SealedDatabase, partner: str, customer: str) -> Sharing | None:
    """What this partner may have of this customer; None: nothing was ever sent."""
    return next(iter(_select(reader, "partner = ? AND customer = ?", partner, customer)), None)


def of_partner(reader: SealedDatabase, partner: str) -> list[Sharing]:
    """What this partner may have, of everybody."""
    return _select(reader, "partner = ? ORDER BY customer", partner)


def of_customers(reader: SealedDatabase, customers: Collection[str]) -> list[Sharing]:
    """What any partner may have of these customers."""
    return _select(reader, f"customer IN ({', '.join('?' * len(customers))}) ORDER BY partner, customer", *customers)


def waiting(reader: SealedDatabase) -> list[Sharing]:
    """What is on its way that a partner has not acknowledged, the oldest first."""
    return _select(reader, "waits_since IS NOT NULL ORDER BY waits_since, partner, customer")


def counted(reader: SealedDatabase) -> dict[str, int]:
    """Of how many customers each partner may have something now."""
    sql = "SELECT partner, count(*) FROM sharings WHERE stopped_at IS NULL GROUP BY partner"
    return dict(reader.conn.execute(sql).fetchall())


def asked(reader: SealedDatabase, partner: str) -> list[str]:
    """Everybody who ever agreed that something is shared with this partner."""
    sql = "SELECT DISTINCT customer FROM consents WHERE partner = ? AND partner <> '' AND act IN ('given', 'renewed')"
    return [row[0] for row in reader.conn.execute(sql, (partner,))]


def agreed(reader: SealedDatabase, partner: str) -> dict[str, tuple[float, float | None]]:
    """Who ever agreed that something is shared with this partner: when last, and when that ended, where it has."""
    sql = (
        "SELECT customer, at, coalesce(stopped_at, until) FROM consents"
        " WHERE partner = ? AND partner <> '' AND act IN ('given', 'renewed') ORDER BY at"
    )
    return {customer: (at, ended) for customer, at, ended in reader.conn.execute(sql, (partner,))}


def agreed_with(reader: SealedDatabase, customers: Collection[str]) -> dict[str, float]:
    """With which partners these customers ever agreed that something is shared, and when last."""
    marks = ", ".join("?" * len(customers))
    sql = (
        "SELECT partner, max(at) FROM consents WHERE partner <> '' AND act IN ('given', 'renewed')"  # noqa: S608 - marks
        f" AND customer IN ({marks}) GROUP BY partner ORDER BY partner"
    )
    return dict(reader.conn.execute(sql, tuple(customers)).fetchall())


def _select(reader: SealedDatabase, where: str, *values: Any) -> list[Sharing]:
    columns = "partner, customer, has, acknowledged, told, sent_at, answered_at, waits_since, what, stopped_at"
    sql = f"SELECT {columns} FROM sharings WHERE {where}"  # noqa: S608 - ours
    rows = reader.conn.execute(sql, values)
    return [Sharing(*row[:2], *(tuple(json.loads(ids)) for ids in row[2:4]), *row[4:]) for row in rows]
