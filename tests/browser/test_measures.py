"""What a customer judges us by, on their sheet: noted as they said it, with what was seen of it last."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.chromium import LOAD_WITHIN, chromium, sign_in, tablet
from tests.browser.test_access import violations
from tests.console.served import PIN, served
from tests.story.venue import answered

pytestmark = [pytest.mark.timeout(150), pytest.mark.asyncio]


async def test_a_measure_is_noted_and_its_last_evidence_is_read(tmp_path: Path) -> None:
    async with served(tmp_path) as house, chromium() as browser, tablet(browser) as page:
        await house.hire("anna")
        await answered((await house.client("manager")).put("/api/customers/lin", json={"name": "Lin"}))
        await house.agrees("lin")
        await sign_in(page, house.url, "anna", PIN)
        await page.goto(f"{house.url}/#/customer/lin")
        await page.get_by_test_id("open-sheet-lin").click()
        await expect(page.get_by_text("They have not said yet.")).to_be_visible(timeout=LOAD_WITHIN)
        await page.get_by_test_id("measure-edit").click()
        await page.get_by_test_id("measure-field-0").fill("Greeted by name")
        await page.get_by_test_id("measure-field-1").fill("Never asked twice")
        await page.get_by_test_id("measure-save").click()
        second = page.get_by_test_id("measure-1")
        await expect(second).to_contain_text("No evidence yet", timeout=LOAD_WITHIN)
        await page.get_by_test_id("measure-note-1").click()
        await page.get_by_test_id("measure-words").fill("asked for the room again")
        assert await violations(page, "measures") == []
        await page.get_by_test_id("measure-missed").click()
        await expect(second).to_contain_text("Missed · asked for the room again", timeout=LOAD_WITHIN)
        await expect(second).to_contain_text("Anna")
