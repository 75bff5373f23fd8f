"""Everyone can use the console: axe finds nothing serious or critical on any screen, by day and by night."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from tests.browser.chromium import PORTRAIT, chromium, sign_in, tablet
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
    "readers",
    "readers/counter",
    "readers/~walk",
    "setup",
    "setup/people",
    "settings",
)
RUN = "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"

pytestmark = pytest.mark.timeout(150)


async def violations(page: Page, where: str) -> list[str]:
    """What axe calls serious or critical on the page as it is."""
    await page.evaluate(AXE.read_text("utf-8"))
    found: list[dict[str, Any]] = await page.evaluate(RUN)
    bad = [v for v in found if v["impact"] in ("serious", "critical")]
    return [f"{where}: {v['id']}: {v['nodes'][0]['html'][:160]}" for v in bad]


@pytest.mark.parametrize("dark", [False, True], ids=["day", "night"])
async def test_axe_finds_nothing_serious_on_any_screen(dark: bool, tmp_path: Path) -> None:
    who = guest("Margaret Hale", address_as="Ms Hale")
    async with Venue(tmp_path, [COUNTER]) as venue, chromium() as browser:
        boss = await venue.client("manager")
        body = {"name": "Marie", "roles": ["manager", "floor"], "pin": PIN}
        await answered(boss.put("/api/staff/marie", json=body))
        await venue.enrol(who)
        await venue.knows(who, "manager", "allergy", "food", "walnuts")
        await venue.knows(who, "manager", "do", "drink", "a dry sherry")
        found: list[str] = []
        locale = "zh-CN" if dark else "en-GB"
        async with tablet(browser, dark=dark, size=PORTRAIT, locale=locale) as page:
            await page.goto(venue.url)
            await page.get_by_test_id("sign-in-staff-marie").wait_for()
            found += await violations(page, "sign-in")
            await sign_in(page, venue.url, "marie", PIN)
            venue.em4100["counter"].hold(who.em)
            await page.locator(f'[data-testid^="card-"][data-customer="{who.id}"]').wait_for()
            for screen in SCREENS:
                await page.evaluate("screen => { location.hash = `#/${screen}`; }", screen)
                await page.wait_for_timeout(300)
                found += await violations(page, screen)
        assert not found, "\n".join(found)
