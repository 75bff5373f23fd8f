"""Feeds: gapless numbers that are given last of all in a transaction, and what of them is whose.

``urgent`` says what ends at once (recall, erase, leaver), ``house`` what is of the whole house, ``brand/ID`` what may
be known of customers. Each has a hash that proves to a venue which comes back that this is still the hub it knew.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Any, NamedTuple

from gateway.hub.database import Tx, first
from gateway.records.chain import NOTHING

URGENT, HOUSE, BRAND = "urgent", "house", "brand/"
COLUMNS = ("feed", "number", "kind", "customer", "origin", "epoch", "position", "venue", "hlc", "hash", "at")
MOST = 1_000
"""Items in one message."""


class Item(NamedTuple):
    """One thing that a feed says; ``cause`` is the hash of the row it is for, ``venue`` whose alone it is, or empty."""

    feed: str
    kind: str
    customer: str
    origin: str
    epoch: str
    position: int
    hlc: int
    cause: bytes = NOTHING
    venue: str = ""


class Numbered(NamedTuple):
    """An item with its number, as a feed keeps it."""

    number: int
    kind: str
    customer: str
    origin: str
    epoch: str
    position: int
    hlc: int


class Head(NamedTuple):
    """Where a feed stands, and how far back it reaches."""

    number: int
    hash: bytes
    oldest: int
    oldest_hash: bytes


class Stretch(NamedTuple):
    """What of a feed is one venue's in (after, number], and the hash at its end."""

    after: int
    number: int
    hash: bytes
    items: list[Numbered]


BEGINNING = Head(0, NOTHING, 0, NOTHING)


def order(feed: str) -> tuple[int, str]:
    """Urgent first, then what is of the house, then brands."""
    return (0 if feed == URGENT else 1 if feed == HOUSE else 2, feed)


def follows(before: bytes, cause: bytes) -> bytes:
    """The hash of a feed behind one item more."""
    return sha256(before + cause).digest()


async def append(tx: Tx, items: Iterable[Item], now_ms: int) -> dict[str, int]:
    """Numbers the items and writes them, feed by feed in the order of their names; the newest number of each feed.

    The row of a feed's head is held from here to the commit: so no later number is seen before an earlier one.
    """
    by_feed: dict[str, list[Item]] = {}
    for item in items:
        by_feed.setdefault(item.feed, []).append(item)
    numbers: dict[str, int] = {}
    for feed in sorted(by_feed):
        waiting = by_feed[feed]
        sql = "INSERT INTO heads VALUES (?, 0, ?, 0, ?) ON CONFLICT (feed) DO NOTHING"
        await tx.run(sql, feed, NOTHING, NOTHING)
        grow = "UPDATE heads SET number = number + ? WHERE feed = ? RETURNING number, hash"
        ((number, hash_),) = await tx.all(grow, len(waiting), feed)
        rows: list[tuple[Any, ...]] = []
        for count, item in enumerate(waiting, number - len(waiting) + 1):
            hash_ = follows(hash_, item.cause)
            rows.append(
                (feed, count, item.kind, item.customer, item.origin, item.epoch, item.position, item.venue, item.hlc,
                 hash_, now_ms)
            )  # fmt: skip
        await tx.run("UPDATE heads SET hash = ? WHERE feed = ?", hash_, feed)
        await tx.copy("feed", COLUMNS, rows)
        numbers[feed] = number
    return numbers


async def heads(tx: Tx) -> dict[str, Head]:
    """Where every feed stands."""
    return {feed: Head(*rest) for feed, *rest in await tx.all("SELECT * FROM heads")}


async def is_ours(tx: Tx, feed: str, number: int, hash_: bytes) -> bool:
    """Whether the hub gave this number with this hash, and still has what came behind it."""
    head = (await heads(tx)).get(feed, BEGINNING)
    if number == head.oldest:
        return hash_ == head.oldest_hash
    row = await first(tx, "SELECT hash FROM feed WHERE feed = ? AND number = ?", feed, number)
    return row is not None and row[0] == hash_


async def hash_at(tx: Tx, feed: str, number: int) -> bytes:
    """The hash of a feed at a number that it still reaches back to."""
    row = await first(tx, "SELECT hash FROM feed WHERE feed = ? AND number = ?", feed, number)
    if row is None:
        return (await heads(tx)).get(feed, BEGINNING).oldest_hash
    found: bytes = row[0]
    return found


_OF_VENUE = """
SELECT f.number, f.kind, f.customer, f.origin, f.epoch, f.position, f.hlc FROM feed f
WHERE f.feed = ? AND f.number > ? AND f.number <= ? AND f.venue IN ('', ?) AND (
    f.kind = 'leaver' AND f.origin <> ?
    OR f.kind = 'event' AND f.origin <> ? AND EXISTS (
        SELECT 1 FROM lent l WHERE l.venue = ? AND l.customer = f.customer AND l.until IS NULL)
    OR f.kind = 'event' AND f.origin <> ? AND substr(f.customer, length(f.customer) - length(CAST(? AS TEXT))) = ?
    OR f.kind = 'lend' AND EXISTS (
        SELECT 1 FROM lent l WHERE l.venue = ? AND l.customer = f.customer AND l.until IS NULL)
    OR f.kind = 'recall' AND EXISTS (
        SELECT 1 FROM lent l WHERE l.venue = ? AND l.customer = f.customer AND l.until IS NOT NULL AND l.why <> 'own')
    OR f.kind = 'erase' AND EXISTS (SELECT 1 FROM lent l WHERE l.venue = ? AND l.customer = f.customer)
)
ORDER BY f.number LIMIT ?
"""


async def tail(tx: Tx, feed: str, venue: str, after: int, most: int = MOST) -> Stretch:
    """What a feed says to a venue behind number ``after``; what is another's is no hole in it."""
    head = (await heads(tx)).get(feed, BEGINNING)
    found = [
        Numbered(*row)
        for row in await tx.all(
            _OF_VENUE, feed, after, head.number, venue, *[venue] * 5, f"@{venue}", *[venue] * 3, most
        )
    ]  # fmt: skip
    if len(found) < most:
        return Stretch(after, max(after, head.number), head.hash, found)
    number = found[-1].number
    return Stretch(after, number, await hash_at(tx, feed, number), found)


async def forget(tx: Tx, before_ms: int) -> int:
    """Lets go of what feeds said before that time; who comes back from further away takes a snapshot. How many rows."""
    gone = 0
    sql = "SELECT number, hash FROM feed WHERE feed = ? AND at < ? ORDER BY number DESC LIMIT 1"
    for feed in sorted(await heads(tx)):
        row = await first(tx, sql, feed, before_ms)
        if row is not None:
            await tx.run("UPDATE heads SET oldest = ?, oldest_hash = ? WHERE feed = ?", row[0], row[1], feed)
            gone += await tx.run("DELETE FROM feed WHERE feed = ? AND number <= ?", feed, row[0])
    return gone
