"""Data keys at the hub: wrapped once more by a generation key that is in no copy of the database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from gateway.hub import feeds
from gateway.hub.bundles import DataKey
from gateway.hub.database import Database, Tx, first
from gateway.hub.deciding import Deciding, named_by
from gateway.hub.own_keys import OtherGeneration, OwnKeys
from gateway.hub.problems import HubProblem


class Wraps:
    """The data keys that one store holds."""

    def __init__(self, database: Database, keys: OwnKeys, settle: Callable[[], Awaitable[None]]) -> None:
        self._database = database
        self._keys = keys
        self._settle = settle
        self.also: Callable[[int], Awaitable[None]] | None = None
        """What else is sealed by a generation key, to be sealed anew before the old one is destroyed."""

    async def put_keys(self, venue: str, keys: Sequence[DataKey], now_ms: int) -> None:
        """Keeps data keys of a venue's customers, its own or lent ones; raises HubProblem ``not-yours``."""

        async def change(tx: Tx) -> bool:
            deciding = Deciding(tx, self._keys, now_ms)
            named = [each._replace(customer=await named_by(tx, venue, each.customer)) for each in keys]
            await deciding.hold((each.customer, each.customer.rpartition("@")[2]) for each in named)
            new = set()
            for each in named:
                if await self._put(tx, venue, each):
                    new.add(each.customer)
            again = await deciding.merges(new)
            await deciding.decide(new | again, new)
            await feeds.append(tx, deciding.items, now_ms)
            return deciding.destroyed

        if await self._database.transact(change):
            await self._settle()

    async def _put(self, tx: Tx, venue: str, each: DataKey) -> bool:
        """Whether a key is new to the hub; of somebody who was erased none is kept."""
        home = each.customer.rpartition("@")[2]
        sql = "SELECT 1 FROM lent WHERE venue = ? AND customer = ? AND until IS NULL"
        if home != venue and await first(tx, sql, venue, each.customer) is None:
            raise HubProblem("not-yours", why=f"the customer {each.customer!r} is not lent to this venue")
        row = await first(tx, "SELECT erased FROM customers WHERE id = ?", each.customer)
        if row is not None and row[0] is not None:
            return False
        generation = await generation_of(tx)
        wrapped = self._keys.wrap(each, generation)
        sql = "INSERT INTO wraps VALUES (?, ?, ?, ?, ?) ON CONFLICT (customer, key_id) DO NOTHING"
        return await tx.run(sql, each.customer, each.key_id, venue, wrapped, generation) == 1

    async def put_escrow(self, venue: str, keys: Sequence[tuple[bytes, bytes]]) -> None:
        """Keeps keys under a venue's own master, which the hub cannot open; an empty one ends it."""

        async def change(tx: Tx) -> None:
            generation = await generation_of(tx)
            for key_id, wrapped in keys:
                gone = DataKey(f"*{venue}", key_id, wrapped)
                sql = "UPDATE escrow SET wrapped = ? WHERE origin = ? AND key_id = ?"
                await tx.run(sql, bytes(len(wrapped) or 88), venue, key_id)
                await tx.run("DELETE FROM escrow WHERE origin = ? AND key_id = ?", venue, key_id)
                if wrapped:
                    sql = "INSERT INTO escrow VALUES (?, ?, ?, ?)"
                    await tx.run(sql, venue, key_id, self._keys.wrap(gone, generation), generation)

        await self._database.transact(change)
        if any(not wrapped for _, wrapped in keys):
            await self._settle()

    async def escrow_of(self, venue: str) -> list[tuple[bytes, bytes]]:
        """What a venue gave to be kept: ids of its keys, and the keys under its own master."""

        async def query(tx: Tx) -> list[tuple[bytes, bytes]]:
            sql = "SELECT key_id, wrapped, generation FROM escrow WHERE origin = ? ORDER BY key_id"
            return [
                (bytes(key_id), self._keys.unwrap(f"*{venue}", key_id, wrapped, generation).key)
                for key_id, wrapped, generation in await tx.all(sql, venue)
            ]

        try:
            return await self._database.read(query)
        except OtherGeneration:  # as below
            return await self._database.read(query)

    async def keys_for(self, customers: Sequence[str]) -> list[DataKey]:
        """The data keys of customers that a venue is lent."""

        async def query(tx: Tx) -> list[DataKey]:
            deciding = Deciding(tx, self._keys, 0)
            found: list[DataKey] = []
            for customer in dict.fromkeys(customers):
                found += (await deciding.data_keys(customer)).values()
            return found

        try:
            return await self._database.read(query)
        except OtherGeneration:  # sealed anew between our look at the store and that at the key: look again
            return await self._database.read(query)

    async def forgetting(self, erasure: str, place: str, now_ms: int) -> None:
        """A line more on the receipt of an erasure: this place of the hub has to forget, too."""
        sql = "INSERT INTO receipts VALUES (?, ?, 'hub', ?, NULL, 0) ON CONFLICT (erasure, place) DO NOTHING"
        await self._database.transact(lambda tx: tx.run(sql, erasure, place, now_ms))

    async def forgotten(self, erasure: str, place: str, now_ms: int) -> None:
        """That place has forgotten; where the receipt does not name it nothing is said."""
        sql = "UPDATE receipts SET done_at = ? WHERE erasure = ? AND place = ? AND done_at IS NULL"
        await self._database.transact(lambda tx: tx.run(sql, now_ms, erasure, place))

    async def rewrap(self, now_ms: int) -> int:
        """Seals every wrap anew under a new generation key and destroys the old; how many.

        From then on what was erased is dark in copies too. Raises PermissionError where the generation key is a
        credential, or where nothing needs it on this database.
        """
        if self._database.dark_at_once:
            raise PermissionError("what is erased in this store is dark at once: there is nothing to seal anew")
        if self._keys.given:
            raise PermissionError("the generation key is a credential: give every machine a new one")

        async def change(tx: Tx) -> tuple[int, int]:
            old = await generation_of(tx)
            new = old + 1
            self._keys.next_generation(new)
            count = 0
            for table, owner in (("wraps", "customer"), ("escrow", "origin")):
                sql = f"SELECT {owner}, key_id, wrapped, generation FROM {table}"  # noqa: S608 - names of ours
                for who, key_id, wrapped, generation in await tx.all(sql):
                    bound = who if table == "wraps" else f"*{who}"
                    key = self._keys.unwrap(bound, key_id, wrapped, generation)
                    sql = f"UPDATE {table} SET wrapped = ?, generation = ? WHERE {owner} = ? AND key_id = ?"  # noqa: S608
                    await tx.run(sql, self._keys.wrap(key, new), new, who, key_id)
                    count += 1
            await tx.run("UPDATE house SET value = ? WHERE name = 'generation'", str(new))
            await tx.run("UPDATE house SET value = ? WHERE name = 'proof'", self._keys.proof(new))
            await tx.run("UPDATE house SET value = '0' WHERE name = 'destroyed'")
            await tx.run("UPDATE erasures SET dark_at = ? WHERE dark_at IS NULL", now_ms)
            return count, new

        count, new = await self._database.transact(change)
        if self.also is not None:
            await self.also(new)
        self._keys.destroy_before(new)
        return count


async def generation_now(tx: Tx) -> int:
    """The generation that seals now."""
    ((value,),) = await tx.all("SELECT value FROM house WHERE name = 'generation'")
    return int(value)


async def generation_of(tx: Tx) -> int:
    """The generation that seals now, held until the commit."""
    ((value,),) = await tx.all("UPDATE house SET value = value WHERE name = 'generation' RETURNING value")
    return int(value)
