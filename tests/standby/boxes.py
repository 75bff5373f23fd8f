"""Two boxes of one venue in this process, each with a folder of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

from gateway.commands import standby as commands
from gateway.hub import invitations
from gateway.operations.control import ask
from gateway.records import journal_rows
from gateway.records.sqlite_file import sqlite3
from gateway.records.store import RECORDS_FILE
from gateway.settings.venue import VenueConfig
from gateway.standby import joining, papers
from gateway.standby.papers import Paper
from gateway.standby.serving import PROMOTE, Serving
from tests.console.served import Served
from tests.joined.houses import until


def invited(folder: Path, venue: str = "house") -> str:
    """An invitation of the first box in this folder, as its command makes one."""
    secret = invitations.new_secret()
    paper = papers.read(folder) or commands.new_first(venue)
    made = papers.Invitation(secret, int(time.time() * 1000) + invitations.VALID_MS)
    papers.keep(folder, paper.but(invitation=made))
    return invitations.code(secret, paper.keys.public[0])


async def joined(first: Served, folder: Path) -> Paper:
    """A folder that follows this box."""
    code = await asyncio.to_thread(invited, first.gateway.store.folder)
    folder.mkdir(mode=0o700, exist_ok=True)
    return papers.keep(folder, await joining.join(first.url, code, "house"))


class Box:
    """A standby that runs; ``life`` answers whether it took over."""

    def __init__(self, folder: Path, serving: Serving, life: asyncio.Task[bool]) -> None:
        self.folder = folder
        self.serving = serving
        self.life = life

    async def health(self) -> dict[str, Any]:
        """What it says of itself."""
        found: dict[str, Any] = await asyncio.to_thread(ask, self.folder, "GET", "/health")
        return found

    async def caught_up(self, first: Served) -> None:
        """Returns when it has what the first box has now; what it says itself is as of when it heard it last."""
        await first.gateway.settle()
        there = journal_rows.last(first.gateway.store.reader).number

        async def asked() -> bool:
            facts = (await self.health())["standby"]
            return bool(facts["ready"] and facts["behind"] == 0 and self._rows() >= there)

        await until(asked, "the standby has everything")

    def _rows(self) -> int:
        with closing(sqlite3.connect(f"file:{self.folder / RECORDS_FILE}?mode=ro", uri=True, timeout=40)) as db:
            return int(db.execute("SELECT max(number) FROM journal").fetchone()[0])

    async def promote(self) -> None:
        """It takes over, as by its command."""
        await asyncio.to_thread(ask, self.folder, "POST", PROMOTE)
        assert await self.life


@asynccontextmanager
async def standby(folder: Path, settings: VenueConfig) -> AsyncIterator[Box]:
    """A standby that runs while this is entered, unless it takes over."""
    paper = papers.read(folder)
    assert paper is not None
    serving, up = Serving(settings, folder), asyncio.Event()

    async def then(_: Serving) -> None:
        up.set()

    life = asyncio.create_task(serving.run(paper, then))
    await asyncio.wait([life, asyncio.create_task(up.wait())], return_when=asyncio.FIRST_COMPLETED)
    try:
        await until(lambda: (folder / "control.sock").exists() or life.done(), "it can be asked")
        yield Box(folder, serving, life)
    finally:
        serving.stop()
        await life
