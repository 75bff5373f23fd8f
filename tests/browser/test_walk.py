"""What a waiter sees and does on a tablet, in a real Chromium before a real gateway with a reader on a real pty."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.chromium import LOAD_WITHIN, chromium, sign_in, tablet
from tests.browser.floor import KEPT_WITHIN, PIN, opens_offline, write_down
from tests.ports import free_port
from tests.story.settings import COUNTER, WAY_OUT
from tests.story.venue import Guest, Venue, answered, guest

BLIND_WITHIN = 5_000.0  # ms: what the product promises

pytestmark = pytest.mark.timeout(150)


@asynccontextmanager
async def floor(folder: Path) -> AsyncIterator[tuple[Venue, Browser]]:
    """A venue with Anna and Ben, whose address stays the same when it is started again, and a browser."""
    port = free_port()
    async with Venue(folder, [COUNTER, WAY_OUT], port=port) as venue, chromium() as browser:
        boss = await venue.client("manager")
        for who in ("anna", "ben"):
            body = {"name": who.capitalize(), "roles": ["floor"], "pin": PIN}
            await answered(boss.put(f"/api/staff/{who}", json=body))
        yield venue, browser


def card(page: Page, who: Guest) -> Locator:
    """The card of a customer."""
    return page.locator(f'[data-testid^="card-"][data-customer="{who.id}"]')


async def comes(venue: Venue, who: Guest) -> None:
    """Holds a fob to the counter's reader for a moment."""
    venue.em4100["counter"].hold(who.em)
    await venue.eventually(venue.present, lambda here: who.id in here)
    venue.em4100["counter"].release()


async def open_record(page: Page, who: Guest) -> None:
    """Goes to the Record screen, about this customer."""
    await page.get_by_test_id("nav-record").click()
    about = page.get_by_test_id(f"record-about-{who.id}")
    if await about.count():
        await about.click()


async def test_a_customer_comes_is_claimed_on_one_tablet_and_seen_taken_on_the_other(tmp_path: Path) -> None:
    who = guest("Margaret Hale", address_as="Ms Hale")
    async with floor(tmp_path) as (venue, browser), tablet(browser) as anna, tablet(browser) as ben:
        await venue.enrol(who)
        await venue.knows(who, "manager", "allergy", "food", "walnuts")
        await venue.knows(who, "manager", "do", "drink", "a dry sherry")
        await sign_in(anna, venue.url, "anna", PIN)
        await sign_in(ben, venue.url, "ben", PIN)
        await comes(venue, who)

        for page in (anna, ben):
            await expect(card(page, who)).to_contain_text("Ms Hale", timeout=LOAD_WITHIN)
            await expect(card(page, who)).to_contain_text("Walnuts")
            await expect(card(page, who)).to_contain_text("a dry sherry")
        text = await card(anna, who).inner_text()
        assert text.index("Walnuts") < text.index("a dry sherry"), "what to avoid comes first"

        await card(anna, who).get_by_test_id("claim").click()
        await expect(card(ben, who)).to_contain_text("Anna")
        await expect(card(ben, who).get_by_test_id("claim")).to_have_count(0)
        await expect(card(anna, who).get_by_test_id("close-greeted")).to_be_visible()

        await open_record(anna, who)
        await write_down(anna, "seat", "by the window")
        await ben.get_by_test_id(f"present-{who.id}").first.click()
        await expect(ben.get_by_text("by the window").first).to_be_visible()

        await venue.passes_the_exit(who)
        for page in (anna, ben):
            await page.get_by_test_id("nav-now").click()
            await expect(card(page, who)).to_have_count(0, timeout=LOAD_WITHIN)


async def test_a_guest_who_is_not_where_the_card_says_is_moved_on_every_tablet_with_two_taps(tmp_path: Path) -> None:
    who = guest("Margaret Hale", address_as="Ms Hale")
    async with floor(tmp_path) as (venue, browser), tablet(browser) as anna, tablet(browser, locale="zh-CN") as ben:
        await venue.enrol(who)
        await sign_in(anna, venue.url, "anna", PIN)
        await sign_in(ben, venue.url, "ben", PIN)
        await comes(venue, who)
        await expect(card(anna, who)).to_contain_text("Bar", timeout=LOAD_WITHIN)
        await card(anna, who).get_by_test_id("claim").click()
        await card(anna, who).get_by_test_id("elsewhere").click()
        await card(anna, who).get_by_test_id("seen-lounge").click()
        await expect(card(anna, who)).to_contain_text("Anna saw them there")
        await expect(card(anna, who).get_by_test_id("seen-lounge")).to_have_count(0)
        await expect(card(ben, who).first).to_contain_text("Lounge")
        await card(anna, who).get_by_test_id("close-greeted").click()
        await expect(card(ben, who)).to_have_count(0, timeout=LOAD_WITHIN)


async def test_what_is_recorded_while_the_gateway_is_away_arrives_once_when_it_is_back(tmp_path: Path) -> None:
    who = guest("Samuel Okafor", address_as="Dr Okafor")
    async with floor(tmp_path) as (venue, browser), tablet(browser) as page:
        await venue.enrol(who)
        await sign_in(page, venue.url, "anna", PIN)
        await comes(venue, who)
        await expect(card(page, who)).to_contain_text("Dr Okafor", timeout=LOAD_WITHIN)
        await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        await page.wait_for_timeout(KEPT_WITHIN)

        await venue.stop()
        await expect(page.get_by_test_id("blind").first).to_be_visible(timeout=BLIND_WITHIN)
        await open_record(page, who)
        await write_down(page, "drink", "tomato juice, no ice")
        await expect(page.get_by_text("tomato juice, no ice").first).to_be_visible()
        await expect(page.get_by_test_id("outbox-count")).to_contain_text("1")

        await page.reload()  # a tablet that is switched off and on again
        await opens_offline(page)
        await expect(page.get_by_test_id("blind").first).to_be_visible(timeout=LOAD_WITHIN)
        await expect(page.get_by_test_id("outbox-count")).to_contain_text("1")

        await venue.start()
        await expect(page.get_by_test_id("blind")).to_have_count(0, timeout=LOAD_WITHIN)
        await expect(page.get_by_test_id("outbox-count")).to_have_count(0, timeout=LOAD_WITHIN)
        boss = await venue.client("manager")
        known = await answered(boss.get(f"/api/customers/{who.id}/preferences"))
        assert [p["value"] for p in known] == ["tomato juice, no ice"]
        journal = await answered(boss.get(f"/api/customers/{who.id}/journal"))
        assert [e["type"] for e in journal].count("preference.recorded") == 1


async def test_lunch_is_asked_once_and_asking_again_takes_a_second_tap(tmp_path: Path) -> None:
    who = guest("林小满", address_as="林小姐", language="zh-CN")
    async with floor(tmp_path) as (venue, browser), tablet(browser) as anna, tablet(browser, locale="zh-CN") as ben:
        await venue.enrol(who)
        await sign_in(anna, venue.url, "anna", PIN)
        await sign_in(ben, venue.url, "ben", PIN)
        await comes(venue, who)
        for page in (anna, ben):
            await page.get_by_test_id("nav-service").click()
            await page.get_by_test_id("question-lunch").click()
        row = f"service-{who.id}"
        await anna.get_by_test_id(row).get_by_test_id("ask-lunch").click()
        await expect(ben.get_by_test_id(row).get_by_test_id("asked-lunch")).to_be_visible()
        await anna.get_by_test_id(row).get_by_test_id("answer-input").fill("fish")
        await anna.get_by_test_id(row).get_by_test_id("answer-save").click()
        await expect(ben.get_by_test_id(row)).to_contain_text("fish")

        await ben.get_by_test_id(row).get_by_test_id("ask-lunch").click()  # one tap is not enough
        await expect(ben.get_by_test_id(row)).to_contain_text("fish")
        await ben.get_by_test_id(row).get_by_test_id("ask-again-lunch").click()
        asked = anna.get_by_test_id(row).get_by_test_id("asked-lunch")
        await expect(asked).to_have_attribute("data-state", "open")


async def test_a_wrong_pin_is_told_and_the_next_try_must_wait(tmp_path: Path) -> None:
    async with floor(tmp_path) as (venue, browser), tablet(browser) as page:
        await page.goto(venue.url)
        await page.get_by_test_id("sign-in-staff-anna").click()

        async def tries(pin: str) -> int:
            for digit in pin:
                await page.get_by_test_id(f"pin-{digit}").click()
            async with page.expect_response("**/api/sign-in") as answer:
                await page.get_by_test_id("pin-submit").click()
            return (await answer.value).status

        assert await tries("000000") == 401
        wrong = page.get_by_role("alert")
        await expect(wrong).to_be_visible()
        await expect(wrong).not_to_contain_text(re.compile(r"\d"))
        # Each wrong one doubles the wait, so that it outlasts in the end how long six digits take on a busy machine.
        for _ in range(7):
            if (answered_with := await tries("000000")) == 429:
                break
        assert answered_with == 429
        await expect(wrong).to_contain_text(re.compile(r"\d"))


async def test_both_languages_say_all_of_it(tmp_path: Path) -> None:
    who = guest("Sofia Lindqvist", address_as="Ms Lindqvist")
    async with floor(tmp_path) as (venue, browser), tablet(browser, locale="zh-CN") as page:
        await venue.enrol(who)
        await sign_in(page, venue.url, "anna", PIN)
        await comes(venue, who)
        await expect(card(page, who)).to_contain_text("Ms Lindqvist", timeout=LOAD_WITHIN)
        chinese = await page.inner_text("main")
        await page.get_by_test_id("lang-toggle").click()
        await expect(page.locator("html")).to_have_attribute("lang", "en")
        english = await page.inner_text("main")
        names = {"Sofia", "Lindqvist", "Ms", "Bar", "gold", "Gold", "Anna", "Story"}
        left = set(re.findall(r"[A-Za-z]{3,}", chinese)) - names
        assert not left, f"not translated: {left}"
        assert not re.findall(r"[\u4e00-\u9fff]", english), english
