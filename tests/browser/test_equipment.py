"""What IT sees and does on a tablet: a lost reader first, a walk that turns green, a tag that becomes somebody's."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.chromium import LOAD_WITHIN, PHONE, chromium, sign_in, tablet
from tests.browser.floor import go
from tests.story.settings import COUNTER, DOOR, Place
from tests.story.venue import Venue, answered

PIN = "482913"
EPC, FOB = "30751FEB705C5904E3D50D70", "0700ABCDEF"

pytestmark = pytest.mark.timeout(150)


async def test_it_finds_the_lost_reader_walks_the_venue_and_gives_a_fob(tmp_path: Path) -> None:
    gate = Place("gate", "thingmagic", "exit", link="/dev/moments/gate")
    async with Venue(tmp_path, [DOOR, COUNTER, gate]) as venue, chromium() as browser, tablet(browser) as page:
        boss = await venue.client("manager")
        await answered(boss.put("/api/staff/tom", json={"name": "Tom", "roles": ["it"], "pin": PIN}))
        await sign_in(page, venue.url, "tom", PIN)
        await page.get_by_test_id("nav-readers").click()
        await expect(page.get_by_test_id("readers-trouble")).to_contain_text("gate", timeout=LOAD_WITHIN)
        first = page.locator('[data-testid^="reader-card-"]').first
        await expect(first).to_have_attribute("data-state", "lost")
        await expect(first).to_contain_text("no such device: /dev/moments/gate")
        await expect(first.get_by_test_id("remedies")).to_be_visible()

        venue.m100["door"].present(EPC, -48)
        await page.get_by_test_id("reader-open-door").click()
        await page.get_by_test_id("raw-toggle").click()
        await expect(page.get_by_test_id("raw-frames")).to_contain_text("BB 02 22", timeout=LOAD_WITHIN)
        assert bytes.fromhex(EPC).hex(" ").upper() not in await page.get_by_test_id("raw-frames").inner_text()

        await page.get_by_test_id("nav-readers").click()
        await page.get_by_test_id("walk-open").click()
        await page.get_by_test_id("walk-tag").fill(f"em:{FOB}")
        await page.get_by_test_id("walk-start").click()
        await expect(page.get_by_test_id("walk-place-counter")).to_have_attribute("data-verdict", "fail")
        venue.em4100["counter"].hold(FOB)
        await expect(page.get_by_test_id("walk-place-counter")).to_have_attribute("data-verdict", "pass")
        await expect(page.get_by_test_id("walk-zone-entrance")).to_have_attribute("data-verdict", "fail")
        await page.get_by_test_id("walk-end").click()
        await expect(page.get_by_test_id("walk-last")).to_contain_text("2 of 3 did not hear it")

        await page.get_by_test_id("nav-setup").click()
        await page.get_by_test_id("heard-em:…CDEF").click()
        await page.get_by_test_id("enrol-new").click()
        await page.get_by_test_id("new-address").fill("Wu Lan")
        await page.get_by_test_id("new-make").click()
        await page.get_by_test_id("enrol-turn").click()
        await page.get_by_test_id("age-older").click()
        await page.get_by_test_id("agree-recognise_tag").click()
        await page.get_by_test_id("signature-other").click()
        await page.get_by_test_id("signature-typed").fill("Wu Lan")
        await page.get_by_test_id("glass-confirm").click()
        await page.get_by_test_id("glass-back").click()
        await expect(page.get_by_test_id("enrol-done")).to_contain_text("Wu Lan")
        (wu,) = await answered(boss.get("/api/customers?q=Wu"))
        await venue.eventually(venue.present, lambda here: wu["id"] in here)
        assert FOB not in venue.log


async def test_a_link_pairs_a_tablet_that_then_shows_who_works_here(tmp_path: Path) -> None:
    async with (
        Venue(tmp_path, [COUNTER]) as venue,
        chromium() as browser,
        tablet(browser) as page,
        tablet(browser) as new,
    ):
        boss = await venue.client("manager")
        await answered(boss.put("/api/staff/tom", json={"name": "Tom", "roles": ["it"], "pin": PIN}))
        await sign_in(page, venue.url, "tom", PIN)
        await page.get_by_test_id("nav-setup").click()
        await page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        parts, tablets = page.get_by_test_id("setup-parts"), page.get_by_test_id("setup-tablets")
        await expect(tablets).to_be_hidden()
        await parts.click()
        await tablets.click()
        await expect(tablets).to_be_hidden()
        await page.get_by_test_id("tablet-name").fill("bar 1")
        await page.get_by_test_id("tablet-code").click()
        await expect(page.get_by_test_id("pairing-code").locator("img")).to_be_visible()
        letters = await page.get_by_test_id("pairing-code").locator(".typed").inner_text()
        await new.goto(f"{venue.url}/#/pair/{letters.replace(' ', '')}")
        await sign_in_here(new)
        await expect(page.get_by_test_id("paired-bar 1")).to_contain_text("Tom", timeout=LOAD_WITHIN)
        await page.get_by_test_id("revoke-bar 1").click()
        await page.get_by_test_id("revoke-bar 1").click()
        await new.get_by_test_id("wiped").wait_for()
        assert letters.replace(" ", "") not in venue.log


async def test_a_box_of_keychains_becomes_a_list_and_is_given_away(tmp_path: Path) -> None:
    async with Venue(tmp_path, [COUNTER]) as venue, chromium() as browser, tablet(browser) as page:
        boss = await venue.client("manager")
        await answered(boss.put("/api/staff/tom", json={"name": "Tom", "roles": ["it"], "pin": PIN}))
        await answered(boss.put("/api/customers/lan", json={"name": "Wu Lan"}))
        await sign_in(page, venue.url, "tom", PIN)
        await go(page, "setup/box")
        await page.get_by_test_id("box-begin").click()
        for number, fob in enumerate((FOB, "0700ABCDEE", FOB)):
            venue.em4100["counter"].hold(fob)
            await expect(page.get_by_test_id("box-count")).to_contain_text(str(min(number + 1, 2)), timeout=LOAD_WITHIN)
            if number == 2:
                await expect(page.get_by_test_id("box-says")).to_contain_text("number 1 already", timeout=LOAD_WITHIN)
            venue.em4100["counter"].release()
            if number == 0:
                await page.wait_for_timeout(3_200)  # so long nobody holds it, and it is held anew afterwards
        await page.get_by_test_id("keychain-give-2").click()
        await page.get_by_test_id("keychain-search").fill("Wu")
        await page.get_by_test_id("keychain-pick-lan").click()
        await expect(page.get_by_test_id("keychain-2")).to_contain_text("Wu Lan", timeout=LOAD_WITHIN)
        await page.get_by_test_id("box-end").click()
        await page.get_by_test_id("box-end").click()
        await expect(page.get_by_test_id("box-begin")).to_be_visible()
        assert FOB not in venue.log


async def sign_in_here(page: Page) -> None:
    """Signs Tom in on the page as it is."""
    await page.get_by_test_id("sign-in-staff-tom").click()
    for digit in PIN:
        await page.get_by_test_id(f"pin-{digit}").click()
    await page.get_by_test_id("pin-submit").click()
    await page.get_by_test_id("connected").wait_for()
