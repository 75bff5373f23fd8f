"""``make screenshots``: every screen in both languages, themes and orientations, from the demo as it runs."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import product
from pathlib import Path

from playwright.async_api import Browser, Page

from tests.browser.chromium import LANDSCAPE, PORTRAIT, chromium, sign_in, tablet
from tests.program import REPOSITORY, command_line

OUT = REPOSITORY / "build" / "screenshots"
PIN = "246813"
BUSY_AFTER = 75  # seconds until several customers are in the demo's house
SCREENS = {  # and what to tap there, so that there is something to see
    "now": '[data-testid^="card-"] h2',
    "customer": '[data-testid^="present-"]',
    "record": '[data-testid^="record-about-"]',
    "service": "",
    "floor": "",
    "shift": "",
    "settings": "",
}
LEADS = ("today", "readers", "setup")  # what a manager sees beside
VARIANTS = tuple(product(("zh-CN", "en-GB"), (False, True), (LANDSCAPE, PORTRAIT)))


@asynccontextmanager
async def demo() -> AsyncIterator[tuple[str, subprocess.Popen[str]]]:
    """The demo as a process; its address."""
    words = command_line("demo", "--port", "0", "--pin", PIN)
    process = subprocess.Popen(words, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield await asyncio.to_thread(_address, process), process
    finally:
        process.terminate()
        process.wait(20)


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        found = re.search(r"http://\S+", line)
        if found:
            return found[0]
    sys.exit("the demo did not start")


async def shoot(browser: Browser, url: str, variant: tuple[str, bool, tuple[int, int]]) -> None:
    """All screens of one language, theme and orientation."""
    locale, dark, size = variant
    name = f"{locale[:2]}-{'dark' if dark else 'light'}-{'landscape' if size == LANDSCAPE else 'portrait'}"
    async with tablet(browser, size=size, locale=locale, dark=dark) as page:
        await page.goto(url)
        await page.get_by_test_id("sign-in-staff-lina").wait_for()
        await _save(page, name, "sign-in")
        await sign_in(page, url, "lina", PIN)
        for screen, open_one in SCREENS.items():
            await _go(page, screen)
            opens = open_one and (screen != "now" or size == LANDSCAPE)  # upright, a tapped card leaves Now
            if opens and await page.locator(open_one).count():
                await page.locator(open_one).first.click()
            await page.wait_for_timeout(700)
            await _save(page, name, screen)
    async with tablet(browser, size=size, locale=locale, dark=dark) as page:
        await sign_in(page, url, "marie", PIN)
        for screen in LEADS:
            await _go(page, screen)
            await _save(page, name, screen)
        print(f"{OUT}/{name}-*.png")


async def _go(page: Page, screen: str) -> None:
    await page.evaluate("screen => { location.hash = `#/${screen}`; }", screen)
    await page.wait_for_timeout(700)


async def _save(page: Page, name: str, screen: str) -> None:
    await page.screenshot(path=OUT / f"{name}-{screen}.png")


async def main() -> None:
    """Takes them all."""
    OUT.mkdir(parents=True, exist_ok=True)
    async with demo() as (url, process), chromium() as browser:
        await asyncio.sleep(BUSY_AFTER)
        for variant in VARIANTS:
            await shoot(browser, url, variant)
        async with tablet(browser) as page:
            await sign_in(page, url, "anna", PIN)
            process.terminate()
            await page.get_by_test_id("blind").first.wait_for()
            await _save(page, "en-light-landscape", "blind")
    print(f"{len(list(Path(OUT).glob('*.png')))} screenshots in {OUT}")


if __name__ == "__main__":
    asyncio.run(main())
