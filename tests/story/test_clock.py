"""The wall clock is set, or was wrong at a start: nobody leaves, nobody is signed out, nothing is deleted by it."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, closing
from pathlib import Path
from typing import Any

import httpx2
import pytest

from gateway.events.times import now, seconds
from gateway.records.store import reading
from tests.story.settings import COUNTER
from tests.story.venue import Venue, answered, guest

HOUR, DAY = 3600, 86_400


async def signed_in(venue: Venue, staff: str) -> httpx2.AsyncClient:
    """A browser in which this person has signed in."""
    boss = await venue.client("manager")
    await answered(boss.put(f"/api/staff/{staff}", json={"name": staff.title(), "roles": ["floor"], "pin": "2468"}))
    browser = httpx2.AsyncClient(base_url=venue.url, trust_env=False, timeout=30)
    await answered(browser.post("/api/sign-in", json={"staff": staff, "pin": "2468"}))
    return browser


def kept(data: Path) -> tuple[int, int]:
    """How many visits and how many events a data folder holds."""
    with closing(reading(data)) as reader, closing(reader.keyring):
        visits = reader.conn.execute("SELECT count(*) FROM visits").fetchone()[0]
        return visits, reader.conn.execute("SELECT count(*) FROM journal").fetchone()[0]


@pytest.mark.parametrize("by", [15 * HOUR, 40 * DAY, -15 * HOUR, -90])
async def test_when_the_clock_is_set_who_is_here_stays_and_who_works_works_on(tmp_path: Path, by: int) -> None:
    here, next_one = guest("Here Now"), guest("Next One")
    async with Venue(tmp_path, [COUNTER], wrong_by=-by) as venue:
        async with aclosing(await signed_in(venue, "anna")) as browser:
            await venue.enrol(here, next_one)
            async with await venue.tablet("anna") as anna:
                await venue.taps(here, anna)
                first = (await anna.expect("alert.opened", customer=here.id))["data"]
                venue.clock_is_wrong(by=0)
                told = await venue.eventually(venue.health, lambda h: any("clock" in why for why in h["why"]))
                assert any(("forward" if by > 0 else "back") in why for why in told["why"])
                again = await anna.expect("hello")  # what tablets hold has other times now
                since = seconds(again["state"]["present"][0]["since"])
                assert since is not None
                assert abs(since - now()) < 60
                await asyncio.sleep(1)  # several looks at who is silent
                me = await answered(browser.get("/api/session"))
                assert me["on_shift"]
                assert set(await venue.present()) == {here.id}
                await answered(browser.post(f"/api/alerts/{first['alert']}/claim"))
                await venue.taps(next_one, anna)
                card = (await anna.expect("alert.opened", customer=next_one.id))["data"]
                assert card["to"] == ["anna"]
                assert [e["type"] for e in anna.events if e["type"].startswith("visit.")] == ["visit.arrived"] * 2
        assert venue.log.count("the clock was set") == 1


async def test_a_card_moves_on_after_its_seconds_though_the_clock_went_back(tmp_path: Path) -> None:
    who = guest("Waiting Guest")
    async with Venue(tmp_path, [COUNTER], wrong_by=0, escalate_after_s=(1, 2)) as venue:
        await venue.staff("anna", "ben")
        await venue.staff("mei", roles=("manager",))
        await venue.enrol(who)
        async with await venue.tablet("anna") as anna, await venue.tablet("ben"), await venue.tablet("mei"):
            await venue.taps(who, anna)
            first = (await anna.expect("alert.opened", customer=who.id))["data"]
            venue.clock_is_wrong(by=-120)
            second = (await anna.expect("alert.escalated", customer=who.id))["data"]
            assert set(second["to"]).isdisjoint(first["to"])
            assert (await anna.expect("alert.escalated", customer=who.id))["data"]["to"] == ["mei"]


@pytest.mark.parametrize("by", [410 * DAY, 1200 * DAY, -410 * DAY])
async def test_a_clock_that_is_wrong_at_one_start_deletes_nothing(tmp_path: Path, by: int) -> None:
    who = guest("Once Here")
    async with Venue(tmp_path, [COUNTER], wrong_by=0) as venue:
        await venue.staff("anna")
        await venue.enrol(who)
        async with await venue.tablet("anna") as anna:
            await venue.taps(who, anna)
            boss = await venue.client("manager")
            await answered(boss.delete(f"/api/customers/{who.id}/consents/recognise_tag"))
            await answered(boss.delete(f"/api/customers/{who.id}/consents/recognise_phone"))
            await anna.expect("visit.departed", customer=who.id)
        await venue.stop()
        before = kept(venue.data)
        venue.clock_is_wrong(by=by)
        await venue.start()
        told: dict[str, Any] = await venue.health()
        assert any("clock" in why for why in told["why"])
        await venue.stop()
        assert kept(venue.data)[0] == before[0] == 1
        venue.clock_is_wrong(by=0)
        await venue.start()
        await venue.stop()
        visits, events = kept(venue.data)
        assert visits == 1
        assert events >= before[1]
