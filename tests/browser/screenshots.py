"""``make screenshots``: every screen in both languages, themes and orientations and on a phone, from a full house."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from playwright.async_api import Browser, Page

from tests.browser.chromium import LANDSCAPE, PHONE, PORTRAIT, chromium, sign_in, tablet
from tests.browser.house import CHEN, CROSS, LONG, PIN, PLAIN, FullHouse, fill
from tests.program import REPOSITORY

OUT = REPOSITORY / "build" / "screenshots"
HELD = {LANDSCAPE: "landscape", PORTRAIT: "portrait", PHONE: "phone"}
VARIANTS = tuple(product(("zh-CN", "en-GB"), (False, True), HELD))
SETTLES = 500.0  # ms


@dataclass(slots=True, frozen=True)
class Shot:
    """One picture: whose tablet, where it is, and what is tapped there, where it can be."""

    name: str
    address: str
    taps: tuple[str, ...] = ()
    staff: str = "lina"


SHOTS = (
    Shot("now", "now"),
    Shot("now-another", "now", (f'[data-testid^="card-"][data-customer="{LONG.id}"]',)),
    Shot("now-elsewhere", "now", ("[data-testid=elsewhere]",)),
    Shot("customer", "customer"),
    Shot("customer-open", f"customer/{CHEN.id}", (f"[data-testid=open-sheet-{CHEN.id}]",)),
    Shot("customer-long", f"customer/{LONG.id}"),
    Shot("record", f"record/{CHEN.id}", ("[data-testid=record-category-drink]", "[data-testid=record-value]")),
    Shot("record-whom", f"record/{CHEN.id}", ("[data-testid=record-other]",)),
    Shot("record-complaint", f"record/{CROSS.id}", ("[data-testid=record-kind-complaint]",)),
    Shot("service", "service"),
    Shot("service-asked", "service", (f"[data-testid=service-{PLAIN.id}] [data-testid=ask-lunch]",)),
    Shot("floor", "floor"),
    Shot("shift", "shift"),
    Shot("shift-end", "shift", ("[data-testid=shift-end]",)),
    Shot("settings", "settings"),
    Shot("covered", "now", ("[data-testid=hide]",)),
    Shot("now", "now", staff="anna"),
    Shot("now-party", "now", ("[data-testid=claim-party]",), staff="ben"),
    Shot("today", "today", staff="marie"),
    Shot("readers", "readers", staff="marie"),
    Shot("setup", "setup", staff="marie"),
    Shot("setup-tablets", "setup/tablets", staff="marie"),
    Shot("setup-people", "setup/people", staff="marie"),
    Shot("walk-test", "readers/~walk", staff="marie"),
    Shot("floor-edit", "floor", ("[data-testid=plan-edit-start]",), staff="marie"),
    Shot("more", "more", staff="marie"),
)


async def shoot(browser: Browser, url: str, variant: tuple[str, bool, tuple[int, int]]) -> None:
    """All screens of one language, theme and size."""
    locale, dark, size = variant
    name = f"{locale[:2]}-{'dark' if dark else 'light'}-{HELD[size]}"
    for staff in dict.fromkeys(shot.staff for shot in SHOTS):
        async with tablet(browser, size=size, locale=locale, dark=dark) as page:
            await page.goto(url)
            await page.get_by_test_id(f"sign-in-staff-{staff}").wait_for()
            if staff == "lina":
                await _save(page, f"{name}-sign-in")
            await sign_in(page, url, staff, PIN)
            for shot in (one for one in SHOTS if one.staff == staff):
                await _go(page, url, shot)
                await _save(page, f"{name}-{shot.name}" if staff == "lina" else f"{name}-{staff}-{shot.name}")
    print(f"{OUT}/{name}-*.png", flush=True)


async def _go(page: Page, url: str, shot: Shot) -> None:
    """Goes there as if the app had just been opened: nothing of the picture before is left."""
    await page.goto("about:blank")
    await page.goto(f"{url}/#/{shot.address}")
    await page.get_by_test_id("connected").wait_for()
    await page.wait_for_timeout(SETTLES)
    for tap in shot.taps:
        if await page.locator(tap).count():
            await page.locator(tap).first.click()
            await page.wait_for_timeout(SETTLES)


async def _save(page: Page, name: str) -> None:
    await page.screenshot(path=OUT / f"{name}.png")


async def _hours(house: FullHouse, browser: Browser) -> None:
    """What happens before anybody looks: Anna greets one guest and is with another."""
    async with tablet(browser) as page:
        await sign_in(page, house.url, "anna", PIN)
        for who, then in ((PLAIN, "close-greeted"), (CROSS, "")):
            line = page.locator(f'[data-testid^="card-"][data-customer="{who.id}"]').first
            if await line.evaluate("card => card.tagName") == "BUTTON":
                await line.click()
            card = page.locator(f'article[data-customer="{who.id}"]').first
            await card.get_by_test_id("claim").click()
            if then:
                await card.get_by_test_id(then).click()


async def main() -> None:
    """Takes them all."""
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        async with FullHouse(Path(folder)) as house, chromium() as browser:
            await fill(house)
            await _hours(house, browser)
            for variant in VARIANTS:
                await shoot(browser, house.url, variant)
            async with tablet(browser) as page:
                await sign_in(page, house.url, "anna", PIN)
                await house.stop()
                await page.get_by_test_id("blind").first.wait_for()
                await _save(page, "en-light-landscape-blind")
    print(f"{len(list(OUT.glob('*.png')))} screenshots in {OUT}")


if __name__ == "__main__":
    asyncio.run(main())
