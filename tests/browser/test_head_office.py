"""Head office at a hub in a real browser: every screen, in both languages, by day and by night, and what it does."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.test_access import violations
from tests.hub.program import hub
from tests.hub.test_office import House, Officer

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]

SCREENS = ("venues", "people", "duplicates", "leaver", "erasures", "boxes", "expected")
LANDSCAPE, PORTRAIT = (1280, 800), (800, 1280)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    with hub(tmp_path_factory.mktemp("hub")) as program:
        yield House(program)


@asynccontextmanager
async def opened(
    browser: Browser, house: House, *, locale: str = "en-GB", dark: bool = False, size: tuple[int, int] = LANDSCAPE
) -> AsyncIterator[Page]:
    """Head office, signed in."""
    pin = Officer(house.program).pin
    context = await browser.new_context(
        locale=locale, color_scheme="dark" if dark else "light", viewport={"width": size[0], "height": size[1]}
    )
    try:
        page = await context.new_page()
        await page.goto(house.program.url)
        await page.get_by_test_id("account").fill("lina")
        await page.get_by_test_id("pin").fill(pin)
        await page.get_by_test_id("sign-in").click()
        await expect(page.get_by_test_id("nav-venues")).to_be_visible()
        yield page
    finally:
        await context.close()


async def go(page: Page, screen: str) -> None:
    await page.get_by_test_id(f"nav-{screen}").click()
    await expect(page.get_by_test_id(f"nav-{screen}")).to_have_attribute("aria-current", "page")
    await expect(page.locator("[role=status]")).to_have_count(0)


@pytest.mark.parametrize(
    ("locale", "dark", "size"), [("zh-CN", True, PORTRAIT), ("en-GB", False, LANDSCAPE)], ids=["zh-night", "en-day"]
)
async def test_every_screen_fits_and_axe_finds_nothing_serious(
    house: House, browser: Browser, tmp_path: Path, locale: str, dark: bool, size: tuple[int, int]
) -> None:
    found: list[str] = []
    async with opened(browser, house, locale=locale, dark=dark, size=size) as page:
        await expect(page.locator("html")).to_have_attribute("lang", "zh-CN" if locale == "zh-CN" else "en")
        for screen in SCREENS:
            await go(page, screen)
            found += await violations(page, screen)
            assert await page.evaluate("document.documentElement.scrollWidth") <= size[0], f"{screen} scrolls sideways"
            await page.screenshot(path=tmp_path / f"{screen}-{locale}.png", full_page=True)
    assert not found, "\n".join(found)


async def test_duplicates_are_merged_and_taken_apart_on_the_screen(house: House, browser: Browser) -> None:
    async with opened(browser, house) as page:
        await go(page, "duplicates")
        await page.get_by_test_id("merge").first.click()
        await expect(page.get_by_test_id("pair")).to_have_count(0)
        await go(page, "people")
        await expect(page.get_by_test_id("person")).to_have_count(1)
        await page.get_by_test_id("look").click()
        await expect(page.get_by_test_id("whole")).to_contain_text("still water")
        await page.get_by_test_id("unmerge").click()
        await expect(page.get_by_test_id("unmerge")).to_have_count(0)
        await go(page, "duplicates")
        await expect(page.get_by_test_id("pair")).to_have_count(1)


async def test_a_leaver_is_previewed_first_and_handed_over_at_the_second_word(house: House, browser: Browser) -> None:
    async with opened(browser, house) as page:
        await go(page, "leaver")
        await page.get_by_test_id("leaver").fill("old")
        await page.get_by_test_id("taker").fill("mei")
        await page.get_by_text("Another one in some venues").click()
        await page.get_by_test_id("taker-flagship").fill("noor")
        await page.get_by_test_id("preview").click()
        await expect(page.get_by_test_id("handed")).to_contain_text("old → noor")
        await page.get_by_test_id("taker-flagship").fill("")
        await page.get_by_test_id("preview").click()
        await expect(page.get_by_test_id("handed")).to_contain_text("old → mei")
        await page.get_by_test_id("leave").click()
        await expect(page.get_by_test_id("handed")).to_contain_text("has left the house")
        await page.get_by_test_id("preview").click()
        await expect(page.get_by_test_id("handed")).to_contain_text("Nothing that the hub knows of is theirs")


async def test_it_invites_a_box_and_office_announces_and_erases(house: House, browser: Browser) -> None:
    async with opened(browser, house) as page:
        await go(page, "boxes")
        await page.get_by_test_id("invite-venue").fill("terrace")
        await page.get_by_test_id("invite").click()
        await expect(page.get_by_test_id("code")).to_have_text(re.compile(r"^(\w{4}-){5}\w{4}$"))
        await go(page, "expected")
        await page.get_by_test_id("expected-customer").fill("chen@flagship")
        await page.get_by_test_id("expected-venue").fill("lounge")
        tomorrow = "new Date(Date.now() + 36e5 * 20 - new Date().getTimezoneOffset() * 6e4).toISOString().slice(0, 16)"
        await page.get_by_test_id("expected-from").fill(await page.evaluate(tomorrow))
        await page.get_by_test_id("announce").click()
        await expect(page.get_by_test_id("announced")).to_have_count(1)
        await page.get_by_test_id("cancel").click()
        await expect(page.get_by_test_id("announced")).to_have_count(0)
        await go(page, "people")
        await page.get_by_test_id("person").filter(has_text="chen@flagship").get_by_test_id("look").click()
        await page.get_by_test_id("erase").click()
        await expect(page.get_by_test_id("erasure")).to_have_count(0)
        await page.get_by_test_id("erase-sure").click()
        await page.get_by_test_id("open").click()
        await expect(page.get_by_test_id("receipt")).to_contain_text("chen@flagship")
