"""What a venue is told: items of a feed with their rows, as much as one message holds, and whose keys go with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from gateway.events import hlc
from gateway.hub import feeds, names, scopes
from gateway.hub.database import Tx, first
from gateway.hub.feeds import Numbered, Stretch
from gateway.hub.rows import Row
from gateway.hub.wire import Message, said_epoch
from gateway.records.chain import read_head

ROOM = 400 * 1024
"""Bytes of rows in one message, a little more or less."""
KEY_OF_HOUSE = "*house*"
"""Whose key seals what the hub says of staff."""
_ROW = "position, hash, head_digest, body_digest, head, sealed, dark"


class Said(NamedTuple):
    """One message's worth of a feed; ``customers`` are those whose keys have to be there before it."""

    after: int
    number: int
    hash: bytes
    items: list[Message]
    customers: list[str]


def row_of(position: int, hash_: bytes, head: bytes, body: bytes, text: str, sealed: bytes, dark: bytes) -> Row:
    """A row as a table keeps it."""
    return Row(position, hash_, head, body, text, sealed, dark, read_head(text) if text else None)


def _size(rows: Iterable[Message]) -> int:
    return sum(len(row.get("head") or "") + len(row.get("sealed") or row.get("dark") or "") + 200 for row in rows)


async def rows_of(tx: Tx, customer: str, venue: str) -> list[Message]:
    """All rows that tell of a customer, but for those that the venue wrote itself."""
    sql = f"SELECT origin, id, type, {_ROW} FROM events WHERE subject = ? ORDER BY origin, epoch, position"  # noqa: S608
    announced = await _announced(tx, customer, venue)
    home = customer.rpartition("@")[2] == venue
    return [
        row_of(*rest).wire()
        for origin, id_, type_, *rest in await tx.all(sql, customer)
        if origin != venue and rest[4] and type_ != "customer.erased"
        and (scopes.tells(type_) or id_ in announced or (home and scopes.goes_home(type_, customer, origin)))
    ]  # fmt: skip


async def _announced(tx: Tx, customer: str, venue: str) -> set[str]:
    """The rows that say when a customer is expected at this venue: they are told to no other."""
    sql = "SELECT event, cancelled FROM expected WHERE customer = ? AND venue = ?"
    return {each for pair in await tx.all(sql, customer, venue) for each in pair if each}


async def _row_at(tx: Tx, item: Numbered) -> Message | None:
    sql = f"SELECT {_ROW} FROM events WHERE origin = ? AND epoch = ? AND position = ?"  # noqa: S608 - ours
    row = await first(tx, sql, item.origin, item.epoch, item.position)
    if row is None:
        return await _kept(tx, item)
    found = row_of(*row)
    return found.wire() if found.text else await _kept(tx, item)


async def _kept(tx: Tx, item: Numbered) -> Message | None:
    """A row that came out of turn, or that outlives what was blanked."""
    sql = "SELECT position, hash, head, sealed FROM ahead WHERE origin = ? AND epoch = ? AND position = ?"
    row = await first(tx, sql, item.origin, item.epoch, item.position)
    return None if row is None else _early(*row)


def _early(position: int, hash_: bytes, text: str, sealed: bytes) -> Message:
    return Row(position, hash_, b"", b"", text, sealed).wire()


def _item(item: Numbered, **more: Any) -> Message:
    return {
        "number": item.number,
        "kind": item.kind,
        "customer": item.customer or None,
        "origin": item.origin,
        "epoch": said_epoch(item.epoch),
        "hlc": hlc.text(item.hlc),
        **more,
    }


async def said(tx: Tx, feed: str, venue: str, stretch: Stretch) -> list[Said]:
    """A stretch as messages; where it is more than one holds, what is left is for the next time."""
    items: list[Message] = []
    customers: list[str] = []
    used = 0
    for item in stretch.items:
        if used > ROOM:
            at = await feeds.hash_at(tx, feed, item.number - 1)
            return [Said(stretch.after, item.number - 1, at, items, customers)]
        if item.kind == "event":
            row_wire = await _row_at(tx, item)
            if row_wire is not None:
                items.append(_item(item, row=row_wire, names=await names.of_venues(tx, {item.origin})))
                used += _size([row_wire])
        elif item.kind == "lend":
            rows = await rows_of(tx, item.customer, venue)
            customers.append(item.customer)
            used += _size(rows)
            if used > 2 * ROOM:
                return await _in_parts(tx, feed, stretch, item, items, customers, rows)
            items.append(_item(item, rows=rows, names=await names.of_customer(tx, item.customer)))
        else:
            customers += [KEY_OF_HOUSE] if item.kind == "leaver" else []
            items.append(_item(item, row=await _row_at(tx, item)))
            used += 1000
    return [Said(stretch.after, stretch.number, stretch.hash, items, customers)]


async def _in_parts(
    tx: Tx, feed: str, stretch: Stretch, item: Numbered, items: list[Message], customers: list[str], rows: list[Message]
) -> list[Said]:
    """Somebody of whom more is known than one message holds; the number counts on with the last part alone."""
    parts = split(rows)
    called = await names.of_customer(tx, item.customer)
    found = []
    for count, part in enumerate(parts, 1):
        items.append(_item(item, rows=part, part=count, last=count == len(parts), names=called))
        number = item.number if count == len(parts) else stretch.after
        found.append(Said(stretch.after, number, await feeds.hash_at(tx, feed, number), items, customers))
        items, customers = [], []
    return found


def split(rows: Sequence[Message]) -> list[list[Message]]:
    """Rows in parts that each fit into one message."""
    parts: list[list[Message]] = [[]]
    used = 0
    for row in rows:
        size = _size([row])
        if parts[-1] and used + size > ROOM:
            parts.append([])
            used = 0
        parts[-1].append(row)
        used += size
    return parts


async def snapshot(tx: Tx, feed: str, venue: str, after: str) -> tuple[list[Message], list[str], str]:
    """Whom a venue may know by a feed, behind a customer's id: items, whose keys go with them, and the last id.

    The last id is empty where that was the end.
    """
    number = (await feeds.heads(tx)).get(feed, feeds.BEGINNING).number
    if feed == feeds.URGENT:
        left = await _left(tx, venue, number)
        return [*await _ended(tx, venue, number), *left], [KEY_OF_HOUSE] if left else [], ""
    if not feed.startswith(feeds.BRAND):
        return [], [], ""
    told = [] if after else await _stops(tx, venue, number)
    sql = """
    SELECT c.id, c.origin, c.brands FROM customers c
    WHERE c.id > ? AND (c.id LIKE ? AND c.scope = 'house' OR EXISTS (
        SELECT 1 FROM lent l WHERE l.venue = ? AND l.customer = c.id AND l.until IS NULL))
    ORDER BY c.id LIMIT 200
    """
    items: list[Message] = told
    customers: list[str] = []
    found = await tx.all(sql, after, f"%@{venue}", venue)
    used = 0
    for customer, origin, _ in found:
        rows = await rows_of(tx, customer, venue)
        if customer.rpartition("@")[2] != venue:
            customers.append(customer)
        elif not rows:
            continue  # their own venue has every key, and wrote all that there is
        item = Numbered(number, "lend", customer, origin, "0", 0, 0)
        parts = split(rows)
        called = await names.of_customer(tx, customer)
        for count, part in enumerate(parts, 1):
            more = {"part": count, "last": count == len(parts)} if len(parts) > 1 else {}
            items.append(_item(item, rows=part, names=called, **more))
        used += _size(rows)
        if used > ROOM:
            return items, customers, "" if customer == found[-1][0] and len(found) < 200 else customer
    return items, customers, found[-1][0] if len(found) == 200 else ""


async def _ended(tx: Tx, venue: str, number: int) -> list[Message]:
    """Everybody whom this venue once could know and may no more."""
    sql = """
    SELECT l.customer, c.origin, c.erased FROM lent l JOIN customers c ON c.id = l.customer
    WHERE l.venue = ? AND l.until IS NOT NULL ORDER BY l.customer
    """
    return [
        _item(Numbered(number, "recall" if erased is None else "erase", customer, origin, "0", 0, erased or 0))
        for customer, origin, erased in await tx.all(sql, venue)
        if erased is not None or origin != venue
    ]


async def _stops(tx: Tx, venue: str, number: int) -> list[Message]:
    """What a venue's own customers stopped elsewhere: it may have been away for longer than feeds are kept."""
    sql = """
    SELECT origin, epoch, subject, position, hash, head, sealed FROM ahead
    WHERE origin <> ? AND substr(subject, length(subject) - length(CAST(? AS TEXT))) = ? ORDER BY subject, origin
    """
    return [
        _item(Numbered(number, "event", subject, origin, epoch, rest[0], 0), row=_early(*rest))
        for origin, epoch, subject, *rest in await tx.all(sql, venue, venue, f"@{venue}")
    ]


async def _left(tx: Tx, venue: str, number: int) -> list[Message]:
    """Everybody who has left the house, as far back as rows are kept: a venue may have been away for longer."""
    sql = f"SELECT origin, epoch, hlc, {_ROW} FROM events WHERE type = 'staff.left' AND origin <> ? ORDER BY effective"  # noqa: S608
    found = []
    for origin, epoch, stamp, *rest in await tx.all(sql, venue):
        item = Numbered(number, "leaver", "", origin, epoch, rest[0], stamp or 0)
        found.append(_item(item, row=row_of(*rest).wire()))
    return found


def chunks(items: Sequence[Message]) -> list[list[Message]]:
    """Items in parts that each fit into one message; one empty part where there are none."""
    parts: list[list[Message]] = [[]]
    used = 0
    for item in items:
        size = 300 + sum(len(row.get("head", "")) + len(row.get("sealed", "")) + 200 for row in item.get("rows", ()))
        if parts[-1] and used + size > 512 * 1024:
            parts.append([])
            used = 0
        parts[-1].append(item)
        used += size
    return parts
