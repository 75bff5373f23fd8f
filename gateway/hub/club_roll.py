"""What a hub's own records mean for the club's roll: who was erased, who is one person, and whose customer may be asked
for by which venue."""

from __future__ import annotations

from gateway.club.ledger import Ledger
from gateway.club.roll import Merge, Roll
from gateway.hub.database import Tx, first
from gateway.hub.deciding import named_by
from gateway.hub.own_keys import OwnKeys
from gateway.hub.problems import HubProblem
from gateway.hub.store import HubStore
from gateway.hub.wraps import generation_now

APART_MS = 600_000  # by how much the clocks of a hub's machines may differ
PLACE = "club"
"""The line of an erasure's receipt that says when the books forgot."""


async def roll_of(ledger: Ledger, store: HubStore, keys: OwnKeys) -> Roll:
    """The roll of the club that this hub keeps."""
    return await Roll.open(ledger, keys, await store.read(generation_now))


class RollKeeper:
    """Has the roll follow what the hub hears; one for each process."""

    def __init__(self, store: HubStore, roll: Roll) -> None:
        self._store = store
        self.roll = roll
        self._done: set[str] = set()
        self._since = 0

    async def look(self, now_ms: int) -> None:
        """Ends whose erasure is new, and joins whose records are one person's."""
        for id_, customer, at in await self._store.read(lambda tx: _erasures(tx, self._since)):
            self._since = at - APART_MS
            if id_ in self._done:
                continue
            if await self.roll.number_then(customer, at):  # the line first: a start in between goes on with it
                await self._store.wraps.forgetting(id_, PLACE, now_ms)
            await self.roll.erase(customer, at, now_ms)
            await self._store.wraps.forgotten(id_, PLACE, now_ms)
            self._done.add(id_)
        await self.roll.join(await self._store.read(_merges), now_ms)

    async def name_of(self, venue: str, customer: str) -> str:
        """How the house calls a venue's customer, whatever became of them."""
        return await self._store.read(lambda tx: named_by(tx, venue, customer))

    async def named(self, venue: str, customer: str) -> tuple[str, str]:
        """How the house calls a venue's customer, and the brand of their own venue.

        Raises HubProblem for one who was erased, or whom this venue may not know.
        """

        async def query(tx: Tx) -> tuple[str, str]:
            name = await named_by(tx, venue, customer)
            home = name.rpartition("@")[2]
            row = await first(tx, "SELECT erased FROM customers WHERE id = ?", name)
            if row is not None and row[0] is not None:
                raise HubProblem("unknown", what="customer")
            lent = "SELECT 1 FROM lent WHERE venue = ? AND customer = ? AND until IS NULL"
            if home != venue and await first(tx, lent, venue, name) is None:
                raise HubProblem("unknown", what="customer")
            sql = "SELECT brand FROM boxes WHERE venue = ? ORDER BY joined DESC LIMIT 1"
            brand = await first(tx, sql, home)
            return name, "" if brand is None else str(brand[0])

        return await self._store.read(query)


async def _erasures(tx: Tx, since: int) -> list[tuple[str, str, int]]:
    sql = "SELECT id, customer, at FROM erasures WHERE at >= ? ORDER BY at"
    return [(id_, customer, at) for id_, customer, at in await tx.all(sql, since)]


async def _merges(tx: Tx) -> list[Merge]:
    sql = "SELECT id, kept, other, undone FROM merges ORDER BY id"
    return [Merge(id_, kept, other, bool(undone)) for id_, kept, other, undone in await tx.all(sql)]
