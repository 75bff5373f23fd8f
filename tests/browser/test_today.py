"""The manager's day on a tablet: every number opens the list it counts, each line its story; on paper and as a file."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.chromium import LOAD_WITHIN, PHONE, chromium, sign_in, tablet
from tests.browser.test_access import violations
from tests.console.monday import on_a_monday
from tests.console.served import PIN, Served
from tests.story.venue import answered

pytestmark = [pytest.mark.timeout(150), pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with on_a_monday(tmp_path_factory.mktemp("today")) as house:
        yield house


async def opened(page: Page, house: Served, address: str) -> None:
    """The manager looks at this part of the day."""
    await page.goto(f"{house.url}/#/{address}")
    await expect(page.get_by_test_id("today")).to_be_visible(timeout=LOAD_WITHIN)


async def test_every_number_on_the_screen_opens_a_list_as_long_as_it_says(house: Served) -> None:
    async with chromium() as browser, tablet(browser) as page:
        await sign_in(page, house.url, "mei", PIN)
        await opened(page, house, "today/week")
        await page.get_by_test_id("today-guests").wait_for()
        for table in ("today-greeted-table", "today-hours-table"):
            await page.get_by_test_id(table).click()
        rows = await page.evaluate(
            """() => [...document.querySelectorAll("[data-testid=today] :is(.fact, .how a, td a, .rest a)")].map((a) =>
              [a.getAttribute("href"), Number((a.querySelector(".n, strong") ?? a).textContent)])"""
        )
        assert len(rows) > 40
        for address, number in rows:
            await page.goto(f"{house.url}/{address}")
            await expect(page.get_by_test_id("counted-count")).to_have_text(str(number), timeout=LOAD_WITHIN)
            await expect(page.get_by_test_id("counted-line")).to_have_count(number)


async def test_a_line_opens_the_story_of_its_card_and_back_leads_to_where_one_was(house: Served) -> None:
    async with chromium() as browser, tablet(browser) as page:
        await sign_in(page, house.url, "mei", PIN)
        await opened(page, house, "today")
        late = page.get_by_test_id("today-guests").get_by_role("link", name=re.compile("after 15 s"))
        await late.focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name=re.compile("Greeted after 15 s 1"))).to_be_focused()
        await page.get_by_test_id("counted-line").click()
        await expect(page.get_by_test_id("story-took")).to_have_text(
            "Greeted 34 s after the card, measured to “With the customer”"
        )
        steps = await page.get_by_test_id("story-step").evaluate_all("rows => rows.map((row) => row.dataset.type)")
        assert [step for step in steps if step != "card.shown"][:5] == [
            "sighting", "visit.arrived", "alert.opened", "alert.claimed", "alert.met"
        ]  # fmt: skip
        await page.go_back()
        await expect(page.get_by_test_id("counted-line")).to_be_visible()
        await page.go_back()
        await expect(late).to_be_focused(timeout=LOAD_WITHIN)
        before = page.url
        await page.get_by_test_id("today-last_week").click()
        await expect(page.get_by_test_id("today-guests").locator(".n").first).to_have_text("0", timeout=LOAD_WITHIN)
        await page.go_back()
        await expect(page.get_by_test_id("today-guests").locator(".n").first).to_have_text("5", timeout=LOAD_WITHIN)
        assert page.url == before


async def test_the_fifteen_seconds_stand_in_the_picture_where_they_are(house: Served) -> None:
    async with chromium() as browser, tablet(browser, size=PHONE) as page:
        await sign_in(page, house.url, "mei", PIN)
        await opened(page, house, "today")
        await page.get_by_test_id("today-greeted").wait_for()
        axis, line, bar, longest = await page.evaluate(
            """() => {
              const picture = document.querySelector("[data-testid=today-greeted]");
              const at = (query) => picture.querySelector(query).getBoundingClientRect();
              const [axis, line] = [at("line:not(.truth)"), at("line.truth")];
              const [bar, longest] = [at("[data-testid=today-bar-8] .reach"), at("[data-testid=today-bar-30] .reach")];
              return [[axis.left, axis.width], line.left + line.width / 2, [bar.left, bar.width], longest.width];
            }"""
        )
        left, width = axis
        assert abs((line - left) / width - 15 / 60) < 0.02
        assert abs((bar[0] - left) / width - 8 / 60) < 0.02
        assert abs(bar[1] / longest - 7 / 30) < 0.02
        await page.get_by_test_id("today-bar-8").click()
        await expect(page.get_by_test_id("counted-count")).to_have_text("2", timeout=LOAD_WITHIN)


async def test_the_day_goes_into_a_spreadsheet_and_onto_paper(house: Served) -> None:
    async with chromium() as browser, tablet(browser, locale="zh-CN", dark=True) as page:
        boss = await house.client("manager")
        await answered(boss.put("/api/customers/met", json={"name": "=1+1", "address_as": "=陈女士"}))
        await sign_in(page, house.url, "mei", PIN)
        await opened(page, house, "today/week")
        await page.get_by_test_id("today-guests").wait_for()
        async with page.expect_download() as coming:
            await page.get_by_test_id("today-csv").click()
        file = await coming.value
        written = Path(await file.path()).read_bytes()
        assert re.fullmatch(r"house-\d{4}-\d\d-\d\d-arrivals\.csv", file.suggested_filename)
        assert written.startswith(b"\xef\xbb\xbf")
        head, *rows = written.decode("utf-8-sig").split("\r\n")
        assert head.split(",")[:3] == ["日期", "时间", "客人"]
        assert len([row for row in rows if row]) == 5
        assert '"\'=陈女士"' in rows[0]
        assert "Claimed" not in written.decode()  # who wants no name has none in a file either

        await page.emulate_media(media="print")
        hidden = await page.evaluate(
            """() => [...document.querySelectorAll("nav, header, button, summary")].
              filter((one) => one.checkVisibility()).length"""
        )
        assert hidden == 0
        assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        paper = await page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
        size = re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", paper)
        assert size is not None
        assert [round(float(side)) for side in size.groups()] == [595, 842]


async def test_one_tap_says_that_one_is_with_the_customer_and_the_story_says_when(house: Served) -> None:
    async with chromium() as browser, tablet(browser) as page:
        await sign_in(page, house.url, "anna", PIN)
        line = page.locator('button[data-customer="waiting"]')
        card = page.locator('article[data-customer="waiting"]').first
        await expect(line.or_(card).first).to_be_visible(timeout=LOAD_WITHIN)
        if await line.count():
            await line.first.click()
        await card.get_by_test_id("claim").click()
        await expect(card.get_by_test_id("met")).to_be_visible(timeout=LOAD_WITHIN)
        while not await card.locator("[data-testid=close-greeted].primary").count():
            await card.get_by_test_id("met").focus()
            await page.keyboard.press("Enter")
            await page.wait_for_timeout(100)  # what has just come under a finger takes no tap yet
        boss = await house.client("manager")
        today = await answered(boss.get("/api/today"))
        assert (today["waiting"], today["greeted"]["met"]) == (0, 3)


@pytest.mark.parametrize("dark", [False, True], ids=["day", "night"])
async def test_lists_and_stories_can_be_used_by_everyone(house: Served, dark: bool) -> None:
    async with chromium() as browser, tablet(browser, dark=dark, size=PHONE) as page:
        await sign_in(page, house.url, "mei", PIN)
        found: list[str] = []
        for address, shown in (("today/week", "today-guests"), ("today/week/arrivals", "counted-line")):
            await opened(page, house, address)
            await page.get_by_test_id(shown).first.wait_for()
            found += await violations(page, address)
        await page.get_by_test_id("counted-line").first.click()
        await page.get_by_test_id("story-took").wait_for()
        found += await violations(page, "a story")
        assert found == []
