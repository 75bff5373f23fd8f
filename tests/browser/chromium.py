"""A real headless Chromium, and a tablet in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page, async_playwright

LANDSCAPE, PORTRAIT, PHONE = (1280, 800), (800, 1280), (390, 844)
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LOAD_WITHIN = 30_000.0  # ms; a loaded machine


def program() -> str:
    """Where Chromium is; ``make test`` installs it."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert found, "Chromium is missing: sudo apt-get install chromium"
    return found


@asynccontextmanager
async def chromium(*flags: str) -> AsyncIterator[Browser]:
    """A running browser, with these flags beside the usual ones."""
    node = shutil.which("node")
    if node:
        os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", node)  # Playwright's own needs a library Debian may lack
    root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=program(), args=[*QUIET, *root, *flags])
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def tablet(
    browser: Browser, *, size: tuple[int, int] = LANDSCAPE, locale: str = "en-GB", dark: bool = False,
    touch: bool = False,
) -> AsyncIterator[Page]:  # fmt: skip
    """A tablet of its own: no cookies and no storage but its own; errors in the page fail the test."""
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale=locale, color_scheme="dark" if dark else "light",
        has_touch=touch,
    )  # fmt: skip
    context.set_default_timeout(LOAD_WITHIN)
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        yield page
    finally:
        await context.close()
    assert not errors, errors


async def sign_in(page: Page, url: str, staff: str, pin: str) -> None:
    """Opens the console and signs in; returns when it is connected."""
    await page.goto(url)
    await page.get_by_test_id(f"sign-in-staff-{staff}").click()
    for digit in pin:
        await page.get_by_test_id(f"pin-{digit}").click()
    await page.get_by_test_id("pin-submit").click()
    await page.get_by_test_id("connected").wait_for()
