"""``make screenshots``: every screen in both languages, themes and orientations and on a phone, from a full house."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from playwright.async_api import Browser, Page

from tests.browser.cabin import Cabin, fly
from tests.browser.chromium import LANDSCAPE, PHONE, PORTRAIT, chromium, sign_in, tablet
from tests.browser.floor import go
from tests.browser.glass_shots import shoot_glass
from tests.browser.guarded_shots import Variant, held, shoot_guarded, shoot_quarantine
from tests.browser.house import CHEN, CROSS, LONG, PIN, PLAIN, STAFF, FullHouse, fill
from tests.program import REPOSITORY
from tests.story.venue import answered

OUT = REPOSITORY / "build" / "screenshots"
HELD = {LANDSCAPE: "landscape", PORTRAIT: "portrait", PHONE: "phone"}
VARIANTS: tuple[Variant, ...] = tuple(product(("zh-CN", "en-GB"), (False, True), HELD))
BLIND: tuple[Variant, ...] = (("en-GB", False, LANDSCAPE), ("zh-CN", True, PORTRAIT), ("zh-CN", False, PHONE))
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
    Shot("now-wrong", "now", ("[data-testid=elsewhere]", "[data-testid=wrong-person]")),
    Shot("now-record", "now", ("[data-testid=card-record]",)),
    Shot("customer", "customer"),
    Shot("customer-open", f"customer/{CHEN.id}", (f"[data-testid=open-sheet-{CHEN.id}]",)),
    Shot("customer-long", f"customer/{LONG.id}"),
    Shot("record", f"record/{CHEN.id}", ("[data-testid=record-category-drink]", "[data-testid=record-value]")),
    Shot(
        "record-stands", f"record/{CHEN.id}/allergy", ("[data-testid=record-value]", "[data-testid=record-save-stated]")
    ),
    Shot("record-wrong", f"customer/{CHEN.id}", ('[data-testid^="fact-"]', '[data-testid^="wrong-"]')),
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
    Shot("now-strip", "now", ("[data-testid=claim]",), staff="marie"),
    Shot("record-strip", f"record/{CHEN.id}/drink", staff="marie"),
    Shot("today", "today", staff="marie"),
    *(Shot(f"insight-{page}", f"insight/{page}", staff="marie") for page in ("worth", "risk", "spend", "network")),
    Shot("today-list", "today/week/arrivals", staff="marie"),
    Shot("today-story", "today/week/greeted.count", ("[data-testid=counted-line]",), staff="marie"),
    Shot("readers", "readers", staff="marie"),
    Shot("setup", "setup", staff="marie"),
    Shot("setup-tablets", "setup/tablets", staff="marie"),
    Shot("setup-people", "setup/people", staff="marie"),
    Shot("customer-edit", f"customer/{LONG.id}/edit", staff="marie"),
    Shot("setup-duplicates", "setup/duplicates", staff="marie"),
    Shot("setup-retention", "setup/retention", staff="marie"),
    Shot("setup-partners", "setup/partners", staff="marie"),
    Shot("setup-mistakes", "setup/mistakes", staff="marie"),
    Shot("walk-test", "readers/~walk", staff="marie"),
    Shot("floor-edit", "floor", ("[data-testid=plan-edit-start]",), staff="marie"),
    Shot("expected", "floor", ("[data-testid=expected-add]",), staff="marie"),
    Shot("more", "more", staff="marie"),
)


CABIN = (
    Shot("round", "service"),
    Shot("round-stop", "service", ("[data-testid=dish-1A-kungpao]", "[data-testid=stop-despite]")),
    Shot("round-place", "service", ("[data-testid=seat-2D]",)),
    Shot("round-galley", "service/galley"),
    Shot("galley-sold-out", "service/galley", ('[data-testid^="sold-out-"]',)),
    Shot("round-aside", "service", ("[data-testid=round-aside]",)),
    Shot("seats", "floor"),
    Shot("seats-place", "floor", ("[data-testid=place-2C]",)),
    Shot("expected-change", "floor", ('[data-testid^="expected-edit-"]',), staff="marie"),
    Shot("menus", "service/menu", staff="marie"),
    Shot("menu", "service/menu", ("[data-testid=menu-lunch-1]",), staff="marie"),
    Shot(
        "round-start",
        "service",
        ("[data-testid=round-aside]", "[data-testid=question-dinner]", "[data-testid=round-start]"),
        staff="marie",
    ),
)


def _named(variant: Variant) -> str:
    """What its pictures are called by: language, light, how it is held."""
    locale, dark, size = variant
    return f"{locale[:2]}-{'dark' if dark else 'light'}-{HELD[size]}"


async def shoot(browser: Browser, url: str, variant: Variant, shots: tuple[Shot, ...] = SHOTS) -> None:
    """All screens of one language, theme and size."""
    name = _named(variant)
    for staff in dict.fromkeys(shot.staff for shot in shots):
        async with held(browser, variant) as page:
            await page.goto(url)
            await page.get_by_test_id(f"sign-in-staff-{staff}").wait_for()
            if staff == "lina" and shots is SHOTS:
                await _save(page, f"{name}-sign-in")
            await sign_in(page, url, staff, PIN)
            for shot in (one for one in shots if one.staff == staff):
                await _go(page, url, shot)
                await _save(page, f"{name}-{shot.name}" if staff == "lina" else f"{name}-{staff}-{shot.name}")
    print(f"{OUT}/{name}-*.png", flush=True)


async def _glass(house: FullHouse, browser: Browser, variant: Variant) -> None:
    """Consent on glass, whole."""
    async with held(browser, variant) as page:
        await sign_in(page, house.url, "marie", PIN)
        await shoot_glass(
            page, house, variant[0][:5].replace("en-GB", "en"), lambda name: _save(page, f"{_named(variant)}-{name}")
        )
        await go(page, f"customer/{CHEN.id}")
        await page.get_by_test_id(f"open-sheet-{CHEN.id}").click()
        async with page.context.expect_page() as opened:
            await page.locator('[data-testid^="receipt-"]').first.click()
        receipt = await opened.value
        await receipt.locator("h1").wait_for()
        await receipt.wait_for_timeout(SETTLES)
        await _save(receipt, f"{_named(variant)}-receipt")


async def _guarded(browser: Browser) -> None:
    """What guards a house, in every variant."""
    for variant in VARIANTS:
        name = _named(variant)
        for shoot_these in (shoot_guarded, shoot_quarantine):
            await shoot_these(browser, variant, lambda page, shown, name=name: _save(page, f"{name}-{shown}"))  # type: ignore[misc]


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


async def _cabin(folder: Path) -> None:
    """A cabin at lunch: seats, the round, its galley and its menu."""
    folder.mkdir()
    async with Cabin(folder) as cabin, chromium() as browser:
        boss = await cabin.client("manager")
        for who, roles in (("lina", ["crew"]), ("marie", ["crew", "manager"])):
            await answered(boss.put(f"/api/staff/{who}", json={"name": STAFF[who], "roles": roles, "pin": PIN}))
        await fly(cabin)
        for variant in VARIANTS:
            await shoot(browser, cabin.url, variant, CABIN)


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
                await _glass(house, browser, variant)
            await _guarded(browser)
            async with AsyncExitStack() as stack:
                pages = {variant: await stack.enter_async_context(held(browser, variant)) for variant in BLIND}
                for page in pages.values():
                    await sign_in(page, house.url, "anna", PIN)
                await house.stop()
                for variant, page in pages.items():
                    await page.get_by_test_id("blind").first.wait_for()
                    await _save(page, f"{_named(variant)}-blind")
        await _cabin(Path(folder) / "cabin")
    print(f"{len(list(OUT.glob('*.png')))} screenshots in {OUT}")


if __name__ == "__main__":
    asyncio.run(main())
