"""A customer's own page in a real browser: on their phone, in both languages, by touch and by keyboard alone."""

from __future__ import annotations

import json
import time
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Route, expect

from staff_console import DIST
from tests.browser.chromium import PHONE, sign_in, tablet
from tests.browser.page_shots import DIGITS, WHO, fill, link, opened, tap, unlock, whole
from tests.browser.test_access import violations
from tests.console.served import PIN, Served, served

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(150)]

WITHIN = 20.0  # seconds from the tap to every tablet; two on a machine that is not busy
SMALL = 60_000  # bytes, gzipped: all that a phone reads


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with served(tmp_path_factory.mktemp("house")) as house:
        await fill(house)
        yield house


@pytest.mark.parametrize(("locale", "dark"), [("zh-CN", True), ("en-GB", False)], ids=["zh-night", "en-day"])
async def test_axe_finds_nothing_serious_in_any_state(house: Served, browser: Browser, locale: str, dark: bool) -> None:
    house.ahead += 61
    found: list[str] = []
    async with opened(browser, await link(house), locale=locale, dark=dark) as page:
        await expect(page).to_have_title("我的页面 · My page")
        lang = "zh-CN" if locale == "zh-CN" else "en"
        await expect(page.locator("html")).to_have_attribute("lang", lang)
        found += await violations(page, "as it opens")
        await tap(page, "stop-recognise_tag")
        found += await violations(page, "asked whether to stop")
        await tap(page, "stop-recognise_tag-keep")
        await whole(page)
        await tap(page, "correct")
        await tap(page, "erase")
        found += await violations(page, "all of it")
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE[0], "it scrolls sideways"
    assert not found, "\n".join(found)


async def test_a_stop_from_the_page_is_on_a_tablet_in_two_seconds(house: Served, browser: Browser) -> None:
    house.ahead += 61
    boss = await house.client("manager")
    await boss.post(f"/api/customers/{WHO}/consents", json={"purpose": "recognise_tag"})
    house.tap()
    async with tablet(browser) as staff:
        await sign_in(staff, house.url, "lina", PIN)
        here = staff.locator(f'[data-customer="{WHO}"]').first
        await here.wait_for()
        async with opened(browser, await link(house)) as page:
            await tap(page, "stop-recognise_tag")
            began = time.monotonic()
            await tap(page, "stop-recognise_tag-confirm")
            await expect(here).to_have_count(0, timeout=WITHIN * 1000)
            assert time.monotonic() - began < WITHIN
            await expect(page.locator('[data-testid="consent-recognise_tag"]')).to_have_attribute("data-state", "ended")


async def test_everything_is_done_with_a_keyboard_alone(house: Served, browser: Browser) -> None:
    house.ahead += 61
    boss = await house.client("manager")
    await boss.post(f"/api/customers/{WHO}/consents", json={"purpose": "recognise_phone"})
    async with opened(browser, await link(house)) as page:

        async def until_on(name: str) -> None:
            for _ in range(40):
                await page.keyboard.press("Tab")
                if await page.evaluate("document.activeElement?.dataset.testid") == name:
                    return
            raise AssertionError(f"no way to {name}")

        await until_on("stop-recognise_phone")
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("stop-recognise_phone-confirm")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.locator('[data-testid="consent-recognise_phone"]')).to_have_attribute("data-state", "ended")
        await until_on("digits")
        await page.keyboard.type(DIGITS)
        await page.keyboard.press("Enter")
        await page.get_by_test_id("whole").wait_for()


async def test_the_link_is_kept_nowhere_in_the_browser(house: Served, browser: Browser) -> None:
    house.ahead += 61
    url = await link(house)
    secret = url.partition("#")[2]
    async with opened(browser, url) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await unlock(page)
        assert secret not in page.url
        assert asked
        assert all(secret not in each and DIGITS not in each for each in asked)
        kept = await page.evaluate(
            "async () => [localStorage.length, sessionStorage.length, document.cookie, (await caches.keys()).length,"
            " (await indexedDB.databases()).length, (await navigator.serviceWorker.getRegistrations()).length]"
        )
        assert kept == [0, 0, "", 0, 0, 0]
        assert await page.context.cookies() == []
        await page.reload()
        await page.get_by_test_id("end-bare").wait_for()


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en-GB", ("by way of its hub (hub.example.com)", "pudong recorded something of you or looked at you 3 times",
                   "mei, at pudong")),
        ("zh-CN", ("经由其枢纽（hub.example.com）认得您", "pudong 记录过您的信息或查看过您，共 3 次", "mei（pudong）")),
    ],
)  # fmt: skip
async def test_it_says_who_else_of_the_operator_knows_and_looked(
    house: Served, browser: Browser, locale: str, words: tuple[str, ...]
) -> None:
    house.ahead += 61
    at = "2026-11-28T11:02:05.120Z"

    async def lent(route: Route) -> None:
        record: dict[str, Any] = await (await route.fetch()).json()
        assert record["lending"] is None
        houses = [{"house": "pudong", "rows": 3, "last": at}]
        record["lending"] = {"state": "known", "hub": "hub.example.com", "houses": houses}
        record["looks"].insert(0, {"at": at, "by": "mei", "house": "pudong", "what": "list", "reason": None})
        await route.fulfill(json=record)

    async with opened(browser, await link(house), locale=locale) as page:
        await page.route("**/api/me/record", lent)
        await whole(page)
        for text in words:
            await expect(page.get_by_test_id("whole")).to_contain_text(text)
        assert not await violations(page, "with other houses")


async def test_what_is_taken_along_is_a_file_and_what_is_right_is_on_the_sheet(house: Served, browser: Browser) -> None:
    house.ahead += 61
    async with opened(browser, await link(house)) as page:
        await unlock(page)
        async with page.expect_download() as coming:
            await tap(page, "export")
        got = await coming.value
        ours = house.whose(WHO)
        assert got.suggested_filename == f"person-{ours}.zip"
        with zipfile.ZipFile(Path(await got.path())) as there:
            assert json.loads(there.read("person.json"))["person"] == ours
        first = page.get_by_test_id("fact").first
        await first.get_by_test_id("correct").click()
        await first.get_by_test_id("correct-value").fill("cashew nuts")
        await first.get_by_test_id("correct-save").click()
        await expect(page.get_by_test_id("corrections")).to_contain_text("cashew nuts")
    boss = await house.client("manager")
    sheet = (await boss.get(f"/api/customers/{WHO}/preferences")).json()
    assert ("cashew nuts", "customer") in {(fact["value"], fact["by"]) for fact in sheet}


async def test_who_deletes_themselves_sees_that_it_is_done(browser: Browser, tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await fill(house)
        url = await link(house)
        async with opened(browser, url) as page:
            await unlock(page)
            await tap(page, "erase", "erase-confirm")
            await page.get_by_test_id("end-erased").wait_for()
        async with opened(browser, url) as page:
            await page.get_by_test_id("end-closed").wait_for()


async def test_the_page_is_small_and_is_nothing_of_the_console(house: Served) -> None:
    files = [file for file in (DIST / "me" / "me-assets").iterdir() if file.suffix == ".gz"]
    total = sum(file.stat().st_size for file in files) + (DIST / "me" / "me.html").stat().st_size
    assert total <= SMALL, f"{total} bytes"
    text = (DIST / "me" / "me.html").read_text("utf-8")
    assert "manifest" not in text
    assert "./assets/" not in text
    browser = await house.client()
    assert (await browser.get("/me")).text == text
