"""A box that lost rows asks for what it wrote itself: the rows, what opens them, and who has stopped meanwhile."""

from __future__ import annotations

from typing import Any

from gateway.hub.database import Tx
from gateway.hub.problems import HubProblem
from gateway.hub.rows import MOST
from gateway.hub.store import HubStore
from gateway.hub.wire import Epoch, Message, b64

_OWN = "substr({0}, length({0}) - length(CAST(? AS TEXT))) = ?"


async def rows(store: HubStore, venue: str, of: Epoch, after: int) -> Message:
    """Rows of a venue's own behind a position; raises HubProblem ``hole`` where the hub has none of there."""
    before = await store.hash_before(venue, of, after)
    if before is None:
        oldest = await store.oldest(venue, of)
        have = None if oldest is None else {"epoch": of, "position": oldest.position, "hash": oldest.hash.hex()}
        raise HubProblem("hole", position=after, have=have)
    found, more = await store.own_rows(venue, of, after, MOST)
    wires = [row.wire() for row in found]
    return {"type": "events", "epoch": of, "after": after, "before": before.hex(), "rows": wires, "backlog": more}


async def known(store: HubStore, venue: str) -> list[str]:
    """The venue's own customers whose keys the hub holds."""

    async def query(tx: Tx) -> list[tuple[Any, ...]]:
        sql = f"SELECT DISTINCT customer FROM wraps WHERE {_OWN.format('customer')} ORDER BY customer"  # noqa: S608
        return await tx.all(sql, venue, f"@{venue}")

    return [customer for (customer,) in await store.read(query)]


async def stopped(store: HubStore, venue: str) -> list[str]:
    """The venue's own customers of whom the house knew and may know no more: of their rows digests alone are left.

    Who is one person with somebody else is left out: that one may be who stopped.
    """

    async def query(tx: Tx) -> list[tuple[Any, ...]]:
        sql = f"""
        SELECT c.id FROM customers c WHERE {_OWN.format("c.id")} AND c.scope = 'venue' AND c.erased IS NULL
        AND NOT EXISTS (SELECT 1 FROM merges m WHERE m.undone = 0 AND (m.kept = c.id OR m.other = c.id)) ORDER BY c.id
        """  # noqa: S608 - ours
        return await tx.all(sql, venue, f"@{venue}")

    return [customer for (customer,) in await store.read(query)]


async def escrow(store: HubStore, venue: str, most: int) -> list[Message]:
    """The venue's data keys under its own master, in messages of so many."""
    keys = [{"key_id": b64(key_id), "wrapped": b64(wrapped)} for key_id, wrapped in await store.wraps.escrow_of(venue)]
    return [{"type": "escrow", "keys": keys[at : at + most]} for at in range(0, len(keys), most)]
