"""Stops and erasures among edits of tablets that were out of reach: in no order does anybody come back.

``make test`` plays a hundred stories; ``make interleavings`` ten thousand.
"""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest

from tests.console.late import Story, Tablet
from tests.console.served import Served, config, served

STORIES = int(os.environ.get("MOMENTS_INTERLEAVINGS", "100"))
AT_ONCE = 250  # stories in one house, before another is opened
STEPS = 12
SEED = 20_261_129
PRIVACY = {"controller": {"name": "Bund House", "address": "1 Bund", "contact": "privacy@example.com"}}

pytestmark = [pytest.mark.asyncio(loop_scope="function"), pytest.mark.timeout(60 + STORIES)]


@pytest.mark.parametrize("first", range(0, STORIES, AT_ONCE))
async def test_in_no_order_does_anybody_come_back_who_stopped_or_was_erased(tmp_path: Path, first: int) -> None:
    async with served(tmp_path, config(privacy=PRIVACY)) as house:
        await house.hire("anna", "ben", "lina")
        boss = await house.client("manager")
        tablets = [Tablet(name, await house.client("floor", name)) for name in ("anna", "ben", "lina")]
        for client in (boss, *(tablet.client for tablet in tablets)) if first else ():
            client.event_hooks = {}  # that answers are as documented is seen in the first stories
        erased = 0
        for number in range(first, min(first + AT_ONCE, STORIES)):
            erased += await _told(house, Story(house, boss, tablets, number, Random(SEED + number)))
        assert erased >= min(AT_ONCE, STORIES - first) // 10, "stories in which nobody is erased show nothing"
        kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
        assert b"Guest Nr" not in kept


async def _told(house: Served, story: Story) -> bool:
    await story.begins()
    for _ in range(STEPS):
        await story.goes_on()
    await story.ends()
    await story.holds()
    return story.truth.erased
