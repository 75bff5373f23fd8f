"""Passkeys in a real Chromium, with an authenticator that its developer tools make up."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.chromium import LOAD_WITHIN, chromium, tablet
from tests.console.served import PIN, config, served

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]


async def types(page: Page) -> None:
    for digit in PIN:
        await page.get_by_test_id(f"pin-{digit}").click()
    await page.get_by_test_id("pin-submit").click()


async def test_she_adds_one_signs_in_with_it_and_after_its_removal_with_her_pin(tmp_path: Path) -> None:
    async with served(tmp_path, config()) as house, chromium() as browser, tablet(browser) as page:
        await house.hire("anna")
        devtools = await page.context.new_cdp_session(page)
        await devtools.send("WebAuthn.enable")
        made = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
        made |= {"isUserVerified": True, "automaticPresenceSimulation": True}
        await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": made})
        url = house.url.replace("127.0.0.1", "localhost")
        await page.goto(url)
        await page.get_by_test_id("sign-in-staff-anna").click()
        await expect(page.get_by_test_id("passkey-use")).to_have_count(0)  # nobody has one
        await types(page)
        await page.get_by_test_id("connected").wait_for(timeout=LOAD_WITHIN)

        await page.evaluate("location.hash = '#/settings'")
        await page.get_by_test_id("passkey-add").click()
        await page.get_by_test_id("passkey-name").fill("Anna's phone 7")
        await types(page)
        await expect(page.get_by_test_id("passkey")).to_contain_text("Anna's phone 7", timeout=LOAD_WITHIN)

        await page.context.clear_cookies()
        await page.goto(url)
        await page.get_by_test_id("passkey-use").click()
        await page.get_by_test_id("connected").wait_for(timeout=LOAD_WITHIN)

        await page.evaluate("location.hash = '#/settings'")
        for _ in range(2):  # it asks whether she means it
            await page.get_by_test_id("passkey-remove").click()
        await expect(page.get_by_test_id("passkey")).to_have_count(0)
        await page.context.clear_cookies()
        await page.goto(url)
        await page.get_by_test_id("sign-in-staff-anna").click()
        await types(page)
        await page.get_by_test_id("connected").wait_for(timeout=LOAD_WITHIN)


async def test_at_an_ip_address_settings_say_in_words_why_there_are_none(tmp_path: Path) -> None:
    async with served(tmp_path, config()) as house, chromium() as browser, tablet(browser) as page:
        await house.hire("anna")
        await page.goto(house.url)
        await page.get_by_test_id("sign-in-staff-anna").click()
        await types(page)
        await page.get_by_test_id("connected").wait_for(timeout=LOAD_WITHIN)
        await page.evaluate("location.hash = '#/settings'")
        await expect(page.get_by_test_id("passkey-hindrance")).to_contain_text("IP", timeout=LOAD_WITHIN)
        await expect(page.get_by_test_id("passkey-add")).to_have_count(0)
