"""The store on real tablets: who sleeps, who only passes the window, and who comes while the Wi-Fi is away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.chromium import LOAD_WITHIN, PHONE
from tests.browser.floor import card, emptied, hire, rang, send_home, shows, shows_nothing_of, tablet_of, taps_in, whole
from tests.story.desk import STREET
from tests.story.settings import COUNTER, DOOR, WAY_OUT
from tests.story.venue import Venue, answered, guest

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]

DEPUTY_AFTER_S = 8.0
AWAY_S = 20.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def venue(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Venue]:
    places, steps = [STREET, DOOR, WAY_OUT, COUNTER], (DEPUTY_AFTER_S, 600.0)
    async with Venue(tmp_path_factory.mktemp("store"), places, escalate_after_s=steps) as venue:
        await hire(venue, "anna", "ben", "cora")
        yield venue


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def everybody_goes_home(venue: Venue) -> AsyncIterator[None]:
    """Each story begins in an empty house."""
    yield
    await send_home(venue)


async def test_while_her_associate_s_tablet_sleeps_the_deputy_is_called(venue: Venue, browser: Browser) -> None:
    chen = guest("Chen Yulan", address_as="Ms Chen", associate="anna", deputy="ben")
    await venue.enrol(chen)
    async with (
        tablet_of(browser, venue, "anna") as anna,
        tablet_of(browser, venue, "ben", size=PHONE) as ben,
        tablet_of(browser, venue, "cora") as cora,
    ):
        asleep = await anna.context.new_cdp_session(anna)
        await asleep.send("Page.setWebLifecycleState", {"state": "frozen"})  # what a tablet does in a pocket
        await taps_in(venue, chen)
        await shows(ben, chen, "Ms Chen")
        await shows(ben, chen, "For you")
        assert (await rang(ben), await rang(cora)) == (1, 0)
        journal = await answered((await venue.client("manager")).get(f"/api/customers/{chen.id}/journal"))
        # A busy machine writes down that it opened later than it opened: its own time counts.
        (called,) = [e for e in journal if e["type"] == "alert.escalated"]
        opened, at = (datetime.fromisoformat(each) for each in (called["data"]["opened_at"], called["time"]))
        assert (at - opened).total_seconds() >= DEPUTY_AFTER_S
        await whole(ben, chen).get_by_test_id("claim").click()
        await asleep.send("Page.setWebLifecycleState", {"state": "active"})
        await shows(anna, chen, "Ben is with them")


async def test_five_times_past_the_window_are_no_card(venue: Venue, browser: Browser) -> None:
    passer = guest("Passing By", address_as="Mr Passing", associate="anna")
    buyer = guest("Going In", address_as="Ms Buyer", associate="anna")
    await venue.enrol(passer, buyer)
    async with tablet_of(browser, venue, "anna") as anna, tablet_of(browser, venue, "ben", size=PHONE) as ben:
        for _ in range(5):
            venue.m100["street"].present(passer.epc, -60)
            await asyncio.sleep(0.8)
            venue.m100["street"].remove(passer.epc)
            await asyncio.sleep(0.3)
        venue.m100["door"].present(buyer.epc, -48)
        for page in (anna, ben):
            await shows(page, buyer)
            await expect(page.locator("[data-customer]")).to_have_count(1)
            assert "Passing" not in await page.content()
        venue.m100["door"].remove(buyer.epc)
        assert (await rang(anna), await rang(ben)) == (1, 0)


async def test_who_goes_to_a_customer_without_a_network_was_with_them_then_and_not_when_it_is_told(
    venue: Venue, browser: Browser
) -> None:
    hale = guest("Margaret Hale", associate="anna")
    await venue.enrol(hale)
    boss = await venue.client("manager")

    async def met_at() -> Any:
        (alert,) = [one for one in await answered(boss.get("/api/alerts")) if one["customer"] == hale.id]
        return alert["met_at"]

    async with tablet_of(browser, venue, "anna") as anna:
        await taps_in(venue, hale)
        await shows(anna, hale)
        await whole(anna, hale).get_by_test_id("claim").click()
        met = whole(anna, hale).get_by_test_id("met")
        await met.wait_for()
        await anna.context.set_offline(True)
        await expect(anna.get_by_test_id("blind")).to_be_visible(timeout=LOAD_WITHIN)
        for taken_back in (True, False):
            await met.click()
            await expect(whole(anna, hale)).to_contain_text("With them since")
            if taken_back:
                await anna.get_by_test_id("undo-back").click()
                await expect(anna.get_by_test_id("outbox-count")).to_have_count(0)
        await expect(anna.get_by_test_id("outbox-count")).to_have_attribute("data-count", "1")
        assert await met_at() is None
        then = await anna.evaluate("new Date().toISOString()")
        await anna.wait_for_timeout(1_500)
        await anna.context.set_offline(False)
        await emptied(anna)
        assert await met_at() < then
        await expect(whole(anna, hale)).to_contain_text("With them since")


async def test_who_came_while_the_wi_fi_was_away_is_there_once_and_aged_and_who_left_does_not_ring(
    venue: Venue, browser: Browser
) -> None:
    stays, goes, taken = (guest(name, associate="anna") for name in ("Staying Guest", "Going Guest", "Taken Guest"))
    await venue.enrol(stays, goes, taken)
    async with tablet_of(browser, venue, "anna") as anna, tablet_of(browser, venue, "ben", size=PHONE) as ben:
        await anna.context.set_offline(True)
        await expect(anna.get_by_test_id("blind").first).to_be_visible(timeout=LOAD_WITHIN)
        since = time.monotonic()
        for who in (stays, goes, taken):
            await taps_in(venue, who)
            await shows(ben, who)
        line = card(ben, taken)
        if await line.evaluate("card => card.tagName") == "BUTTON":
            await line.click()
        await whole(ben, taken).get_by_test_id("claim").click()
        await venue.passes_the_exit(goes)
        await shows_nothing_of(ben, goes)
        await asyncio.sleep(max(0.0, since + AWAY_S - time.monotonic()))
        assert await rang(anna) == 0

        await anna.context.set_offline(False)
        await expect(anna.get_by_test_id("blind")).to_have_count(0, timeout=LOAD_WITHIN)
        await shows(anna, stays, "missed while this tablet was away", " s ago")
        await shows(anna, taken, "Ben is with them")
        await shows_nothing_of(anna, goes)
        for who in (stays, taken):
            await expect(card(anna, who)).to_have_count(1)
        assert await rang(anna) <= 1  # for who stays, where it is hers by now; never for who left
