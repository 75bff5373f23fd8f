"""Readers are heard before there is a console: who comes while it is still being loaded is on every tablet after."""

from __future__ import annotations

import asyncio
import sys
from contextlib import closing
from pathlib import Path

import pytest

from gateway.records.day import events
from gateway.records.store import reading
from tests.story import venue as venues
from tests.story.desk import arrives
from tests.story.settings import COUNTER
from tests.story.venue import Venue, answered, guest


def arrivals(data: Path) -> int:
    """How many arrivals the journal of a folder tells of, beside its gateway."""
    with closing(reading(data)) as reader, closing(reader.keyring):
        return len(list(events(reader, ("visit.arrived",), 0.0, 4e9)))


async def test_who_comes_before_the_console_is_there_is_known_and_on_the_tablets_that_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, comes, later = tmp_path / "held", guest("Comes First", associate="anna"), guest("Comes Later")

    def words(*given: str | Path, clock: Path | None = None) -> list[str]:
        return [sys.executable, "-m", "tests.held_up", str(held), *map(str, given)]

    monkeypatch.setattr(venues, "command_line", words)
    async with Venue(tmp_path, [COUNTER]) as venue:
        await venue.staff("anna")
        await venue.enrol(comes, later)
        async with await venue.tablet("anna") as anna:
            had = anna.sequence
        await venue.stop()
        held.touch()
        venue.em4100["counter"].hold(comes.em)
        starting = asyncio.create_task(venue.start())
        give_up = asyncio.get_running_loop().time() + 30
        while not await asyncio.to_thread(arrivals, venue.data):
            assert asyncio.get_running_loop().time() < give_up, venue.tail()
            await asyncio.sleep(0.02)
        assert not starting.done()
        held.unlink()
        await starting
        venue.em4100["counter"].release()
        async with await venue.tablet("anna", since=had) as anna:
            assert anna.hello["state"] is None
            told = await anna.expect("visit.arrived", customer=comes.id)
            card = await anna.expect("alert.opened", customer=comes.id)
            assert told["sequence"] < card["sequence"]
            (open_,) = await answered((await venue.client("anna")).get("/api/alerts"))
            assert open_["alert"] == card["data"]["alert"]
            await arrives(venue, later, anna)
