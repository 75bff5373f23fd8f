"""A real gateway that has joined a real hub, and a stranger of the same house who reads what it is told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

from gateway.joined import boxes, signing
from gateway.records.sqlite_file import sqlite3
from gateway.settings.venue import VenueConfig
from tests.console.served import Served, config, served
from tests.hub.program import Program
from tests.hub.stranger import Box, Journal, Link
from tests.story.venue import answered

PATIENCE = 90.0  # seconds; the machine may be busy, and who signs in too soon is let in after ten, or twenty


def settings(program: Program, venue: str, url: str | None = None, **tables: Any) -> VenueConfig:
    """A venue of this hub's house."""
    name = {"zh-CN": "馆", "en": "House"}
    hub = {"url": url or program.url, "brand": "aurelia", **tables.pop("hub", {})}
    return config(venue={"id": venue, "name": name}, hub=hub, **tables)


async def join(program: Program, folder: Path, venue: str) -> str:
    """Makes a folder that of a box of this venue; the box's id."""
    code = await asyncio.to_thread(program.invite, venue)
    made = await signing.join(
        program.url, code, venue, "the box", boxes.new_keys(), context=None, now=time.time()
    )  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    boxes.keep(folder, made)
    return made.id


@asynccontextmanager
async def house_of(
    program: Program, folder: Path, venue: str, url: str | None = None, **tables: Any
) -> AsyncIterator[Served]:
    """A gateway of this venue, which joins first where it has not."""
    if boxes.read(folder) is None:
        await join(program, folder, venue)
    async with served(folder, settings(program, venue, url, **tables)) as house:
        yield house


async def until(asked: Callable[[], Any], what: str = "") -> Any:
    """What ``asked`` answers, once it is something."""
    give_up = time.monotonic() + PATIENCE
    while True:
        found = asked()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return found
        assert time.monotonic() < give_up, f"it never came: {what}"
        await asyncio.sleep(0.05)


async def link_of(house: Served) -> dict[str, Any]:
    """What ``/health`` says of the link."""
    client = await house.client()
    found: dict[str, Any] = (await client.get("/health")).json()["hub"]
    return found


async def sent(house: Served) -> dict[str, Any]:
    """The link, once the hub has every row."""

    async def all_there() -> dict[str, Any] | None:
        found = await link_of(house)
        return found if found["connected"] and found["behind"] == 0 else None

    await house.gateway.settle()
    found: dict[str, Any] = await until(all_there, "the hub has every row")
    return found


async def share(house: Served, customer: str) -> None:
    """This customer agrees to be known in the house."""
    boss = await house.client("manager")
    await answered(boss.post(f"/api/customers/{customer}/consents", json={"purpose": "share_houses"}))


async def stop(house: Served, customer: str) -> None:
    """And does no more."""
    boss = await house.client("manager")
    await answered(boss.request("DELETE", f"/api/customers/{customer}/consents/share_houses"))


@asynccontextmanager
async def stranger(program: Program, venue: str) -> AsyncIterator[tuple[Link, Journal, Box]]:
    """A box of another venue of the house, which has read what there was."""
    box = Box(program.url, venue)
    code = await asyncio.to_thread(program.invite, venue)
    await asyncio.to_thread(lambda: box.join(code).sign_in())
    journal = Journal(venue)
    async with await box.link() as link:
        await link.greet(journal)
        await link.settle()
        yield link, journal, box


def rows_at(program: Program, venue: str) -> list[bytes]:
    """The hashes of all rows that the hub has of a venue, epoch by epoch, in order."""
    with closing(sqlite3.connect(f"file:{program.data / 'hub.db'}?mode=ro", uri=True, timeout=40)) as db:
        sql = "SELECT hash FROM events WHERE origin = ? ORDER BY length(epoch), epoch, position"
        return [row[0] for row in db.execute(sql, (venue,))]


def rows_of(house: Served) -> list[bytes]:
    """The hashes of the gateway's own journal, in order."""
    sql = "SELECT hash FROM journal ORDER BY number"
    return [row[0] for row in house.gateway.store.reader.conn.execute(sql)]


async def same_rows(program: Program, house: Served, venue: str) -> None:
    """Returns once the hub has every row of the gateway, each once and in order."""
    await until(lambda: rows_at(program, venue) == rows_of(house), "the same rows")
