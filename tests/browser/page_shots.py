"""Every state of a customer's own page, in both languages and themes, on a phone and on a tablet."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from itertools import product
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page

from tests.browser.chromium import PHONE, PORTRAIT, chromium, tablet
from tests.console.served import Served, served
from tests.program import REPOSITORY
from tests.story.venue import answered

OUT = REPOSITORY / "build" / "screenshots" / "own-page"
WHO = "chen-yulan"
DIGITS = "718204"
VARIANTS = tuple(product(("zh-CN", "en-GB"), (False, True), (PHONE, PORTRAIT)))
FACTS = (
    ("drink", "龙井，不加糖", "do", "observed"),
    ("allergy", "花生", "allergy", "stated"),
    ("seat", "靠门的座位", "avoid", "stated"),
    ("conversation", "the merger, and anything that was in the papers about it", "avoid", "inferred"),
)


async def fill(house: Served) -> None:
    """Somebody of whom much is known, and who was here."""
    await house.hire("anna", "lina")
    await house.enrol(WHO, name="陈玉兰", address_as="陈女士", tier="black", associate="anna", birthday="04-30")
    lina = await house.signs_in("lina")
    told = []
    for category, value, polarity, basis in FACTS:
        fact = {"category": category, "value": value, "polarity": polarity, "basis": basis, "scope": "standing"}
        told.append(await answered(lina.post(f"/api/customers/{WHO}/preferences", json=fact)))
    await answered(lina.get(f"/api/customers/{WHO}", params={"why": "card"}))
    await answered(lina.get("/api/customers", params={"q": "陈"}))
    house.tap()
    boss = await house.client("manager")
    reason = {"reason": "she asked for it at the desk"}
    assert (await boss.get(f"/api/customers/{WHO}/export", params=reason)).status_code == 200
    await answered(boss.put(f"/api/customers/{WHO}/page-digits", json={"digits": DIGITS}))


async def link(house: Served) -> str:
    """A new link to their page."""
    boss = await house.client("manager")
    return str((await answered(boss.post(f"/api/customers/{WHO}/page-link")))["link"])


@asynccontextmanager
async def opened(
    browser: Browser, url: str, *, size: tuple[int, int] = PHONE, locale: str = "en-GB", dark: bool = False
) -> AsyncIterator[Page]:
    """The page in a browser of the customer's."""
    async with tablet(browser, size=size, locale=locale, dark=dark) as page:
        await page.goto(url)
        await page.locator("h1").wait_for()
        yield page


async def unlock(page: Page, digits: str = DIGITS) -> None:
    """Gives the six digits."""
    await page.get_by_test_id("digits").fill(digits)
    await page.get_by_test_id("digits-open").click()
    await page.get_by_test_id("whole").wait_for()


async def tap(page: Page, *ids: str) -> None:
    """Taps what is there, one after the other."""
    for each in ids:
        await page.get_by_test_id(each).first.click()


async def wrong(page: Page) -> None:
    """Digits that are none."""
    await page.get_by_test_id("digits").fill("000000")
    await page.get_by_test_id("digits-open").click()
    await page.locator("#digits-wrong:not(:empty)").wait_for()


async def whole(page: Page) -> None:
    """All of it, with everything that folds unfolded."""
    await unlock(page)
    await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")


async def correcting(page: Page) -> None:
    """One fact being put right."""
    await unlock(page)
    await tap(page, "correct")


async def corrected(page: Page) -> None:
    """One fact that was."""
    await correcting(page)
    await page.get_by_test_id("correct-value").fill("茉莉花茶")
    await tap(page, "correct-save")
    await page.get_by_test_id("corrections").wait_for()


async def erasing(page: Page) -> None:
    """Asked whether they are sure."""
    await unlock(page)
    await tap(page, "erase")


async def stopping(page: Page) -> None:
    """Asked whether they are sure."""
    await tap(page, "stop-recognise_tag")


async def stopped(page: Page) -> None:
    """One purpose is stopped."""
    await tap(page, "stop-recognise_tag", "stop-recognise_tag-confirm")
    await page.locator('[data-testid="consent-recognise_tag"][data-state="ended"]').wait_for()


async def nothing(_: Page) -> None:
    """As it opens."""


STATES: tuple[tuple[str, Callable[[Page], Awaitable[None]]], ...] = (
    ("1-open", nothing), ("2-stopping", stopping), ("3-wrong-digits", wrong), ("4-whole", whole),
    ("5-correcting", correcting), ("6-corrected", corrected), ("7-erasing", erasing), ("8-stopped", stopped),
)  # fmt: skip


async def shoot(out: Path = OUT, variants: Iterable[Any] = VARIANTS) -> None:
    """Takes them all."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    for locale, dark, size in variants:
        name = f"{locale}-{'night' if dark else 'day'}-{size[0]}"
        with tempfile.TemporaryDirectory() as folder:
            async with served(Path(folder), lawful=False) as house, chromium() as browser:
                await fill(house)
                for state, bring in STATES:
                    house.ahead += 61
                    url = await link(house)
                    async with opened(browser, url, size=size, locale=locale, dark=dark) as page:
                        await page.get_by_test_id("language").wait_for()
                        if locale.startswith("en") != (await page.locator("html").get_attribute("lang") == "en"):
                            await tap(page, "language")
                        await bring(page)
                        await page.screenshot(path=out / f"{name}-{state}.png", full_page=True)
                async with opened(browser, f"{house.url}/me#{'A' * 22}", size=size, locale=locale, dark=dark) as page:
                    await page.get_by_test_id("end-closed").wait_for()
                    await page.screenshot(path=out / f"{name}-9-closed.png", full_page=True)


if __name__ == "__main__":
    asyncio.run(shoot())
