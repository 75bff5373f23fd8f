"""A tablet in trouble: no network, a bad one, a tab that dies, an edit that is refused, two tablets in two hands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import count
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Route, expect

from tests.browser.chromium import LOAD_WITHIN, PHONE, tablet
from tests.browser.floor import (
    KEPT_WITHIN,
    PIN,
    card,
    emptied,
    enter,
    go,
    hire,
    noted,
    opens_form,
    opens_offline,
    rang,
    send_home,
    shows,
    tablet_of,
    taps_in,
    whole,
    write_down,
)
from tests.story.settings import COUNTER
from tests.story.venue import Guest, Venue, answered, guest

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]

RECORDS = 140
SLOW = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 40_000,
    "uploadThroughput": 20_000,
}  # bytes/s: a bad cell
LOSES_EVERY = 3  # requests: one of three is lost on the way out, and one of three answers on the way back
# What a thumb does 140 times: each record waits until the app shows it as kept.
WRITE = """async (records) => {
  const hook = (id) => document.querySelector(`[data-testid="${id}"]`);
  hook("record-category-other").click();
  await new Promise(requestAnimationFrame);
  for (let n = 0; n < records; n++) {
    const field = hook("record-value-input");
    field.value = `record ${String(n).padStart(3, "0")}`;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise(requestAnimationFrame);
    hook("polarity-do").click();
    await new Promise(requestAnimationFrame);
    hook("record-save-stated").click();
    while (Number(hook("outbox-count")?.dataset.count ?? 0) !== n + 1) await new Promise((r) => setTimeout(r, 5));
  }
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def venue(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Venue]:
    async with Venue(tmp_path_factory.mktemp("troubles"), [COUNTER]) as venue:
        await hire(venue, "anna", "ben")
        yield venue


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def everybody_goes_home(venue: Venue) -> AsyncIterator[None]:
    """Each story begins in an empty house."""
    yield
    await send_home(venue)


async def recorded(venue: Venue, who: Guest) -> list[dict[str, Any]]:
    """The preferences recorded for a customer, in the order in which the gateway took them."""
    boss = await venue.client("manager")
    journal = await answered(boss.get(f"/api/customers/{who.id}/journal"))
    return [e["data"] for e in reversed(journal) if e["type"] == "preference.recorded"]


async def test_a_hundred_and_forty_records_made_without_network_arrive_once_and_in_order(
    venue: Venue, browser: Browser
) -> None:
    zhou = guest("Zhou Ling", address_as="Ms Zhou", associate="anna")
    await venue.enrol(zhou)
    async with tablet_of(browser, venue, "anna", keypad=True) as page:
        await taps_in(venue, zhou)
        await shows(page, zhou)
        await go(page, f"record/{zhou.id}")
        await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        await page.wait_for_timeout(KEPT_WITHIN)
        await page.context.set_offline(True)
        await expect(page.get_by_test_id("blind").first).to_be_visible(timeout=LOAD_WITHIN)
        await page.evaluate(WRITE, RECORDS)
        await page.reload()  # the app was closed, or the tablet switched off
        await opens_offline(page)
        await expect(page.get_by_test_id("outbox-count")).to_have_attribute("data-count", str(RECORDS))
        assert await recorded(venue, zhou) == []

        await page.context.set_offline(False)
        await emptied(page)
        assert [fact["value"] for fact in await recorded(venue, zhou)] == [f"record {n:03}" for n in range(RECORDS)]


async def test_a_tab_that_dies_between_the_tap_and_the_answer_sends_again_and_it_is_one(
    venue: Venue, browser: Browser
) -> None:
    hale = guest("Margaret Hale", address_as="Ms Hale", associate="anna")
    await venue.enrol(hale)
    async with tablet_of(browser, venue, "anna") as page:
        await taps_in(venue, hale)
        await shows(page, hale)
        await go(page, f"record/{hale.id}")
        arrived = asyncio.Event()

        async def swallow(route: Route) -> None:
            if route.request.method == "POST":
                await route.fetch()  # the gateway has it
                arrived.set()  # and its answer never comes
            else:
                await route.continue_()

        await page.route("**/preferences", swallow)
        await write_down(page, "drink", "a dry sherry")
        await asyncio.wait_for(arrived.wait(), LOAD_WITHIN / 1000)
        await expect(page.get_by_test_id("outbox-count")).to_have_attribute("data-count", "1")
        context = page.context
        await page.close(run_before_unload=False)

        again = await context.new_page()
        await again.goto(venue.url)
        await again.get_by_test_id("connected").wait_for()
        await emptied(again)
        assert [fact["value"] for fact in await recorded(venue, hale)] == ["a dry sherry"]


async def test_a_refused_edit_says_that_it_was_not_kept_and_can_be_thrown_away(venue: Venue, browser: Browser) -> None:
    okafor = guest("Samuel Okafor", address_as="Dr Okafor", associate="anna")
    await venue.enrol(okafor, consents=("recognise_tag", "keep_preferences"))
    async with tablet_of(browser, venue, "anna", size=PHONE) as page:
        await taps_in(venue, okafor)
        await shows(page, okafor)
        await opens_form(page, okafor)
        await page.context.set_offline(True)
        await write_down(page, "drink", "tomato juice")
        await expect(page.get_by_test_id("outbox-count")).to_have_attribute("data-count", "1")
        boss = await venue.client("manager")
        await answered(boss.delete(f"/api/customers/{okafor.id}/consents/keep_preferences"))
        await page.context.set_offline(False)
        notice = page.locator('[data-testid^="refused-"][role="alert"]')
        await expect(notice).to_contain_text("has ended their consent", timeout=LOAD_WITHIN)
        await expect(page.get_by_text("tomato juice")).to_have_count(0)  # what they ended is not kept here either
        await page.get_by_test_id("refused-discard").click()
        await expect(notice).to_have_count(0)
        assert await recorded(venue, okafor) == []


async def test_two_tablets_of_one_person_are_one_person(venue: Venue, browser: Browser) -> None:
    ward = guest("Ada Ward", address_as="Ms Ward", associate="anna")
    await venue.enrol(ward)
    async with (
        tablet_of(browser, venue, "anna") as one,
        tablet_of(browser, venue, "anna", size=PHONE, locale="zh-CN") as other,
    ):
        await taps_in(venue, ward)
        await shows(one, ward, "For you")
        await shows(other, ward, "请您接待")
        await whole(one, ward).get_by_test_id("claim").click()
        await whole(other, ward).get_by_test_id("close-greeted").click()
        await expect(card(one, ward)).to_have_count(0, timeout=LOAD_WITHIN)
        assert (await rang(one), await rang(other)) == (1, 1)


async def test_another_language_and_another_light_leave_what_is_half_typed(venue: Venue, browser: Browser) -> None:
    lee = guest("Lee Wei", address_as="Mr Lee", associate="anna")
    await venue.enrol(lee)
    async with tablet_of(browser, venue, "anna") as page:
        await taps_in(venue, lee)
        await shows(page, lee)
        await go(page, f"record/{lee.id}")
        await page.get_by_test_id("record-category-seat").click()
        await page.get_by_test_id("record-value-input").fill("by the wind")
        await page.get_by_test_id("lang-toggle").click()
        await page.get_by_test_id("theme-toggle").click()
        await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
        await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        await page.get_by_test_id("nav-now").click()  # and somebody is seen to in between
        await whole(page, lee).get_by_test_id("claim").click()
        await page.get_by_test_id("nav-record").click()
        await expect(page.get_by_test_id("record-value-input")).to_have_value("by the wind")
        await page.get_by_test_id("record-value-input").press("End")
        await page.get_by_test_id("record-value-input").press_sequentially("ow")
        await page.get_by_test_id("polarity-do").click()
        await page.get_by_test_id("record-save-stated").click()
        await noted(page, "by the window")
        await emptied(page)
        assert [fact["value"] for fact in await recorded(venue, lee)] == ["by the window"]


async def test_on_a_slow_network_that_loses_every_third_request_all_is_taken_once(
    venue: Venue, browser: Browser
) -> None:
    chen = guest("Chen Yulan", address_as="Ms Chen", associate="anna")
    await venue.enrol(chen)
    said = [f"record {n}" for n in range(5)]
    async with tablet(browser) as page:
        network = await page.context.new_cdp_session(page)
        await network.send("Network.enable")
        await network.send("Network.emulateNetworkConditions", SLOW)
        await enter(page, venue, "anna")
        await taps_in(venue, chen)
        await shows(page, chen, "For you")
        await whole(page, chen).get_by_test_id("claim").click()
        await expect(whole(page, chen).get_by_test_id("close-greeted")).to_be_visible(timeout=LOAD_WITHIN)
        numbers = count()

        async def lossy(route: Route) -> None:
            luck = next(numbers) % LOSES_EVERY
            if luck == 1:
                await route.abort()
            elif luck == 2:
                await route.fetch()  # the gateway has it, the answer is lost
                await route.abort()
            else:
                await route.continue_()

        await page.route("**/preferences", lossy)
        await go(page, f"record/{chen.id}")
        for value in said:
            await write_down(page, "other", value)
        await emptied(page)
        assert [fact["value"] for fact in await recorded(venue, chen)] == said
        assert PIN not in await page.content()
