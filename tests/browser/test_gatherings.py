"""A manager plans a gathering and sends it out; a host has one list of the evening, in place of cards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from playwright.async_api import expect

from gateway.core.evenings import due
from tests.browser.chromium import LOAD_WITHIN, PHONE, chromium, sign_in, tablet
from tests.browser.test_access import violations
from tests.console.served import PIN, Served, config, served
from tests.console.test_gatherings import DAY, MINUTE, guest, opened, plan, rows
from tests.console.test_introductions import guests
from tests.story.venue import answered

pytestmark = [pytest.mark.timeout(150), pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    venue = {"id": "garden", "name": {"zh-CN": "社区中心", "en": "Garden"}, "kind": "community"}
    async with served(tmp_path_factory.mktemp("evening"), config(venue=venue, club={"gatherings": True})) as house:
        await house.hire("mei", roles=("manager",))
        await house.hire("anna")
        for n, name in enumerate(("chen", "hale", "sato")):
            await guest(house, name, n)
        yield house


async def test_a_manager_plans_sees_why_each_is_on_the_list_and_sends_it(house: Served, tmp_path: Path) -> None:
    async with chromium() as browser, tablet(browser) as page:
        await sign_in(page, house.url, "mei", PIN)
        await page.goto(f"{house.url}/#/gatherings")
        await page.get_by_test_id("gathering-plan").click(timeout=LOAD_WITHIN)
        day = datetime.fromtimestamp(house.now() + 3 * DAY, ZoneInfo("UTC")).date().isoformat()
        for field, text in {"plan-en": "Tea", "plan-zh": "茶会", "plan-day": day, "plan-seats": "2"}.items():
            await page.get_by_test_id(field).fill(text)
        await page.get_by_test_id("rule-category-0").fill("Tea")
        await page.get_by_test_id("rule-reason-0").fill("You like tea")
        await page.get_by_test_id("plan-save").click()
        await expect(page.get_by_test_id("gathering-list").get_by_role("heading")).to_have_text("2 would be invited")
        assert await violations(page, "a draft") == []
        await page.get_by_test_id("gathering-open").click()
        await page.get_by_test_id("gathering-open").click()
        await expect(page.get_by_test_id("guests-asked").locator("li")).to_have_count(2)
        await expect(page.get_by_test_id("gathering-numbers")).to_contain_text("1 not drawn")
        async with page.expect_download() as download:
            await page.get_by_test_id("gathering-csv").click()
        assert "You like tea" in Path(await (await download.value).path()).read_text("utf-8")
        await page.get_by_test_id("gathering-cancel").click()
        await page.get_by_test_id("gathering-cancel").click()
        await expect(page.get_by_text("Cancelled")).to_be_visible()


async def test_a_host_has_one_list_and_taps_once(house: Served) -> None:
    boss = await house.client("manager")
    await guest(house, "okafor", 7)
    await answered(
        boss.post(
            "/api/customers/okafor/preferences", json={"category": "food", "value": "peanuts", "polarity": "allergy"}
        )
    )
    made = await opened(boss, plan(house, zones=["bar"]))
    ids = {name: each["id"] for name, each in (await rows(boss, made)).items()}
    async with chromium() as browser, tablet(browser, size=PHONE) as page:
        await sign_in(page, house.url, "anna", PIN)
        await page.goto(f"{house.url}/#/gatherings/{made}")
        await page.get_by_test_id("companions-okafor").fill("2")
        await page.get_by_test_id("accept-okafor").click()
        await expect(page.get_by_test_id("guests-expected")).to_contain_text("plus 2")
        await expect(page.get_by_test_id("guest-okafor")).to_contain_text("Allergy: peanuts")
        assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert "okafor" in ids
    house.ahead += 2 * DAY + MINUTE
    await house.gateway.act(lambda: due(house.gateway, made, house.now()), "gateway")
    async with chromium() as browser, tablet(browser) as page:
        await sign_in(page, house.url, "anna", PIN)
        evening = page.get_by_test_id("evening")
        await expect(evening).to_contain_text("Spring tea", timeout=LOAD_WITHIN)
        await evening.get_by_test_id("here-okafor").click()
        await expect(evening.get_by_test_id("here-okafor")).to_have_count(0)
    assert (await rows(boss, made))["okafor"]["standing"] == "attended"


async def test_a_guest_is_asked_in_person_and_named_to_the_other_only_then(tmp_path: Path) -> None:
    async with served(tmp_path, config(club={"introductions": True})) as house:
        await house.hire("mei", roles=("manager",))
        await house.hire("anna", "ben")
        await guests(house, "chen", "hale")
        async with chromium() as browser, tablet(browser) as page:
            await sign_in(page, house.url, "mei", PIN)
            await page.goto(f"{house.url}/#/gatherings")
            await page.get_by_test_id("ask-both").click(timeout=LOAD_WITHIN)
            await expect(page.get_by_test_id("introduction-open")).to_be_visible()
            for n, guest_ in enumerate(("chen", "hale")):
                house.tap(f"em:07{n:08X}")
                await page.goto(f"{house.url}/#/customer/{guest_}")
                question = page.get_by_test_id("may-meet")
                await expect(question).to_contain_text("also likes sailing", timeout=LOAD_WITHIN)
                await question.get_by_test_id("meet-yes").click()
            await expect(page.get_by_test_id("may-meet")).to_contain_text("Would like to meet Chen")
            assert await violations(page, "a guest who is asked") == []
