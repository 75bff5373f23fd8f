"""Somebody with a box, a browser and nothing else: from an empty folder to a manager who is signed in."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.chromium import LOAD_WITHIN, PHONE, chromium, tablet
from tests.commands.setting_up import beginning
from tests.ports import free_port

SIZES = {"laptop": (1280, 800), "phone": PHONE}


async def fits(page: Page) -> None:
    """Nothing is wider than the screen."""
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def answers(page: Page, code: str) -> None:
    """Types what is asked, and looks at what is on the way."""
    await fits(page)
    await page.locator("[name=code]").fill(code)
    await page.locator("[name=kind]").select_option("lounge")
    await page.locator("[name=name_zh]").fill("海港")
    await page.locator("[name=manager]").fill("林美")
    await page.locator("button").click()


@pytest.mark.parametrize("size", SIZES)
async def test_a_box_becomes_a_house_and_its_manager_signs_in(tmp_path: Path, size: str) -> None:
    with beginning(tmp_path, f"127.0.0.1:{free_port()}") as begun:
        (code,) = await asyncio.to_thread(begun.codes)
        async with chromium() as browser, tablet(browser, size=SIZES[size], locale="zh-CN") as page:
            await page.goto(begun.url)
            await expect(page.locator("h1")).to_have_text("设置 Moments")
            await answers(page, code)
            await expect(page.locator("h1")).to_have_text("设置完成")
            await fits(page)
            pin = await page.locator("[data-shown=pin]").inner_text()
            assert await page.locator("ol.words li").count() == 24
            await page.locator("button").click()  # not yet: nothing is noted
            await expect(page.locator("[data-shown=pin]")).to_be_visible()
            await page.locator("[name=noted]").check()
            await page.locator("button").click()
            await signs_in(page, "manager", pin)


async def signs_in(page: Page, staff: str, pin: str) -> None:
    """The gateway opens by itself on this device, which is paired; the manager types the PIN."""
    await page.get_by_test_id(f"sign-in-staff-{staff}").click(timeout=2 * LOAD_WITHIN)
    for digit in pin:
        await page.get_by_test_id(f"pin-{digit}").click()
    await page.get_by_test_id("pin-submit").click()
    await page.get_by_test_id("connected").wait_for()
    assert re.search(r"127\.0\.0\.1:\d+", page.url)
