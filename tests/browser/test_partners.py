"""What a manager sees of partners: who has not answered a stop, and that a person says so once they have."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.chromium import LOAD_WITHIN, PHONE, chromium, sign_in, tablet
from tests.browser.floor import go
from tests.console.served import PIN, config, served
from tests.console.test_partners import BAR, SPA, agrees
from tests.story.venue import answered

pytestmark = pytest.mark.timeout(150)


async def test_a_stop_waits_on_the_screen_until_a_manager_says_that_the_partner_has_let_go(tmp_path: Path) -> None:
    partners = [BAR, {**SPA, "data": ["preferences.food"]}]
    async with served(tmp_path, config(partners=partners)) as house, chromium() as browser:
        await house.hire("lina", "mei", roles=("floor", "manager"))
        await house.enrol("chen")
        boss = await house.client("manager")
        await agrees(house, "chen", "bar")
        async with tablet(browser, size=PHONE) as page:
            await sign_in(page, house.url, "mei", PIN)
            await go(page, "setup/partners")
            bar, spa = page.get_by_test_id("partner-bar"), page.get_by_test_id("partner-spa")
            await expect(bar).to_contain_text("The Bar", timeout=LOAD_WITHIN)
            await expect(bar).to_contain_text("1 guest")
            await expect(bar).to_contain_text("It has answered everything")
            await answered(boss.delete("/api/customers/chen/consents/share_partners?partner=bar"))
            await go(page, "now")
            await go(page, "setup/partners")
            await expect(bar).to_contain_text("A stop", timeout=LOAD_WITHIN)
            await expect(bar).to_contain_text("not answered since")
            await expect(bar).not_to_contain_text("Chen")  # a partner's list is no list of names
            await expect(spa).to_contain_text("It has answered everything")
            await bar.get_by_test_id("partner-has-answered").click()
            await expect(bar).to_contain_text("Your name is written beside that")
            await bar.get_by_test_id("partner-answered").click()
            await expect(bar).to_contain_text("It has answered everything", timeout=LOAD_WITHIN)
            await expect(bar.get_by_test_id("partner-has-answered")).to_have_count(0)
        (waits,) = [each["waiting"] for each in await answered(boss.get("/api/partners")) if each["partner"] == "bar"]
        assert waits == []
