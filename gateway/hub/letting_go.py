"""What the hub lets go of with time: rows that nobody needs any more, oldest first, venue by venue.

The rows of one epoch came in their order, so the oldest stand at its beginning: ``pruned`` says how far it is gone.
What tells who may know (consents and their ends, enrolments, merges, erasures) is kept for ever, and so is what tells
of a customer whom the house may know. Receipts and erasures are tables of their own, and never touched.
"""

from __future__ import annotations

from typing import NamedTuple

from gateway.hub import scopes
from gateway.hub.database import Database, Tx, first
from gateway.hub.rows import ERASED

MOST = 2_000
"""Rows that one transaction looks at."""
FOR_EVER = scopes.DECIDING | scopes.AT_ONCE | {ERASED}


class Pruned(NamedTuple):
    """How far an epoch has been let go of: the chain can be walked from here on."""

    position: int
    hash: bytes


async def pruned(tx: Tx, origin: str, epoch: str) -> Pruned | None:
    """Up to where rows of an epoch may be missing; None where all are there."""
    row = await first(tx, "SELECT position, hash FROM pruned WHERE origin = ? AND epoch = ?", origin, epoch)
    return None if row is None else Pruned(*row)


async def let_go(database: Database, before_ms: int) -> int:
    """Lets go of rows that came before this time; how many."""

    async def epochs(tx: Tx) -> list[tuple[str, str]]:
        return [(origin, epoch) for origin, epoch in await tx.all("SELECT origin, epoch FROM cursors")]

    gone = 0
    for origin, epoch in sorted(await database.read(epochs)):
        while True:

            async def change(tx: Tx, origin: str = origin, epoch: str = epoch) -> tuple[int, int]:
                return await _some(tx, origin, epoch, before_ms)

            seen, deleted = await database.transact(change)
            gone += deleted
            if seen < MOST:
                break
    await database.make_less(before_ms)
    return gone


async def _some(tx: Tx, origin: str, epoch: str, before_ms: int) -> tuple[int, int]:
    """The next rows of one epoch that are old enough: how many were looked at, and how many went."""
    begun = await pruned(tx, origin, epoch)
    sql = """
    SELECT position, hash, received, type, subject FROM events
    WHERE origin = ? AND epoch = ? AND position > ? ORDER BY position LIMIT ?
    """
    rows = await tx.all(sql, origin, epoch, 0 if begun is None else begun.position, MOST)
    old = []
    for row in rows:
        if row[2] >= before_ms:
            break
        old.append(row)
    if not old:
        return 0, 0
    known = await _known(tx, {subject for *_, subject in old if subject})
    going = [
        (origin, epoch, position, received)
        for position, _, received, type_, subject in old
        if type_ not in FOR_EVER and not (subject in known and scopes.tells(type_))
    ]
    sql = "DELETE FROM events WHERE origin = ? AND epoch = ? AND position = ? AND received = ?"
    await tx.many(sql, going)
    sql = """
    INSERT INTO pruned VALUES (?, ?, ?, ?)
    ON CONFLICT (origin, epoch) DO UPDATE SET position = excluded.position, hash = excluded.hash
    """
    await tx.run(sql, origin, epoch, old[-1][0], old[-1][1])
    return len(old), len(going)


async def _known(tx: Tx, customers: set[str]) -> set[str]:
    """Those of these customers whom others than their own venue may know."""
    sql = "SELECT 1 FROM customers WHERE id = ? AND scope <> 'venue'"
    return {each for each in sorted(customers) if await first(tx, sql, each) is not None}
