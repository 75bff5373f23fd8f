"""Who may know of a customer is decided of their rows, all of them, each time: no order of arrival matters.

It opens consents, enrolments and merges and nothing else. What restricts wins: a stop that cannot be read is one.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.consent.ledger import Entry
from gateway.events import hlc
from gateway.hub import bundles, scopes
from gateway.hub.database import Tx, first
from gateway.hub.feeds import BRAND, URGENT, Item
from gateway.hub.own_keys import OwnKeys
from gateway.hub.scopes import Standing
from gateway.records.chain import NOTHING, head_digest, read_head

_READ = ", ".join("?" * len(scopes.DECIDING))


Cause = tuple[str, str, int, int, bytes]
"""Origin, epoch, position, clock and hash of the row for which something is done."""


@dataclass(slots=True)
class Known:
    """What a customer's rows say of who may know."""

    entries: list[tuple[str, Entry]] = field(default_factory=list)
    brands: set[str] = field(default_factory=set)
    cause: Cause = ("", "0", 0, 0, NOTHING)
    """The newest row that decides."""

    @property
    def stopped(self) -> bool:
        """Whether there is a stop, to be read or not."""
        return any(entry.stops and entry.purpose == scopes.HOUSES for _, entry in self.entries)


async def named_by(tx: Tx, venue: str, subject: str) -> str:
    """How the house calls whom a venue calls so: another venue's customer carries that venue's name already."""
    other = subject.rpartition("@")[2] if "@" in subject else ""
    if other == venue or (other and await first(tx, "SELECT 1 FROM boxes WHERE venue = ?", other)):
        return subject
    return f"{subject}@{venue}"


async def merged_with(tx: Tx, customer: str) -> set[str]:
    """The customer and all records that are the same person."""
    found, new = {customer}, [customer]
    sql = "SELECT kept, other FROM merges WHERE undone = 0 AND (kept = ? OR other = ?)"
    while new:
        at = new.pop()
        for pair in await tx.all(sql, at, at):
            new += [each for each in pair if each and each not in found]
            found.update(each for each in pair if each)
    return found


class Deciding:
    """Decides within one transaction; ``items`` are what the feeds have to say of it."""

    def __init__(self, tx: Tx, keys: OwnKeys, now_ms: int) -> None:
        self._tx = tx
        self._keys = keys
        self._now = now_ms
        self.items: list[Item] = []
        self.destroyed = False
        """Whether keys were destroyed: the disk is to be left without them."""

    async def hold(self, customers: Iterable[tuple[str, str]]) -> None:
        """Makes rows for customers ``(id, origin)`` that have none, and holds them until the commit, in one order."""
        wanted = sorted(set(customers))
        sql = "INSERT INTO customers VALUES (?, ?, '', '[]', 'venue', NULL, NULL, ?) ON CONFLICT (id) DO NOTHING"
        await self._tx.many(sql, [(id_, origin, self._now) for id_, origin in wanted])
        sql = "UPDATE customers SET changed = ? WHERE id = ?"
        await self._tx.many(sql, [(self._now, id_) for id_, _ in wanted])

    async def decide(self, customers: Collection[str], anew: Collection[str] = ()) -> None:
        """Looks at these customers again, and whoever is the same person; ``anew``: rows or keys of them are new."""
        done: set[str] = set()
        for customer in sorted(customers):
            if customer in done:
                continue
            group = await self._group(customer)
            known = {each: await self._known(each) for each in sorted(group)}
            standing = await self._standing(known)
            for each in sorted(group):
                await self._settle(each, standing, known[each], again=each in anew)
            done |= group

    async def _group(self, customer: str) -> set[str]:
        """The customer and all records that are the same person."""
        found = await merged_with(self._tx, customer)
        if len(found) > 1:
            await self.hold((each, each.rpartition("@")[2]) for each in found)
        return found

    async def _standing(self, known: Mapping[str, Known]) -> Standing:
        found: Standing | None = None
        for each in known.values():
            one = scopes.standing(scopes.known_as(each.entries), each.brands, self._now / 1000)
            found = one if found is None else scopes.narrower(found, one)
        return found or scopes.NOBODY

    async def data_keys(self, customer: str) -> dict[bytes, bundles.DataKey]:
        """The data keys of a customer that the hub holds, by their ids."""
        sql = "SELECT key_id, wrapped, generation FROM wraps WHERE customer = ?"
        return {
            key_id: self._keys.unwrap(customer, key_id, wrapped, generation)
            for key_id, wrapped, generation in await self._tx.all(sql, customer)
        }

    async def opened(self, customer: str) -> list[tuple[str, str, int, bytes, Any, Mapping[str, Any] | None]]:
        """The rows that decide, with their data: origin, epoch, position, hash, head, data (None: it stays dark)."""
        sql = f"SELECT origin, epoch, position, hash, head, sealed FROM events WHERE subject = ? AND type IN ({_READ})"  # noqa: S608
        rows = await self._tx.all(sql, customer, *sorted(scopes.DECIDING))
        sql = "SELECT origin, epoch, position, hash, head, sealed FROM ahead WHERE subject = ?"
        rows += await self._tx.all(sql, customer)
        keys = await self.data_keys(customer)
        found = []
        for origin, epoch, position, hash_, text, sealed in rows:
            if not text:
                continue
            key = keys.get(bundles.key_id_of(sealed) or b"")
            raw = None if key is None else bundles.open_body(key.key, sealed, head_digest(text))
            data = None if raw is None else scopes.data_of(raw)
            found.append((origin, epoch, position, hash_, read_head(text), data))
        return found

    async def _known(self, customer: str) -> Known:
        known, newest = Known(), (-1, -1)
        for origin, epoch, position, hash_, head, data in await self.opened(customer):
            stamp = hlc.parse(head.hlc)
            if (stamp, position) > newest:
                newest, known.cause = (stamp, position), (origin, epoch, position, stamp, hash_)
            if head.type == "customer.enrolled":
                known.brands.add(head.brand or await self._brand_of(origin))
            entry = self._entry(head, data, stamp)
            if entry is not None:
                known.entries.append((head.id, entry))
        if not known.brands:
            known.brands.add(await self._brand_of(customer.rpartition("@")[2]))
        return known

    @staticmethod
    def _entry(head: Any, data: Mapping[str, Any] | None, stamp: int) -> Entry | None:
        at = (stamp >> hlc.COUNTER_BITS) / 1000
        if data is None:  # a stop that we cannot read may be the one that counts
            return Entry(head.id, scopes.HOUSES, "withdrawn", at) if head.type == "consent.revoked" else None
        return scopes.entry_of(head.id, head.type, data, at)

    async def _brand_of(self, venue: str) -> str:
        row = await first(self._tx, "SELECT brand FROM boxes WHERE venue = ? ORDER BY joined DESC LIMIT 1", venue)
        return "" if row is None else str(row[0])

    # --- what follows -------------------------------------------------------------------------------------------------

    async def _settle(self, customer: str, standing: Standing, known: Known, *, again: bool) -> None:
        sql = "SELECT origin, brands, erased FROM customers WHERE id = ?"
        row = await first(self._tx, sql, customer)
        if row is None or row[2] is not None:
            return
        origin, before = row[0], frozenset(json.loads(row[1]))
        sql = "UPDATE customers SET brands = ?, scope = ?, until = ? WHERE id = ?"
        brands = json.dumps(sorted(standing.brands))
        await self._tx.run(sql, brands, standing.scope, standing.until, customer)
        for brand in sorted(standing.brands):
            if brand not in before or again:
                await self.lend(customer, origin, brand)
                self.items.append(Item(f"{BRAND}{brand}", "lend", customer, *known.cause))
        if gone := before - standing.brands:
            await self._recall(customer, gone, known, ends=standing.scope == "venue")
            if standing.scope == "venue":
                await self._tell_home(customer, gone)
                await self.destroy(customer)
        elif not standing.brands and known.stopped:
            await self._tell_home(customer, ())
            await self._blank(customer)

    async def lend(self, customer: str, origin: str, brand: str) -> None:
        """Writes down that every venue of a brand may know a customer, but for the customer's own."""
        sql = """
        SELECT DISTINCT venue FROM boxes b WHERE brand = ? AND revoked IS NULL AND venue <> ?
        AND NOT EXISTS (SELECT 1 FROM wishes w WHERE w.venue = b.venue AND w.scope = 'expected')
        """
        venues = await self._tx.all(sql, brand, origin)
        sql = """
        INSERT INTO lent VALUES (?, ?, ?, NULL, 'brand')
        ON CONFLICT (venue, customer) DO UPDATE SET until = NULL, since = excluded.since, why = 'brand'
        """
        await self._tx.many(sql, [(venue, customer, self._now) for (venue,) in sorted(venues)])

    async def _recall(self, customer: str, brands: Collection[str], known: Known, *, ends: bool) -> None:
        sql = """
        UPDATE lent SET until = ? WHERE customer = ? AND until IS NULL AND why = 'brand'
        AND venue IN (SELECT venue FROM boxes WHERE brand = ?)
        """
        for brand in sorted(brands):
            await self._tx.run(sql, self._now, customer, brand)
        if ends:
            sql = "UPDATE lent SET until = ? WHERE customer = ? AND until IS NULL AND why <> 'own'"
            await self._tx.run(sql, self._now, customer)
        self.items.append(Item(URGENT, "recall", customer, *known.cause))

    async def _tell_home(self, customer: str, brands: Collection[str]) -> None:
        """A stop that was said in another venue outlives the rest: their own venue has to hear of it, and until a grant
        names it, it holds here too."""
        home = customer.rpartition("@")[2]
        sql = """
        SELECT origin, epoch, position, hash, subject, head, sealed, hlc FROM events
        WHERE subject = ? AND type = 'consent.revoked' AND origin <> ? AND head <> ''
        """
        for *row, stamp in await self._tx.all(sql, customer, home):
            keep = "INSERT INTO ahead VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (origin, epoch, position) DO NOTHING"
            if not await self._tx.run(keep, *row):
                continue  # they were told
            origin, epoch, position, hash_ = row[:4]
            for brand in sorted({*brands, await self._brand_of(home)}):
                item = Item(f"{BRAND}{brand}", "event", customer, origin, epoch, position, stamp or 0, hash_, home)
                self.items.append(item)

    async def destroy(self, customer: str, but: tuple[str, str, int] = ("", "", 0)) -> None:
        """Destroys the hub's wraps of a customer and blanks their rows: of them only digests are left.

        ``but`` is where a new person with the same id begins: origin, epoch, position.
        """
        self.destroyed = True
        sql = "INSERT INTO house VALUES ('destroyed', '1') ON CONFLICT (name) DO UPDATE SET value = '1'"
        await self._tx.run(sql)
        await self._tx.run("UPDATE wraps SET wrapped = ? WHERE customer = ?", bytes(60), customer)
        await self._tx.run("DELETE FROM wraps WHERE customer = ?", customer)
        empty = b""
        sql = """
        UPDATE events SET head = '', subject = '', id = '', type = '', hlc = NULL, sealed = ?, dark = ?
        WHERE subject = ? AND type <> 'customer.erased' AND NOT (origin = ? AND epoch = ? AND position >= ?)
        """
        await self._tx.run(sql, empty, empty, customer, *but)

    async def _blank(self, customer: str) -> None:
        """Blanks what came open of somebody whose stop came before their keys: that they were spoken of is no fact."""
        empty = b""
        sql = f"""
        UPDATE events SET head = '', subject = '', id = '', type = '', hlc = NULL, sealed = ?, dark = ?
        WHERE subject = ? AND type NOT IN ('customer.erased', {_READ})
        """  # noqa: S608 - question marks
        await self._tx.run(sql, empty, empty, customer, *sorted(scopes.DECIDING))

    async def erase(
        self, customer: str, origin: str, head: Any, cause: Cause, but: tuple[str, str, int] = ("", "", 0)
    ) -> None:
        """Erases a customer here, and has every place that ever had a key of theirs asked to; once for each event."""
        row = await first(self._tx, "SELECT 1 FROM erasures WHERE id = ?", head.id)
        if row is not None:
            return
        await self.hold([(customer, customer.rpartition("@")[2])])
        await self.destroy(customer, but)
        await self._tx.run("DELETE FROM ahead WHERE subject = ?", customer)
        stamp = hlc.parse(head.hlc)
        sql = "UPDATE customers SET scope = 'venue', brands = '[]', until = NULL, erased = ? WHERE id = ?"
        await self._tx.run(sql, stamp, customer)
        sql = "INSERT INTO lent VALUES (?, ?, ?, ?, 'own') ON CONFLICT (venue, customer) DO NOTHING"
        home = customer.rpartition("@")[2]
        await self._tx.run(sql, home, customer, self._now, self._now)
        sql = "UPDATE lent SET until = ? WHERE customer = ? AND until IS NULL"
        await self._tx.run(sql, self._now, customer)
        await self._tx.run("INSERT INTO erasures VALUES (?, ?, ?, ?, NULL)", head.id, customer, self._now, head.actor)
        places = [("venue", venue) for (venue,) in await self._tx.all(
            "SELECT venue FROM lent WHERE customer = ? ORDER BY venue", customer)]  # fmt: skip
        lines = [
            (head.id, place, kind, self._now, self._now if place in (origin, "hub") else None)
            for kind, place in [*places, ("hub", "hub"), ("backup", "backup")]
        ]
        sql = "INSERT INTO receipts VALUES (?, ?, ?, ?, ?, 0)"
        await self._tx.many(sql, lines)
        self.items.append(Item(URGENT, "erase", customer, *cause))

    async def merged(self, customer: str, origin: str, data: Mapping[str, Any] | None, *, undone: bool) -> None:
        """Writes down that two records are one person, or are not after all; in whatever order it is heard."""
        if data is None or not isinstance(data.get("other"), str):
            return
        other = await named_by(self._tx, origin, data["other"])
        merge = data.get("merge")
        id_ = merge if isinstance(merge, str) and merge else f"{customer} {other}"
        sql = """
        INSERT INTO merges VALUES (?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET undone = CASE WHEN merges.undone > excluded.undone THEN merges.undone
        ELSE excluded.undone END
        """
        await self._tx.run(sql, id_, customer, other, int(undone))

    async def merges(self, customers: Iterable[str]) -> set[str]:
        """Reads the merges among the rows of these customers; whoever may be looked at again because of them."""
        found: set[str] = set()
        for customer in sorted(customers):
            for origin, _, _, _, head, data in await self.opened(customer):
                if head.type in scopes.MERGES:
                    await self.merged(customer, origin, data, undone=head.type == "customer.unmerged")
                    found.add(customer)
                    if data is not None and isinstance(data.get("other"), str):
                        found.add(await named_by(self._tx, origin, data["other"]))
        return found
