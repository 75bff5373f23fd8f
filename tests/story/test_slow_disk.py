"""The disk takes nothing for a while: who comes is told of at once, and nothing of it is lost or told twice."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from tests.story.desk import arrives
from tests.story.settings import COUNTER
from tests.story.test_restart import a_disk_that_takes_nothing, chain_holds
from tests.story.venue import Guest, Venue, answered, guest

SOON = 8.0  # seconds on a heavily loaded machine: a read takes a tenth of one


@pytest.mark.parametrize("how", ["goes on", "killed"])
async def test_a_fact_that_waits_for_the_disk_holds_back_nobody(tmp_path: Path, how: str) -> None:
    known, comes, later = (guest(name, associate="anna") for name in ("Known Guest", "Coming Guest", "Later Guest"))
    async with Venue(tmp_path, [COUNTER]) as venue:
        await venue.staff("anna")
        await venue.enrol(known, comes, later)
        client = await venue.client("anna")
        async with await venue.tablet("anna") as anna:
            with a_disk_that_takes_nothing(venue.data):
                fact = {"category": "other", "value": "window"}
                saving = asyncio.create_task(client.post(f"/api/customers/{known.id}/preferences", json=fact))
                await asyncio.sleep(0.2)  # it has a number by now, and waits
                began = time.monotonic()
                for who in (comes, later):
                    await arrives(venue, who, anna)
                assert time.monotonic() - began < 2 * SOON
                assert not saving.done()
                assert not anna.seen("preference.recorded")
                between = anna.sequence
                if how == "killed":
                    venue.kill()
            if how == "killed":
                saving.cancel()
                await venue.start()
                assert set(await venue.present()) == {comes.id, later.id}
                async with await venue.tablet("anna", since=between) as again:
                    assert again.hello["state"] is None  # what it was told is written by now
                    await stands_there_still(venue, later)
                    assert not again.seen("visit.arrived")
                    assert not again.seen("alert.opened")
                assert "were told before the last end and not written: they are now" in venue.log
                return
            assert (await saving).status_code == 201
            late = await anna.expect("preference.recorded", customer=known.id)
            assert late["sequence"] > between
            async with await venue.tablet("anna", since=between) as again:  # `since` skips nothing
                assert again.hello["state"] is None
                told = await again.expect("preference.recorded", customer=known.id)
                assert told["sequence"] == late["sequence"]
        venue.kill()
        await venue.start()
        async with await venue.tablet("anna", since=between) as again:  # nor after a kill
            assert again.hello["state"] is None
            assert (await again.expect("preference.recorded", customer=known.id))["sequence"] == late["sequence"]
        async with await venue.tablet("anna", since=late["sequence"]) as again:
            await stands_there_still(venue, later)
            assert not again.seen("preference.recorded")
        await venue.stop()
        chain_holds(venue.data)


async def stands_there_still(venue: Venue, who: Guest) -> None:
    """This customer's fob is held up again, and heard."""
    venue.em4100["counter"].hold(who.em)
    await venue.hears("counter")
    venue.em4100["counter"].release()


async def test_what_the_disk_does_not_take_for_longer_than_ten_seconds_is_kept_and_written(tmp_path: Path) -> None:
    comes = guest("Coming Guest", associate="anna")
    async with Venue(tmp_path, [COUNTER]) as venue:
        await venue.staff("anna")
        await venue.enrol(comes)
        client = await venue.client("anna")
        async with await venue.tablet("anna") as anna:
            with a_disk_that_takes_nothing(venue.data):
                alert = await arrives(venue, comes, anna)
                refused = await client.post(f"/api/alerts/{alert['alert']}/claim")
                assert (refused.status_code, refused.json()["detail"]) == (
                    507,
                    "the gateway's disk is kept busy by another program; nothing was recorded",
                )
                health = await venue.health()
                assert health["status"] == "degraded"
                assert "nothing can be written down: the disk is kept busy by another program" in health["why"]
            claimed = await venue.eventually(
                lambda: client.post(f"/api/alerts/{alert['alert']}/claim"), lambda a: a.status_code == 200
            )
            assert claimed.json()["by"] == "anna"  # sent again, it is taken
        await venue.eventually(venue.health, lambda h: h["status"] == "ok")
        await venue.stop()
        assert "was not recorded" not in venue.log
        await venue.start()
        assert set(await venue.present()) == {comes.id}
        (open_,) = await answered((await venue.client("anna")).get("/api/alerts"))
        assert (open_["alert"], open_["state"]) == (alert["alert"], "claimed")
