"""Everyone can use the console: axe finds nothing serious or critical on any screen, by day and by night."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.chromium import LANDSCAPE, LOAD_WITHIN, PHONE, chromium, sign_in, tablet
from tests.browser.floor import hire, tablet_of, taps_in, whole
from tests.program import REPOSITORY
from tests.story.settings import COUNTER
from tests.story.venue import Venue, answered, guest

AXE = REPOSITORY / "staff_console" / "node_modules" / "axe-core" / "axe.min.js"
PIN = "482913"
SCREENS = (
    "now",
    "customer",
    "record",
    "service",
    "floor",
    "shift",
    "today",
    "insight",
    "readers",
    "readers/counter",
    "readers/~walk",
    "setup",
    "setup/people",
    "setup/tablets",
    "setup/box",
    "setup/repairs",
    "setup/keeping",
    "setup/hooks",
    "setup/venue",
    "settings",
)
TABS = 3  # to the first claim
RUN = "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"

# What a thumb taps: the thing itself or the label it sits in, where it can be seen.
SMALL = """() => [...document.querySelectorAll("button, a[href], summary, input, select, textarea")].flatMap((one) => {
  const { width, height } = (one.closest("label") ?? one).getBoundingClientRect();
  const seen = one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && width > 1;
  const small = height < 47.5 || width < 47.5;
  return seen && small ? [`${Math.round(width)}x${Math.round(height)} ${one.outerHTML.slice(0, 120)}`] : [];
})"""

pytestmark = pytest.mark.timeout(150)


async def violations(page: Page, where: str) -> list[str]:
    """What axe calls serious or critical on the page as it is, and what is smaller than 48 px."""
    await page.evaluate(AXE.read_text("utf-8"))
    found: list[dict[str, Any]] = await page.evaluate(RUN)
    bad = [v for v in found if v["impact"] in ("serious", "critical")]
    small = await page.evaluate(SMALL)
    return [
        *(f"{where}: {v['id']}: {v['nodes'][0]['html'][:160]}" for v in bad),
        *(f"{where}: too small for a thumb: {one}" for one in small),
    ]


@pytest.mark.parametrize("dark", [False, True], ids=["day", "night"])
async def test_axe_finds_nothing_serious_on_any_screen(dark: bool, tmp_path: Path) -> None:
    who, *others = (guest(name) for name in ("Margaret Hale", "Samuel Okafor", "林小满"))
    async with Venue(tmp_path, [COUNTER]) as venue, chromium() as browser:
        boss = await venue.client("manager")
        body = {"name": "Marie", "roles": ["manager", "floor"], "pin": PIN}
        await answered(boss.put("/api/staff/marie", json=body))
        await venue.enrol(who, *others)
        await venue.knows(who, "manager", "allergy", "food", "walnuts")
        await venue.knows(who, "manager", "do", "drink", "a dry sherry")
        found: list[str] = []
        locale = "zh-CN" if dark else "en-GB"
        size = PHONE if dark else LANDSCAPE
        async with tablet(browser, dark=dark, size=size, locale=locale) as page:
            await page.goto(venue.url)
            await page.get_by_test_id("sign-in-staff-marie").wait_for()
            found += await violations(page, "sign-in")
            await sign_in(page, venue.url, "marie", PIN)
            for one in (who, *others):
                await taps_in(venue, one)
                await page.locator(f'[data-testid^="card-"][data-customer="{one.id}"]').wait_for()
            for screen in SCREENS:
                await page.evaluate("screen => { location.hash = `#/${screen}`; }", screen)
                await page.wait_for_timeout(300)
                found += await violations(page, screen)
        assert not found, "\n".join(found)


async def test_a_card_is_announced_without_a_name_and_claimed_with_keys_alone(tmp_path: Path) -> None:
    who = guest("Margaret Hale", address_as="Ms Hale", associate="anna")
    async with Venue(tmp_path, [COUNTER]) as venue, chromium() as browser:
        await hire(venue, "anna")
        await venue.enrol(who)
        async with tablet_of(browser, venue, "anna") as page:
            told = page.locator("[aria-live=polite]").first
            await expect(told).to_be_empty()
            await taps_in(venue, who)
            await expect(told).to_contain_text("Bar", timeout=LOAD_WITHIN)
            assert "Hale" not in await told.inner_text()
            await expect(page).to_have_title("Moments")
            claim = whole(page, who).get_by_test_id("claim")
            await page.reload()  # where a page begins
            await expect(claim).to_be_enabled(timeout=LOAD_WITHIN)
            tabs = 0
            while not await claim.evaluate("button => button === document.activeElement"):
                await page.keyboard.press("Tab")
                tabs += 1
                assert tabs <= TABS
            await page.keyboard.press("Enter")
            await expect(whole(page, who).get_by_test_id("close-greeted")).to_be_visible(timeout=LOAD_WITHIN)
