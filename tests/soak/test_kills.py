"""Killed again and again while many record and guests come: nothing acknowledged is lost, nothing is there twice."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from tests.story.desk import arrives
from tests.story.settings import COUNTER
from tests.story.test_restart import Outboxes, chain_holds, facts_on_disk
from tests.story.venue import Venue, answered, guest

KILLS = int(os.environ.get("MOMENTS_KILLS", "10"))
EACH = 10  # kills of one house
BETWEEN = 12  # records between two kills


@pytest.mark.timeout(600)
@pytest.mark.parametrize("house", range(max(1, KILLS // EACH)))
async def test_whatever_was_acknowledged_is_there_after_every_kill(tmp_path: Path, house: int) -> None:
    knows, kills = guest("Chen Yulan"), min(KILLS, EACH)
    coming = [guest(f"Guest {number}", associate="anna") for number in range(kills)]
    async with Venue(tmp_path, [COUNTER]) as venue:
        await venue.staff("anna")
        await venue.enrol(knows, *coming)
        values = [f"fact {number}" for number in range(BETWEEN * (kills + 1))]
        outboxes = Outboxes(venue, knows.id, await venue.token("anna"), values)

        async def kill_again_and_again() -> None:
            for number, who in enumerate(coming):
                async with await venue.tablet("anna") as anna:
                    alert = await arrives(venue, who, anna)
                    told = anna.sequence
                while len(outboxes.acknowledged) < BETWEEN * (number + 1):
                    await asyncio.sleep(0.005)
                await asyncio.sleep((house * EACH + number) % 7 * 0.01)
                venue.kill()
                kept = {fact.value for fact in await asyncio.to_thread(facts_on_disk, venue.data, knows.id)}
                assert outboxes.acknowledged <= kept
                await venue.start()
                async with await venue.tablet("anna", since=told) as anna:
                    assert anna.hello["state"] is None
                    assert not anna.seen("alert.opened", customer=who.id), "greeted anew"
                cards = await answered((await venue.client("anna")).get("/api/alerts"))
                assert alert["alert"] in {card["alert"] for card in cards}

        await asyncio.gather(kill_again_and_again(), outboxes.send(tablets=6))
        client = await venue.client("anna")
        kept = [fact["value"] for fact in await answered(client.get(f"/api/customers/{knows.id}/preferences"))]
        assert sorted(kept) == sorted(values)
        assert set(await venue.present()) == {who.id for who in coming}
        await venue.stop()
    chain_holds(venue.data)
