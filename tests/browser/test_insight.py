"""The manager's pages of insight on a tablet: the same digits as the worked example, in words, pictures and tables."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.chromium import LOAD_WITHIN, PHONE, chromium, sign_in, tablet
from tests.browser.test_access import violations
from tests.console.served import PIN, Served, served
from tests.console.test_insight import ran, worked
from tests.story.venue import answered

pytestmark = [pytest.mark.timeout(150), pytest.mark.asyncio(loop_scope="module")]

SAYS = {
    "worth": "The best 20% bring 88.7% of net; costing more than they bring: 2",
    "risk": "Gone silent: 2, ordered by days silent",
    "spend": "Entries without a reason: 1, ¥450",
    "network": "Ties both agreed to: 3",
}
SAYS_ZH = {
    "worth": "前 20% 的客户带来 88.7% 的净贡献，2 位成本高于价值",
    "risk": "2 位久未到访，按未到访天数排列",
    "spend": "1 笔没有缘由，¥450",
    "network": "3 段双方同意的关系",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with served(tmp_path_factory.mktemp("insight")) as house:
        await house.hire("mei", roles=("manager",))
        await worked(house)
        yield house


async def opened(page: Page, house: Served, name: str) -> None:
    """The manager looks at this page."""
    await page.goto(f"{house.url}/#/insight/{name}")
    await expect(page.get_by_test_id("insight")).to_be_visible(timeout=LOAD_WITHIN)


async def test_before_the_first_run_it_says_so_and_a_tap_works_it_out(house: Served) -> None:
    async with chromium() as browser, tablet(browser) as page:
        await sign_in(page, house.url, "mei", PIN)
        await opened(page, house, "worth")
        await expect(page.get_by_text("Nothing was worked out yet.")).to_be_visible()
        await page.get_by_test_id("insight-run").click()
        await expect(page.get_by_test_id("insight-worth-says")).to_be_visible(timeout=LOAD_WITHIN)
    await ran(await house.client("manager"), on="2026-12-01")


@pytest.mark.parametrize(("language", "says"), [("en-GB", SAYS), ("zh-CN", SAYS_ZH)])
async def test_each_page_says_in_one_sentence_what_it_shows(house: Served, language: str, says: dict[str, str]) -> None:
    async with chromium() as browser, tablet(browser, locale=language) as page:
        await sign_in(page, house.url, "mei", PIN)
        for name, words in says.items():
            await opened(page, house, name)
            await expect(page.get_by_test_id(f"insight-{name}-says").get_by_role("heading")).to_have_text(words)
            await expect(page.get_by_test_id(f"insight-{name}-says").get_by_role("img")).to_be_visible()
            assert await violations(page, name) == []


async def test_the_morning_says_all_five_and_leads_to_the_people_and_the_pages(house: Served) -> None:
    async with chromium() as browser, tablet(browser) as page:
        await sign_in(page, house.url, "mei", PIN)
        await page.goto(f"{house.url}/#/insight")
        heads = page.get_by_test_id("insight-morning-says").get_by_role("heading")
        few = "No visits in these days to judge by"
        await expect(heads).to_have_text([*(SAYS[name] for name in ("worth", "risk", "spend", "network")), few])
        assert await violations(page, "morning") == []
        await page.get_by_test_id("morning-risk").get_by_role("link", name="K5").click()
        await expect(page.get_by_test_id("open-sheet-k5")).to_be_visible()
        await page.go_back()
        await heads.get_by_role("link").nth(2).click()
        await expect(page.get_by_test_id("insight-spend-table")).to_be_visible()


async def test_where_somebody_belongs_is_noted_chosen_by_and_kept_as_a_list(house: Served) -> None:
    async with chromium() as browser, tablet(browser) as page:
        await sign_in(page, house.url, "mei", PIN)
        await opened(page, house, "ledger")
        says = page.get_by_test_id("insight-ledger-says").get_by_role("heading")
        await expect(says).to_have_text("Customers: 5; others, of whom nothing is said: 0")
        await page.get_by_text("Note where somebody belongs").click()
        await page.get_by_test_id("note-customer").select_option("k2")
        await page.get_by_test_id("note-relation").select_option("company")
        await page.get_by_test_id("note-company").fill("Hale Lines")
        await page.get_by_test_id("note-sector").fill("shipping")
        await page.get_by_test_id("note-say").click()
        await expect(page.get_by_test_id("ledger-companies")).to_contain_text("Hale Lines")
        await page.get_by_test_id("ledger-sector").select_option("shipping")
        await expect(says).to_have_text("Chosen: 1 of 5 customers; others, of whom nothing is said: 0")
        rows = page.get_by_test_id("insight-ledger-table").locator("tbody tr")
        await expect(rows).to_have_count(1)
        await expect(rows.first).to_contain_text("2026-07-03 ¥1,000 (2 in all)")
        await page.get_by_test_id("ledger-name").fill("Shipping")
        await page.get_by_test_id("ledger-keep").click()
        await expect(page.get_by_test_id("ledger-drop")).to_be_visible()
        assert await violations(page, "ledger") == []
        await page.reload()
        await page.get_by_test_id("ledger-list-Shipping").click()
        await expect(rows).to_have_count(1)


async def test_the_tables_have_the_same_digits_and_lead_to_the_people(house: Served) -> None:
    async with chromium() as browser, tablet(browser) as page:
        await sign_in(page, house.url, "mei", PIN)
        await opened(page, house, "worth")
        rows = page.get_by_test_id("insight-worth-table").locator("tbody tr")
        await expect(rows).to_have_count(6)
        await expect(rows.first).to_contain_text("¥4,976.66 (¥4,576.66 to ¥5,376.66, margin assumed)")
        await expect(rows.last).to_contain_text("¥5,610")
        await opened(page, house, "spend")
        first = page.get_by_test_id("insight-spend-table").locator("tbody tr").first
        await expect(first).to_contain_text("No reason")
        await expect(page.get_by_test_id("insight-only-money")).to_contain_text("K5")
        await opened(page, house, "risk")
        await page.get_by_test_id("insight-risk-table").get_by_role("link", name="K5").click()
        await expect(page).to_have_url(f"{house.url}/#/customer/k5")


async def test_what_if_they_met(house: Served) -> None:
    async with chromium() as browser, tablet(browser) as page:
        await sign_in(page, house.url, "mei", PIN)
        await opened(page, house, "network")
        for each in ("k2", "k3", "k5"):
            await page.get_by_test_id(f"insight-pick-{each}").click()
        await page.get_by_test_id("insight-ask").click()
        after = page.get_by_test_id("insight-after").locator("tbody tr")
        await expect(after.nth(0)).to_contain_text("0.3458")
        await expect(after.nth(0)).to_contain_text("0.3542")
        await expect(after.nth(2)).to_contain_text("0.1667")


async def test_what_to_do_is_a_list_with_why_and_a_tap_takes_one_off(house: Served) -> None:
    async with chromium() as browser, tablet(browser) as page:
        await sign_in(page, house.url, "mei", PIN)
        await opened(page, house, "suggestions")
        says = page.get_by_test_id("insight-suggestions-says").get_by_role("heading").first
        await expect(says).to_have_text("Suggestions to act on: 4; held out by chance: 0")
        assert await violations(page, "suggestions") == []
        first = page.get_by_test_id("insight-todo").locator("li").filter(has_text="K4")
        await first.locator("summary").click()
        await expect(first).to_contain_text("A person decides whether to do it")
        await page.get_by_test_id("todo-done-k4").click()
        await expect(page.get_by_test_id("todo-done-k4")).to_have_count(0)


async def test_voices_say_how_few_they_are_and_a_perk_is_two_taps(house: Served) -> None:
    boss = await house.client("manager")
    champagne = {"side": "cost", "on": "2026-07-31", "way": "gift", "amount": 150, "reason": "champagne"}
    for customer in ("k1", "k2"):
        today = (await answered(boss.get("/api/today")))["date"]
        await answered(boss.post("/api/entries", json={**champagne, "customer": customer, "on": today}))
    async with chromium() as browser, tablet(browser) as page:
        await sign_in(page, house.url, "mei", PIN)
        await opened(page, house, "voices")
        says = page.get_by_test_id("insight-voices-says").get_by_role("heading")
        await expect(says).to_have_text("No visits in these days to judge by")
        assert await violations(page, "voices") == []
        await page.goto(f"{house.url}/#/customer/k3")
        await page.get_by_test_id("open-sheet-k3").click()
        await page.get_by_test_id("perk-open").click()
        await page.get_by_test_id("perk-usual-0").click()
        await expect(page.get_by_test_id("perk-cost")).to_have_value("150")
        assert await violations(page, "perk") == []
        await page.get_by_test_id("perk-save").click()
        await expect(page.get_by_test_id("perk-done")).to_have_text("Kept")
        await page.get_by_test_id("perk-ask").click()
        await page.get_by_test_id("perk-expected-3").click()
        await page.get_by_test_id("perk-found-5").click()
        await page.get_by_test_id("perk-save").click()
        await expect(page.get_by_test_id("perk-done")).to_have_text("Thank you, kept")


async def test_on_a_phone_it_is_the_table_and_a_file_is_a_tap(house: Served) -> None:
    async with chromium() as browser, tablet(browser, size=PHONE) as page:
        await sign_in(page, house.url, "mei", PIN)
        await opened(page, house, "worth")
        await expect(page.get_by_test_id("insight-worth-table")).to_be_visible()
        await expect(page.get_by_test_id("insight-worth-says").locator("svg")).to_be_hidden()
        wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wide
        async with page.expect_download() as download:
            await page.get_by_test_id("insight-xlsx").click()
        assert (await download.value).suggested_filename == "worth-2026-12-01.xlsx"
