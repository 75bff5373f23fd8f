"""The hub's store: one interface over either database, and one set of rules.

taken = await store.take(sender, after, before, rows, now_ms)   # or HubProblem, and nothing is stored
for said in await store.tail("urgent", "flagship", after=907): …
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple, TypeVar

from gateway.events import times
from gateway.hub import expecting, feeds, lending, letting_go, rows
from gateway.hub.database import Database, Tx, first, months_from
from gateway.hub.deciding import Deciding
from gateway.hub.expecting import Expected, Wish
from gateway.hub.feeds import BRAND, Head
from gateway.hub.lending import Said
from gateway.hub.members import Members
from gateway.hub.office import Office
from gateway.hub.own_keys import OtherGeneration, OwnKeys
from gateway.hub.own_rows import OwnRows
from gateway.hub.rows import Row
from gateway.hub.taking import From, Taken, Taking
from gateway.hub.wire import Epoch, Message, kept_epoch
from gateway.hub.wraps import Wraps

T = TypeVar("T")
USUAL = Wish()
MONTH_AHEAD = 2
"""Months that have a place before the first row of them comes."""


class OtherMachine(Exception):
    """This machine holds other keys than the one that began the store; the text says which."""


class Have(NamedTuple):
    """How far the hub is in one epoch."""

    position: int
    hash: bytes


class HubStore:
    """What the hub keeps."""

    def __init__(self, database: Database, keys: OwnKeys, hub: str) -> None:
        self._database = database
        self._keys = keys
        self._hub = hub
        self._months = ""
        self._unsettled = False
        self.members = Members(database)
        self.office = Office(database)
        self.wraps = Wraps(database, keys, self.settle)
        self.life = ""

    @classmethod
    async def open(cls, database: Database, keys: OwnKeys, hub: str) -> HubStore:
        """A store that is ready; raises OtherMachine where it belongs to another hub, or to other keys."""
        store = cls(database, keys, hub)

        async def change(tx: Tx) -> dict[str, str]:
            mine = {"hub": hub, "sign": keys.sign.hex(), "life": times.new_id(), "generation": "1"}
            if await first(tx, "SELECT 1 FROM house WHERE name = 'proof'") is None:
                mine["proof"] = keys.proof(1)
            sql = "INSERT INTO house VALUES (?, ?) ON CONFLICT (name) DO NOTHING"
            await tx.many(sql, sorted(mine.items()))
            return dict(await tx.all("SELECT name, value FROM house"))

        house = await database.transact(change)
        if house["hub"] != hub:
            raise OtherMachine(f"the store is that of the hub {house['hub']!r}, and the settings say {hub!r}")
        if house["sign"] != keys.sign.hex():
            raise OtherMachine("the store is that of a hub with another signing key: give this machine the same one")
        try:
            same = keys.proof(int(house["generation"])) == house["proof"]
        except OtherGeneration:
            same = False
        if not same:
            raise OtherMachine(
                "the keys in the store are sealed with a generation key that this machine does not hold: give each "
                "machine of the hub the same credential hub-generation-key"
            )
        store.life = house["life"]
        return store

    # --- rows ---------------------------------------------------------------------------------------------------------

    async def take(
        self, sender: From, after: int, before: bytes, wires: Sequence[object], now_ms: int
    ) -> Taken:  # fmt: skip
        """Stores what is new of a batch, exactly once; raises HubProblem and stores nothing, or StoreLost."""
        batch = rows.batch(sender.venue, sender.epoch, after, before, wires)
        await self._room_for(now_ms)

        async def change(tx: Tx) -> Taken:
            return await Taking(tx, self._keys, sender, now_ms).take(after, before, batch)

        taken = await self._database.transact(change)
        if taken.destroyed:
            await self.settle()
        return taken

    async def ahead(self, sender: From, wires: Sequence[object], now_ms: int) -> None:
        """Takes what ends at once out of turn; raises HubProblem."""
        await self._apart(sender, now_ms, lambda taking: taking.ahead(wires))

    async def reveal(self, sender: From, wires: Sequence[object], now_ms: int) -> None:
        """Opens rows that are held dark; raises HubProblem and opens none."""
        await self._apart(sender, now_ms, lambda taking: taking.reveal(wires))

    async def conceal(self, sender: From, wires: Sequence[object], now_ms: int) -> None:
        """Keeps rows dark of which digests alone are left; raises HubProblem and keeps none."""
        await self._apart(sender, now_ms, lambda taking: taking.conceal(wires))

    async def _apart(self, sender: From, now_ms: int, takes: Callable[[Taking], Awaitable[object]]) -> None:
        async def change(tx: Tx) -> bool:
            await takes(taking := Taking(tx, self._keys, sender, now_ms))
            return taking.destroyed

        if await self._database.transact(change):
            await self.settle()

    async def _room_for(self, now_ms: int) -> None:
        day = datetime.fromtimestamp(now_ms / 1000, UTC)
        if self._months != f"{day:%Y%m}":
            await self._database.make_room(months_from(now_ms, MONTH_AHEAD + 1))
            self._months = f"{day:%Y%m}"

    async def have(self, venue: str, epoch: Epoch) -> Have | None:
        """How far the hub is in this epoch; None where it has heard nothing of it."""

        async def query(tx: Tx) -> Have | None:
            sql = "SELECT position, hash FROM cursors WHERE origin = ? AND epoch = ? AND position > 0"
            row = await first(tx, sql, venue, kept_epoch(epoch))
            return None if row is None else Have(*row)

        return await self._database.read(query)

    async def hash_at(self, venue: str, epoch: Epoch, position: int) -> bytes | None:
        """The hash of one row; None where the hub does not have it."""

        async def query(tx: Tx) -> bytes | None:
            sql = "SELECT hash FROM events WHERE origin = ? AND epoch = ? AND position = ?"
            row = await first(tx, sql, venue, kept_epoch(epoch), position)
            return None if row is None else row[0]

        return await self._database.read(query)

    async def hash_before(self, venue: str, epoch: Epoch, after: int) -> bytes | None:
        """What stands before the row behind ``after``, also before the first.

        None where the hub does not have it, or has let rows behind it go: see ``oldest``.
        """
        begins = await self.oldest(venue, epoch)
        if begins is not None and after <= begins.position:
            return begins.hash if after == begins.position else None
        if after > 0:
            return await self.hash_at(venue, epoch, after)

        async def query(tx: Tx) -> bytes | None:
            sql = "SELECT parent FROM cursors WHERE origin = ? AND epoch = ?"
            row = await first(tx, sql, venue, kept_epoch(epoch))
            return None if row is None else row[0]

        return await self._database.read(query)

    async def oldest(self, venue: str, epoch: Epoch) -> Have | None:
        """Behind which row every row of an epoch is still there; None where none was let go."""

        async def query(tx: Tx) -> Have | None:
            found = await letting_go.pruned(tx, venue, kept_epoch(epoch))
            return None if found is None else Have(*found)

        return await self._database.read(query)

    async def own_rows(self, venue: str, epoch: Epoch, after: int, most: int) -> tuple[list[Row], int]:
        """A venue's own rows behind a position, and how many more there are."""

        async def query(tx: Tx) -> tuple[list[Row], int]:
            sql = """
            SELECT position, hash, head_digest, body_digest, head, sealed, dark FROM events
            WHERE origin = ? AND epoch = ? AND position > ? ORDER BY position LIMIT ?
            """
            kept = kept_epoch(epoch)
            found = [lending.row_of(*row) for row in await tx.all(sql, venue, kept, after, most)]
            row = await first(tx, "SELECT position FROM cursors WHERE origin = ? AND epoch = ?", venue, kept)
            last = found[-1].position if found else after
            return found, max(0, (0 if row is None else row[0]) - last)

        return await self._database.read(query)

    # --- feeds --------------------------------------------------------------------------------------------------------

    async def heads(self) -> dict[str, Head]:
        """Where every feed stands."""
        return await self._database.read(feeds.heads)

    async def tail(self, feed: str, venue: str, after: int) -> list[Said]:
        """What a feed says to a venue behind a number, as messages."""

        async def query(tx: Tx) -> list[Said]:
            most = feeds.MOST if feed == feeds.URGENT else 250
            return await lending.said(tx, feed, venue, await feeds.tail(tx, feed, venue, after, most))

        return await self._database.read(query)

    async def snapshot(self, feed: str, venue: str, after: str = "") -> tuple[list[Message], list[str], str]:
        """Whom a venue may know by a feed, a page of it: see ``lending.snapshot``."""

        async def query(tx: Tx) -> tuple[list[Message], list[str], str]:
            return await lending.snapshot(tx, feed, venue, after)

        return await self._database.read(query)

    async def is_ours(self, feed: str, number: int, hash_: bytes) -> bool:
        """Whether a venue's number and hash of a feed are this hub's, and the tail behind it is still kept."""

        async def query(tx: Tx) -> bool:
            return await feeds.is_ours(tx, feed, number, hash_)

        return await self._database.read(query)

    async def applied(self, box: str, venue: str, feed: str, number: int, now_ms: int) -> None:
        """A venue has done what a feed said up to a number: for ``urgent`` keys are destroyed there."""

        async def change(tx: Tx) -> None:
            sql = """
            INSERT INTO applied VALUES (?, ?, ?, ?) ON CONFLICT (box, feed) DO UPDATE
            SET number = CASE WHEN excluded.number > applied.number THEN excluded.number ELSE applied.number END,
            at = excluded.at
            """
            await tx.run(sql, box, feed, number, now_ms)
            if feed == feeds.URGENT:
                sql = """
                UPDATE receipts SET done_at = ? WHERE place = ? AND kind = 'venue' AND done_at IS NULL AND number <= ?
                """
                await tx.run(sql, now_ms, venue, number)

        await self._database.transact(change)

    async def welcome(self, venue: str, brand: str, now_ms: int, wanted: Wish = USUAL) -> bool:
        """Sees to it that a venue is lent whom its brand may know, also those from before it joined.

        Whether the venue wants to be lent others than before: then it needs a snapshot.
        """
        feed = f"{BRAND}{brand}"

        async def change(tx: Tx) -> bool:
            anew = await expecting.wish(tx, venue, wanted)
            known: list[tuple[Any, ...]] = []
            if wanted.scope == "expected":
                sql = "UPDATE lent SET until = ? WHERE venue = ? AND until IS NULL AND why = 'brand'"
                await tx.run(sql, now_ms, venue)
            else:
                sql = "SELECT id FROM customers WHERE scope = 'house' AND brands LIKE ? AND origin <> ?"
                known = await tx.all(sql, f'%"{brand}"%', venue)
            sql = """
            INSERT INTO lent VALUES (?, ?, ?, NULL, 'brand')
            ON CONFLICT (venue, customer) DO UPDATE SET until = NULL WHERE lent.until IS NOT NULL
            """
            await tx.many(sql, [(venue, id_, now_ms) for (id_,) in sorted(known)])
            sql = "INSERT INTO heads VALUES (?, 0, ?, 0, ?) ON CONFLICT (feed) DO NOTHING"
            for each in (feeds.URGENT, feeds.HOUSE, *([feed] if brand else [])):
                await tx.run(sql, each, feeds.BEGINNING.hash, feeds.BEGINNING.hash)
            return anew

        return await self._database.transact(change)

    # --- what the hub itself writes -----------------------------------------------------------------------------------

    async def write(self, does: Callable[[Tx, OwnRows], Awaitable[T]], actor: str, now_ms: int) -> T:
        """Has ``does`` write rows of the hub, as somebody, in one transaction; raises HubProblem, and writes none."""
        await self._room_for(now_ms)

        async def change(tx: Tx) -> T:
            return await does(tx, OwnRows(tx, self._keys, self._hub, self.life, actor, now_ms))

        found = await self._database.transact(change)
        await self.settle()
        return found

    async def read(self, query: Callable[[Tx], Awaitable[T]]) -> T:
        """What ``query`` returns; it changes nothing and sees one state."""
        return await self._database.read(query)

    async def expect(self, rows_: Sequence[Expected], actor: str, now_ms: int) -> None:
        """Announces customers, all or none; raises HubProblem for one whom the house may not know."""

        async def does(tx: Tx, own: OwnRows) -> None:
            written = await expecting.record(tx, own, rows_)
            items = expecting.items(self._hub, kept_epoch(self.life), written, [each.venue for each in rows_])
            await feeds.append(tx, items, now_ms)

        await self.write(does, actor, now_ms)

    async def cancel_expected(self, id_: str, actor: str, now_ms: int) -> bool:
        """Somebody comes not after all; False where nobody is expected by that id."""

        async def does(tx: Tx, own: OwnRows) -> bool:
            found = await expecting.cancel(tx, own, id_)
            if found is not None:
                items = expecting.items(self._hub, kept_epoch(self.life), found[0], [found[1]])
                await feeds.append(tx, items, now_ms)
            return found is not None

        return await self.write(does, actor, now_ms)

    async def expected(self, venue: str, begins: int, ends: int) -> list[tuple[str, str, str, int, int, str]]:
        """Who is expected within a time, at a venue or (empty) at any: see ``expecting.between``."""

        async def query(tx: Tx) -> list[tuple[str, str, str, int, int, str]]:
            return await expecting.between(tx, venue, begins, ends)

        return await self._database.read(query)

    # --- by and by ----------------------------------------------------------------------------------------------------

    async def pulse(self, now_ms: int) -> int:
        """Recalls whose consent has ended by its date, lends who is expected soon; how many were looked at."""

        async def change(tx: Tx) -> int:
            sql = "SELECT id, origin FROM customers WHERE until IS NOT NULL AND until <= ? LIMIT 500"
            due = await tx.all(sql, now_ms)
            deciding = Deciding(tx, self._keys, now_ms)
            await deciding.hold(due)
            await deciding.decide({id_ for id_, _ in due})
            expected = await expecting.settle(tx, deciding, now_ms)
            await feeds.append(tx, deciding.items, now_ms)
            return len(due) + expected

        found = await self._database.transact(change)
        if found or self._unsettled:
            await self.settle()
        return found

    async def settle(self) -> None:
        """Leaves nothing on the disk of keys that were destroyed; where that cannot be now, ``pulse`` does it."""
        self._unsettled = not await self._database.settle()

    async def beat(self, now_ms: int) -> None:
        """Has something small written: raises StoreLost where the disk takes nothing."""

        async def change(tx: Tx) -> None:
            sql = "INSERT INTO house VALUES ('beat', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
            await tx.run(sql, str(now_ms))

        await self._database.transact(change)

    async def prune(self, before_ms: int) -> int:
        """Lets go of what feeds said before that time; how many items."""

        async def change(tx: Tx) -> int:
            return await feeds.forget(tx, before_ms)

        return await self._database.transact(change)

    async def let_go(self, before_ms: int) -> int:
        """Lets go of old rows that nobody needs any more: see ``letting_go``; how many."""
        return await letting_go.let_go(self._database, before_ms)

    async def is_rewrap_due(self) -> bool:
        """Whether somebody was erased, or ended what the hub may know, whose keys are not dark in copies yet."""

        async def query(tx: Tx) -> bool:
            sql = "SELECT 1 FROM house WHERE name = 'destroyed' AND value = '1'"
            return await first(tx, sql) is not None

        return not self._database.dark_at_once and await self._database.read(query)

    async def receipt(self, erasure: str) -> dict[str, Any] | None:
        """What was erased where; None where there is no such erasure."""

        async def query(tx: Tx) -> dict[str, Any] | None:
            sql = "SELECT id, customer, at, dark_at FROM erasures WHERE id = ? OR customer = ? ORDER BY at DESC LIMIT 1"
            row = await first(tx, sql, erasure, erasure)
            if row is None:
                return None
            sql = """
            SELECT r.place, r.kind, r.done_at, (SELECT max(b.heard) FROM boxes b WHERE b.venue = r.place)
            FROM receipts r WHERE r.erasure = ? ORDER BY r.kind, r.place
            """
            lines = await tx.all(sql, row[0])
            dark = row[2] if self._database.dark_at_once else row[3]
            return {"erasure": row[0], "customer": row[1], "at": row[2], "dark_at": dark, "places": lines}

        return await self._database.read(query)

    async def close(self) -> None:
        """Lets go of the database."""
        await self._database.close()


def fingerprint(sign: bytes) -> str:
    """The 8 hex digits by which a box knows the hub that invited it."""
    return sha256(sign).hexdigest()[:8]
