"""A venue's records and a hub's store, and two talks between them: no socket, no process, and time as an argument."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

from gateway.events.event import News
from gateway.hub import invitations
from gateway.hub.members import Box as HubBox
from gateway.hub.own_keys import OwnKeys
from gateway.hub.problems import HubProblem
from gateway.hub.sqlite import SqliteDatabase
from gateway.hub.store import HubStore
from gateway.hub.talk import HubTalk, Terms
from gateway.joined import boxes
from gateway.joined.asked import Ended
from gateway.joined.intake import Effects, NoIntake
from gateway.joined.standing import Standing
from gateway.joined.talk import VenueTalk
from gateway.joined.venue_records import VenueRecords
from gateway.records.journal import Journal
from gateway.records.store import Store
from tests.records.happening import record

NOW = 1_800_000_000.0
LEASE_DAYS = 12
TERMS = Terms("maison", "1", LEASE_DAYS, 300.0)


class Acted:
    """What the hub had a venue do."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self.erased: list[str] = []
        self.left: list[str] = []
        self.heirs: list[str | None] = []
        self.stopped: list[tuple[str, float]] = []
        self.after_: list[Effects] = []

    async def erase(self, customer: str) -> bool:
        self.erased.append(customer)
        return True

    async def leave(self, member: str, hand_to: str | None = None) -> bool:
        self.left.append(member)
        self.heirs.append(hand_to)
        return True

    async def stop(self, customer: str, before: float) -> bool:
        self.stopped.append((customer, before))
        return True

    async def after(self, effects: Effects) -> None:
        self.after_.append(effects)

    async def begin_epoch(self, because: str) -> None:
        self.venue.journal.begin_epoch(self.venue.name, because, {}, NOW)


class Venue:
    """One venue: its data folder, its box, and what it was told."""

    def __init__(self, folder: Path, name: str, box: boxes.Box, hub: HubStore, at_hub: HubBox) -> None:
        self.folder = folder
        self.name = name
        self.box = box
        self.hub = hub
        self.at_hub = at_hub
        self.standing = Standing()
        self.intake = NoIntake()
        self.lease_days: float | None = None
        self.steady = 0.0
        self.now = NOW
        self.open()

    def open(self) -> None:
        """A gateway starts on the folder."""
        self.store = Store.open(self.folder, source=f"/venues/{self.name}")
        self.journal = Journal(self.store, origin=self.name, brand="aurelia", at=1.0)
        self.acted = Acted(self)

    def record(self, *news: News) -> None:
        """Something happens."""
        record(self.store, self.journal, *news, at=self.now)

    def talk(self) -> VenueTalk:
        """A new conversation."""
        records = VenueRecords(
            self.store, self.store.open_reader(), self.box, "aurelia", self.intake, self.acted,  # type: ignore[arg-type]
            asyncio.get_running_loop(), lambda: self.now, lambda: self.steady,
        )  # fmt: skip
        return VenueTalk(self.box, records, self.standing, boot="boot", build="test")

    async def converse(self, *, cut_after: int | None = None, says: list[dict[str, Any]] | None = None) -> list[Any]:
        """A conversation until both have said all, or the line is cut after so many messages; what the venue said.

        Raises Ended, as the link would hear it.
        """
        ours, theirs = self.talk(), HubTalk(self.hub, OwnKeys(self.folder.parent / "hub"), TERMS, self.at_hub)
        up = await ours.begin(self.now)
        said: list[Any] = []
        try:
            while True:
                down: list[Any] = []
                for message in up:
                    if cut_after is not None and len(said) >= cut_after:
                        return said
                    said.append(message)
                    try:
                        down += await theirs.hear(message, int(self.now * 1000))
                    except HubProblem as problem:
                        down.append(problem.message())
                heads = {feed: head.number for feed, head in (await self.hub.heads()).items()}
                while more := await theirs.news(heads):
                    down += more
                up = []
                for message in down:
                    if says is not None:
                        says.append(message)
                    self.steady += 0.001
                    up += await ours.hear(message, self.steady, self.now)
                self.steady += 1.0
                up += await ours.look(self.steady, self.now)
                if not up:
                    return said
        finally:
            self.lease_days = ours.lease_days
            theirs.keys.close()

    def close(self) -> None:
        """The gateway stops."""
        self.store.close()


class House:
    """A hub and its venues, each in a folder of its own."""

    def __init__(self, folder: Path, hub: HubStore, keys: OwnKeys) -> None:
        self.folder = folder
        self.hub = hub
        self.keys = keys
        self.venues: dict[str, Venue] = {}

    async def venue(self, name: str) -> Venue:
        """A venue that has joined."""
        keys = boxes.new_keys()
        sign, open_ = keys.public
        now = int(NOW * 1000)
        secret = await self.hub.members.invite(name, "venue", "aurelia", now)
        proof = invitations.proof(secret, name, "venue", sign, open_)
        at_hub = await self.hub.members.join(
            invitations.id_of(secret), proof, name, "venue", "a box", sign, open_, now
        )  # fmt: skip
        await self.hub.welcome(name, "aurelia", now)
        box = boxes.Box(at_hub.id, name, "maison", "http://127.0.0.1:1", self.keys.sign, self.keys.open, keys)
        found = self.venues[name] = Venue(self.folder / name, name, box, self.hub, at_hub)
        return found

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for venue in self.venues.values():
            venue.close()
        await self.hub.close()
        self.keys.close()


@asynccontextmanager
async def house(folder: Path) -> AsyncIterator[House]:
    """A hub without any venue yet."""
    keys = OwnKeys(folder / "hub")
    async with House(folder, await HubStore.open(SqliteDatabase(folder / "hub"), keys, "maison"), keys) as found:
        yield found


__all__ = ["NOW", "Ended", "House", "Venue", "house"]
