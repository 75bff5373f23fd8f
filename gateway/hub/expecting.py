"""Who is expected where, as head office announces it; and who is lent to a venue because they are expected there.

A venue says in its hello how it wants to be lent customers: those of its brand, those who are expected, or both.
Whoever is expected is lent from so many hours before until so many hours after, with a live consent as always.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from gateway.hub import names
from gateway.hub.database import Tx, first
from gateway.hub.deciding import Cause, Deciding
from gateway.hub.feeds import BRAND, HOUSE, URGENT, Item
from gateway.hub.own_rows import Own, OwnRows, Written
from gateway.hub.problems import HubProblem
from gateway.hub.wire import names_of
from gateway.records.chain import NOTHING

SCOPES = ("brand", "expected", "both")
HOUR_MS = 3_600_000
MOST = 500
"""Customers that one transaction lends or takes back."""
NOBODY: Cause = ("", "0", 0, 0, NOTHING)


class Wish(NamedTuple):
    """How a venue wants to be lent customers, how long around when they are expected (ms), and how it is called."""

    scope: str = "brand"
    before_ms: int = 24 * HOUR_MS
    after_ms: int = 24 * HOUR_MS
    names: Mapping[str, str] = {}
    """How the venue is called, by language."""


class Expected(NamedTuple):
    """Somebody who is expected at a venue; times in ms since 1970 UTC."""

    id: str
    customer: str
    venue: str
    begins: int
    ends: int
    place: str | None
    note: str | None

    @property
    def data(self) -> dict[str, Any]:
        """What the row says of it."""
        return self._asdict()


async def wish(tx: Tx, venue: str, wanted: Wish) -> bool:
    """Notes how a venue wants to be lent customers; whether that is otherwise than before."""
    row = await first(tx, "SELECT scope, before_ms, after_ms FROM wishes WHERE venue = ?", venue)
    before = Wish(*row) if row is not None else Wish()
    await names.keep(tx, venue, wanted.names)
    if before == wanted._replace(names={}):
        return False
    sql = """
    INSERT INTO wishes VALUES (?, ?, ?, ?) ON CONFLICT (venue) DO UPDATE
    SET scope = excluded.scope, before_ms = excluded.before_ms, after_ms = excluded.after_ms
    """
    await tx.run(sql, venue, wanted.scope, wanted.before_ms, wanted.after_ms)
    return before.scope != wanted.scope


async def record(tx: Tx, own: OwnRows, rows: Sequence[Expected]) -> Written:
    """Announces customers, each to the venue alone; raises HubProblem for one whom the hub may not know."""
    for each in rows:
        row = await first(tx, "SELECT scope FROM customers WHERE id = ? AND erased IS NULL", each.customer)
        if row is None or row[0] == "venue":
            raise HubProblem("not-yours", why=f"the customer {each.customer!r} is not known to the house")
        if await first(tx, "SELECT 1 FROM boxes WHERE venue = ? AND revoked IS NULL", each.venue) is None:
            raise HubProblem("not-yours", why=f"the venue {each.venue!r} is none of this house")
    news = [Own("expected.recorded", each.customer, each.data, each.customer) for each in rows]
    written = await own.write(news)
    sql = "INSERT INTO expected VALUES (?, ?, ?, ?, ?, ?, NULL)"
    for each, event in zip(rows, written.ids, strict=True):
        await tx.run(sql, each.id, each.customer, each.venue, each.begins, each.ends, event)
    return written


async def cancel(tx: Tx, own: OwnRows, id_: str) -> tuple[Written, str] | None:
    """Somebody comes not after all; None where nobody is expected by that id."""
    sql = "SELECT customer, venue FROM expected WHERE id = ? AND cancelled IS NULL"
    row = await first(tx, sql, id_)
    if row is None:
        return None
    customer, venue = row
    data = {"id": id_, "customer": customer, "venue": venue}
    written = await own.write([Own("expected.cancelled", customer, data, customer)])
    await tx.run("UPDATE expected SET cancelled = ? WHERE id = ?", written.ids[0], id_)
    return written, venue


def items(hub: str, life: str, written: Written, venues: Sequence[str]) -> list[Item]:
    """What the feed ``house`` says of what was written, each to one venue alone."""
    found = []
    for row, venue in zip(written.rows, venues, strict=True):
        subject = row.subject or ""
        found.append(Item(HOUSE, "event", subject, hub, life, row.position, row.stamp or 0, row.hash, venue))
    return found


async def between(tx: Tx, venue: str, begins: int, ends: int) -> list[tuple[str, str, str, int, int, str]]:
    """Who is expected within a time, at one venue or (empty) at any: id, customer, venue, times, event."""
    sql = """
    SELECT id, customer, venue, begins, ends, event FROM expected
    WHERE cancelled IS NULL AND begins < ? AND ends > ? AND (CAST(? AS TEXT) = '' OR venue = ?)
    ORDER BY begins, id LIMIT 2000
    """
    found = await tx.all(sql, ends, begins, venue, venue)
    return [(row[0], row[1], row[2], row[3], row[4], row[5]) for row in found]


# --- what time brings ------------------------------------------------------------------------------------------------

_BEGIN = """
SELECT DISTINCT e.customer, c.origin, e.venue, b.brand FROM expected e
JOIN customers c ON c.id = e.customer AND c.scope = 'house' AND c.erased IS NULL
JOIN wishes w ON w.venue = e.venue AND w.scope IN ('expected', 'both')
JOIN boxes b ON b.venue = e.venue AND b.revoked IS NULL
WHERE e.cancelled IS NULL AND e.begins - w.before_ms <= ? AND e.ends + w.after_ms > ? AND c.origin <> e.venue
AND NOT EXISTS (SELECT 1 FROM lent l WHERE l.venue = e.venue AND l.customer = e.customer AND l.until IS NULL)
ORDER BY e.customer, e.venue LIMIT ?
"""
_END = """
SELECT l.customer, c.origin, l.venue, '' FROM lent l JOIN customers c ON c.id = l.customer
WHERE l.why = 'expected' AND l.until IS NULL AND NOT EXISTS (
    SELECT 1 FROM expected e JOIN wishes w ON w.venue = e.venue AND w.scope IN ('expected', 'both')
    WHERE e.customer = l.customer AND e.venue = l.venue AND e.cancelled IS NULL
    AND e.begins - w.before_ms <= ? AND e.ends + w.after_ms > ?)
ORDER BY l.customer, l.venue LIMIT ?
"""


async def due(tx: Tx, now_ms: int) -> tuple[list[tuple[str, str, str, str]], list[tuple[str, str, str, str]]]:
    """Who is to be lent now and who taken back: customer, their venue, the other venue, its brand."""
    begin, end = await tx.all(_BEGIN, now_ms, now_ms, MOST), await tx.all(_END, now_ms, now_ms, MOST)
    return [(a, b, c, d) for a, b, c, d in begin if d], [(a, b, c, d) for a, b, c, d in end]


async def settle(tx: Tx, deciding: Deciding, now_ms: int) -> int:
    """Lends who is expected soon and takes back who was: what feeds say of it is in ``deciding.items``. How many."""
    begin, end = await due(tx, now_ms)
    if not begin and not end:
        return 0
    await deciding.hold({(customer, origin) for customer, origin, *_ in (*begin, *end)})
    for customer, _, venue, brand in begin:
        sql = """
        INSERT INTO lent VALUES (?, ?, ?, NULL, 'expected')
        ON CONFLICT (venue, customer) DO UPDATE SET until = NULL, since = excluded.since, why = 'expected'
        """
        await tx.run(sql, venue, customer, now_ms)
        deciding.items.append(Item(f"{BRAND}{brand}", "lend", customer, *NOBODY, venue))
    for customer, _, venue, _ in end:
        await tx.run("UPDATE lent SET until = ? WHERE venue = ? AND customer = ?", now_ms, venue, customer)
        deciding.items.append(Item(URGENT, "recall", customer, *NOBODY, venue))
    return len(begin) + len(end)


def wish_of(said: Mapping[str, Any]) -> Wish:
    """How a hello says that the venue wants to be lent customers, and is called; what cannot be read is the usual."""
    scope = said.get("scope")
    hours = [said.get(name, 24) for name in ("lend_before_hours", "lend_after_hours")]
    spans = [int(each * HOUR_MS) if _is_span(each) else 24 * HOUR_MS for each in hours]
    return Wish(scope if scope in SCOPES else "brand", spans[0], spans[1], names_of(said.get("name")))


def _is_span(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 10_000
