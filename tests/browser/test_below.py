"""The console below a path of a host that has other things too: it finds its files, its gateway, its offline shell."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.chromium import LOAD_WITHIN, chromium, sign_in, tablet
from tests.console.served import PIN, config, served

pytestmark = pytest.mark.timeout(150)


async def test_the_console_lives_below_a_path(tmp_path: Path) -> None:
    console = {"listen": "127.0.0.1:0", "path": "/moments"}
    async with served(tmp_path, config(console=console)) as house, chromium() as browser:
        await house.hire("anna")
        await house.enrol("chen", associate="anna")
        async with tablet(browser) as page:
            asked: list[str] = []
            page.on("request", lambda request: asked.append(request.url.removeprefix(house.url)))
            await sign_in(page, f"{house.url}/moments", "anna", PIN)
            await expect(page.get_by_test_id("connected")).to_be_visible(timeout=LOAD_WITHIN)
            house.tap()
            await expect(page.locator('article[data-customer="chen"]')).to_be_visible(timeout=LOAD_WITHIN)
            await page.locator('article[data-customer="chen"]').get_by_test_id("claim").click()
            done = page.locator('article[data-customer="chen"]').get_by_test_id("met")
            await expect(done).to_be_focused(timeout=LOAD_WITHIN)
            ours = [path for path in asked if not path.startswith(("blob:", "data:"))]
            assert ours
            assert [path for path in ours if not path.startswith("/moments")] == []
            scope = await page.evaluate("navigator.serviceWorker.ready.then((worker) => worker.scope)")
            assert scope == f"{house.url}/moments/"
            kept = await page.evaluate("caches.keys()")
            assert all(name.startswith("moments /moments/ ") for name in kept), kept
