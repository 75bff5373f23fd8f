"""Venues of one house that serve in this process, with a real hub; what goes to and fro does when the test says."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from gateway.events import hlc
from gateway.hub import rows
from gateway.hub.bundles import DataKey
from gateway.hub.feeds import URGENT
from gateway.hub.own_keys import OwnKeys
from gateway.hub.sqlite import SqliteDatabase
from gateway.hub.store import HubStore
from gateway.hub.taking import From
from gateway.joined.intake import Effects, Item
from gateway.joined.lent import LentCustomers
from gateway.records import chain
from tests.console.served import Served, config, served
from tests.hub.contract import BRAND, joined

FLAGSHIP, PUDONG, HOTEL = "flagship", "pudong", "hotel"
Message = dict[str, Any]


def item_of(message: Message) -> Item:
    """An item as the hub says it, read."""
    said = message.get("rows") or ([message["row"]] if message.get("row") else [])
    found = tuple(rows.one(_origin(wire), _epoch(wire), None, wire) for wire in said)
    return Item(
        message["number"], message["kind"], message["customer"] or "", message["origin"], message["epoch"],
        hlc.parse(message["hlc"]), found, message.get("part", 1), message.get("last", True), message.get("names") or {},
    )  # fmt: skip


def _origin(wire: Message) -> str:
    return chain.read_head(wire["head"]).origin


def _epoch(wire: Message) -> Any:
    return chain.read_head(wire["head"]).epoch


class Venue:
    """One venue, and how far it and the hub have heard each other."""

    def __init__(self, name: str, house: Served) -> None:
        self.name = name
        self.house = house
        self.lent = LentCustomers(house.gateway)
        self.sent = 0
        self.cursors: dict[str, int] = {}

    @property
    def store(self) -> Any:
        return self.house.gateway.store

    def rows(self) -> list[Message]:
        sql = "SELECT number, position, head, sealed, hash FROM journal WHERE number > ? ORDER BY number"
        found = self.store.reader.conn.execute(sql, (self.sent,)).fetchall()
        return [
            {"number": number, "position": position, "head": head, "sealed": base64.b64encode(sealed).decode(),
             "hash": hash_.hex()}
            for number, position, head, sealed, hash_ in found
        ]  # fmt: skip

    def data_keys(self) -> list[DataKey]:
        keyring = self.store.keyring
        sql = "SELECT holder, key_id, wrapped FROM keys WHERE holder NOT LIKE '*%' AND wrapped <> zeroblob(60)"
        return [
            DataKey(holder, id_, keyring.wrapping.unwrap(wrapped, id_ + holder.encode()))
            for holder, id_, wrapped in keyring.select(sql)
        ]

    async def settle(self) -> None:
        await self.house.gateway.settle()
        await self.store.write(lambda tx: None)


class Maison:
    """The hub and its venues; nothing travels but by ``carry``."""

    def __init__(self, hub: HubStore, venues: dict[str, Venue]) -> None:
        self.hub = hub
        self.venues = venues
        self.ahead_ms = 0

    @property
    def now_ms(self) -> int:
        first = next(iter(self.venues.values()))
        return int(first.house.now() * 1000) + self.ahead_ms

    async def send(self, name: str) -> None:
        """What a venue wrote goes to the hub, with the keys of its own customers."""
        venue = self.venues[name]
        await venue.settle()
        own = [key for key in venue.data_keys() if "@" not in key.customer]
        for at in range(0, len(own), 500):
            await self.hub.wraps.put_keys(name, own[at : at + 500], self.now_ms)
        while found := venue.rows()[:500]:
            epoch = chain.read_head(found[0]["head"]).epoch
            batch = [row for row in found if chain.read_head(row["head"]).epoch == epoch]
            after = batch[0]["position"] - 1
            before = await self.hub.hash_before(name, epoch, after) or chain.beginning(name, epoch)
            wires = [{key: value for key, value in row.items() if key != "number"} for row in batch]
            await self.hub.take(From("box", name, epoch), after, before, wires, self.now_ms)
            venue.sent = batch[-1]["number"]
        await self._reveal(name)

    async def _reveal(self, name: str) -> None:
        """Opens again what the hub has let go of and may know again."""
        venue = self.venues[name]
        known = {key.customer for key in venue.data_keys()}
        sql = "SELECT epoch, position, head, sealed, hash, subject FROM journal ORDER BY number"
        for epoch, position, head, sealed, hash_, subject in venue.store.reader.conn.execute(sql).fetchall():
            if subject in known and "@" not in subject:
                wire = {"position": position, "head": head, "sealed": base64.b64encode(sealed).decode()}
                await self.hub.reveal(From("box", name, epoch), [{**wire, "hash": hash_.hex()}], self.now_ms)

    async def hear(self, name: str, *feeds: str) -> list[Item]:
        """A venue hears what the feeds say, urgent first, each message in one transaction with its keys."""
        venue, heard = self.venues[name], []
        for feed in feeds or (URGENT, BRAND):
            heads = await self.hub.heads()
            while feed in heads and venue.cursors.get(feed, 0) < heads[feed].number:
                for said in await self.hub.tail(feed, name, venue.cursors.get(feed, 0)):
                    items = [item_of(each) for each in said.items]
                    await self.give(name, feed, items, await self.keys_of(said.customers))
                    venue.cursors[feed] = said.number
                    heard += items
        venue.lent.heard(venue.house.now())
        return heard

    async def keys_of(self, customers: Sequence[str]) -> list[DataKey]:
        """The keys that the hub sends before what they open."""
        return await self.hub.wraps.keys_for(customers)

    async def give(self, name: str, feed: str, items: Sequence[Item], keys: Sequence[DataKey] = ()) -> Effects:
        """One message of a feed, as the link gives it in."""
        venue = self.venues[name]

        def take(tx: Any) -> Effects:
            venue.lent.keys(tx, {(key.customer, key.key_id): key.key for key in keys})
            return venue.lent.news(tx, feed, items)

        effects: Effects = await venue.store.write(take)
        venue.lent.after(effects)
        return effects

    async def carry(self) -> None:
        """Everything to everybody, until nobody has anything more to say."""
        for _ in range(2):
            for name in self.venues:
                await self.send(name)
            for name in self.venues:
                await self.hear(name)


def of(venue: str, **tables: Any) -> Any:
    """The settings of a venue."""
    return config(venue={"id": venue, "name": {"zh-CN": venue, "en": venue.capitalize()}}, **tables)


@asynccontextmanager
async def maison(folder: Path, *names: str, lawful: bool = True) -> AsyncIterator[Maison]:
    """Some venues of one brand, with staff, and their hub."""
    own = OwnKeys(folder / "hub")
    hub = await HubStore.open(SqliteDatabase(folder / "hub"), own, "maison")
    async with AsyncExitStack() as stack:
        venues = {}
        for name in names or (FLAGSHIP, PUDONG):
            await joined(hub, name)
            house = await stack.enter_async_context(served(folder / name, of(name), lawful=lawful))
            await house.hire("anna")
            await house.hire("mei", roles=("manager",))
            venues[name] = Venue(name, house)
        yield Maison(hub, venues)
        for venue in venues.values():
            await venue.settle()
    await hub.close()
    own.close()
