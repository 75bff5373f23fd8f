"""A receipt on a tablet's screen and on paper: both languages, by day and by night, printed with one tap."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route

from gateway.consent.receipt_words import WORDS
from tests.console.served import Served, served
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="module")

PUBLIC = Path(__file__).parents[2] / "staff_console" / "public"
BACKGROUND = "getComputedStyle(document.body).backgroundColor"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """A house with a customer who agreed."""
    async with served(tmp_path_factory.mktemp("receipt")) as house:
        await house.hire("anna")
        await house.enrol("chen", language="zh-CN")
        yield house


@pytest_asyncio.fixture(loop_scope="module")
async def page(house: Served, browser: Browser) -> AsyncIterator[Page]:
    """A tablet on which somebody is signed in; what is built into the console comes from where it is made."""
    page = await browser.new_page(viewport={"width": 800, "height": 1280})

    async def file(route: Route) -> None:
        await route.fulfill(path=PUBLIC / route.request.url.rpartition("/")[2])

    await page.route("**/receipt.*", file)
    signed = await page.request.post(f"{house.url}/api/sign-in", data={"staff": "anna", "pin": "2468"})
    assert signed.ok
    yield page
    await page.close()


async def address(house: Served) -> str:
    """Where the newest receipt is shown."""
    every = await answered((await house.client("manager")).get("/api/customers/chen/receipts"))
    return f"{house.url}/api/receipts/{every[0]['id']}?as=html"


async def test_it_is_shown_in_the_customers_language_and_in_the_other_by_one_tap(house: Served, page: Page) -> None:
    await page.goto(await address(house))
    assert await page.locator("h1").inner_text() == WORDS["zh-CN"]["title"]
    await page.get_by_role("link", name="English").click()
    assert await page.locator("h1").inner_text() == WORDS["en"]["title"]
    assert await page.locator("nav a[aria-current]").all_inner_texts() == ["English", "A4"]


async def test_by_night_it_is_dark_and_its_code_is_not(house: Served, page: Page) -> None:
    await page.goto(await address(house))
    found = {}
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
        found[scheme] = await page.evaluate(BACKGROUND)
        code = "getComputedStyle(document.querySelector('figure img')).backgroundColor"
        assert await page.evaluate(code) == "rgb(255, 255, 255)"
    assert found["light"] != found["dark"]


async def test_one_tap_prints_it_and_paper_shows_no_buttons(house: Served, page: Page) -> None:
    await page.add_init_script("window.print = () => { window.printed = true }")
    await page.goto(await address(house))
    button = page.get_by_role("button", name=WORDS["zh-CN"]["print"])
    box = await button.bounding_box()
    assert box is not None
    assert box["height"] >= 48
    await button.click()
    assert await page.evaluate("window.printed") is True
    await page.emulate_media(media="print", color_scheme="dark")
    assert not await page.locator("nav").is_visible()
    assert await page.evaluate(BACKGROUND) == "rgb(255, 255, 255)"


@pytest.mark.parametrize("language", list(WORDS))
async def test_on_80_mm_paper_nothing_is_cut_off(house: Served, page: Page, language: str) -> None:
    await page.set_viewport_size({"width": 272, "height": 900})  # 72 mm at 96 dpi
    await page.goto(f"{await address(house)}&paper=80mm&language={language}")
    await page.emulate_media(media="print")
    assert await page.evaluate("document.documentElement.scrollWidth <= 272")
    code = await page.locator("figure img").bounding_box()
    assert code is not None
    assert code["width"] > 240, "97 modules and more want every millimetre"
