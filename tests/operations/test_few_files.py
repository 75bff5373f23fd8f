"""A process that may hold few files keeps some for what it is for: readers, records, and whoever asks next."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.program import command_line
from tests.story import venue as venues
from tests.story.desk import arrives
from tests.story.settings import COUNTER
from tests.story.venue import Venue, guest


@pytest.mark.parametrize("files", [64, 96])
async def test_connections_that_say_nothing_do_not_take_the_last_descriptor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: int
) -> None:
    def limited(*words: str | Path, clock: Path | None = None) -> list[str]:
        return ["prlimit", f"--nofile={files}:{files}", *command_line(*words, clock=clock)]

    monkeypatch.setattr(venues, "command_line", limited)
    chen = guest("Chen Yulan", associate="anna")
    async with Venue(tmp_path, [COUNTER]) as venue, AsyncExitStack() as open_:
        await venue.staff("anna")
        await venue.enrol(chen)
        async with await venue.tablet("anna") as anna:
            host, port = venue.url.removeprefix("http://").split(":")
            for _ in range(2 * files):
                _, writer = await asyncio.open_connection(host, int(port))
                open_.callback(writer.close)
            assert "status" in await venue.health()
            await arrives(venue, chen, anna)
        assert venue.log.count("descriptor") <= 1, venue.tail()
        assert "no more connections can be taken" not in venue.log, "they go one by one, as others come"
