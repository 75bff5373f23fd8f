"""The same stories, and in the middle of them the house is brought back from a copy of before: nobody comes back by it.

What was said since the copy is lost with the disk, but for erasures: the list of these outlives copies. Tablets were
not brought back, and send what they still have.
"""

from __future__ import annotations

import asyncio
import os
from copy import deepcopy
from pathlib import Path
from random import Random

import httpx2
import pytest

from gateway.records import restoration
from tests.console.late import Story, Tablet, Truth
from tests.console.served import Served, config, served
from tests.program import moments
from tests.records.recovering import with_recovery

STORIES = int(os.environ.get("MOMENTS_INTERLEAVINGS", "100"))
TOGETHER = 25  # stories in a house that is brought back once
STEPS = 6  # before the copy, between the copy and the disk that fails, and after it
SEED = 20_261_201
STAFF = ("anna", "ben", "lina")

pytestmark = [pytest.mark.asyncio(loop_scope="function"), pytest.mark.timeout(60 + STORIES)]


class Carried(Story):
    """A story that goes on in a house that was brought back."""

    copied: Truth

    def is_copied(self) -> None:
        """A copy of the house is made now."""
        self.copied = deepcopy(self.truth)

    def goes_on_in(self, house: Served, boss: httpx2.AsyncClient, clients: dict[str, httpx2.AsyncClient]) -> None:
        """The house is what it was then, but for who was erased since; tablets have what they had."""
        self.copied.erased |= self.truth.erased
        self.copied.count = self.truth.count
        self.house, self.boss, self.truth = house, boss, self.copied
        for tablet in self.tablets:
            tablet.client = clients[tablet.name]
        self.told.append("the house is brought back from its copy")


@pytest.mark.parametrize("first", range(0, max(1, STORIES // 4), TOGETHER))
async def test_a_house_that_is_brought_back_brings_nobody_back_who_was_erased_since(tmp_path: Path, first: int) -> None:
    data, copies = tmp_path / "data", tmp_path / "copies"
    async with served(data, config()) as house:
        with_recovery(data)
        await house.hire(*STAFF)
        boss, clients = await _clients(house)
        stories = [
            Carried(house, boss, [Tablet(*each) for each in clients.items()], number, Random(SEED + number))
            for number in range(first, first + TOGETHER)
        ]
        for story in stories:
            await story.begins()
        await _go_on(stories)
        copied = await moments("backup", copies, "--data", data)
        assert copied.code == 0, copied
        for story in stories:
            story.is_copied()
        await _go_on(stories)
        since = [story for story in stories if story.truth.erased and not story.copied.erased]
        if first and not since:
            return  # of 10,000 a group may be so; its list of erasures is no newer than the copy, which is a quarantine
        assert since, "stories in which nobody is erased since the copy show nothing"
        ahead, tokens = house.ahead, house._tokens
    await asyncio.to_thread(restoration.restore, copies, data, force=True, keep_tokens=True)
    async with served(data, config(), ahead=ahead) as house:
        house._tokens |= tokens
        assert house.gateway.memory.quarantined is None, "the list of erasures is at hand, and as fresh as can be"
        boss, clients = await _clients(house)
        for story in stories:
            story.goes_on_in(house, boss, clients)
        for story in since:
            await story.holds()
        await _go_on(stories)
        for story in stories:
            await story.ends()
            await story.holds()
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"Guest Nr" not in kept


async def _go_on(stories: list[Carried]) -> None:
    for _ in range(STEPS):
        for story in stories:
            await story.goes_on()


async def _clients(house: Served) -> tuple[httpx2.AsyncClient, dict[str, httpx2.AsyncClient]]:
    return await house.client("manager"), {name: await house.client("floor", name) for name in STAFF}
