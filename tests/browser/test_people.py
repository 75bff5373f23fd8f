"""The customer on screen: edited by two at once, merged and parted on two tablets, and not the one who was met."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.chromium import LOAD_WITHIN, chromium, sign_in, tablet
from tests.story.settings import COUNTER
from tests.story.venue import Venue, answered, guest

PIN = "482913"
LONG = "Wolfeschlegelsteinhausenbergerdorff-Weiß"  # 40 letters

pytestmark = pytest.mark.timeout(240)


async def staffed(venue: Venue) -> None:
    boss = await venue.client("manager")
    for who, roles in (("mei", ["manager"]), ("rosa", ["manager"]), ("anna", ["floor"])):
        await answered(boss.put(f"/api/staff/{who}", json={"name": who.title(), "roles": roles, "pin": PIN}))
        await answered(boss.post(f"/api/staff/{who}/shift", json={}))


async def opens(page: Page, url: str, path: str) -> None:
    await page.goto(f"{url}/#/{path}")


async def test_two_managers_edit_one_record_and_nobody_loses_a_word(tmp_path: Path) -> None:
    chen = guest("陈静", tier="gold", language="zh-CN")
    friend = guest("Okafor")
    async with (
        Venue(tmp_path, [COUNTER]) as venue,
        chromium() as browser,
        tablet(browser) as one,
        tablet(browser) as two,
    ):
        await staffed(venue)
        await venue.enrol(chen, friend)
        for page, who in ((one, "mei"), (two, "rosa")):
            await sign_in(page, venue.url, who, PIN)
            await opens(page, venue.url, f"customer/{chen.id}")
            await page.get_by_test_id(f"open-sheet-{chen.id}").click()
            await page.get_by_test_id(f"edit-record-{chen.id}").click()
            await expect(page.get_by_test_id("record-name")).to_have_value("陈静")
        await one.get_by_test_id("record-address_as").fill(LONG)
        await one.get_by_test_id("record-tier").fill("black")
        await one.get_by_test_id("record-wish-no_photographs").click()
        await one.get_by_test_id("record-wish-introductions").click()
        await one.get_by_test_id("record-month").select_option("02")
        await one.get_by_test_id("record-day").select_option("29")
        await one.get_by_test_id("record-associate").select_option("anna")
        await one.get_by_test_id("record-meet").fill("Okaf")
        await one.get_by_test_id(f"record-meet-{friend.id}").click()
        await two.get_by_test_id("record-tier").fill("platinum")
        await two.get_by_test_id("record-name").fill("ณัฐวุฒิ ศรีสุวรรณ")
        await one.get_by_test_id("record-save").click()
        await expect(one.get_by_test_id("record-said")).to_have_text("Saved.")
        await two.get_by_test_id("record-save").click()
        clash = two.get_by_test_id("record-clash")
        await expect(clash).to_contain_text("Mei")
        await expect(clash).to_contain_text(LONG)
        await expect(two.get_by_test_id("record-address_as")).to_have_value(LONG)
        await expect(two.get_by_test_id("record-name")).to_have_value("ณัฐวุฒิ ศรีสุวรรณ")
        await expect(two.get_by_test_id("record-save")).to_be_disabled()
        await two.get_by_test_id("clash-theirs-tier").click()
        await two.get_by_test_id("record-save").click()
        await expect(two.get_by_test_id("record-said")).to_have_text("Saved.")
        boss = await venue.client("manager")
        record = await answered(boss.get(f"/api/customers/{chen.id}/record"))
        assert (record["name"], record["address_as"], record["tier"]) == ("ณัฐวุฒิ ศรีสุวรรณ", LONG, "black")
        assert (record["birthday"], record["associate"], record["meets"]) == ("02-29", "anna", [friend.id])
        assert record["wishes"] == ["no_photographs", "introductions"]
        await two.get_by_test_id("record-identifier").fill("em:0700C4AAAA")
        await two.get_by_test_id("record-give").click()
        await expect(two.get_by_test_id("record-has").locator('[data-testid^="take-back-"]')).to_have_count(4)


async def test_what_is_typed_is_still_there_after_a_look_at_a_card(tmp_path: Path) -> None:
    chen = guest("陈静")
    async with Venue(tmp_path, [COUNTER]) as venue, chromium() as browser, tablet(browser) as page:
        await staffed(venue)
        await venue.enrol(chen)
        await sign_in(page, venue.url, "mei", PIN)
        await opens(page, venue.url, f"customer/{chen.id}/edit")
        await page.get_by_test_id("record-address_as").fill("陈女士")
        await page.get_by_test_id("nav-now").click()
        await opens(page, venue.url, f"customer/{chen.id}/edit")
        await expect(page.get_by_test_id("record-address_as")).to_have_value("陈女士")
        await expect(page.get_by_test_id("record-save")).to_be_enabled()


async def test_two_records_become_one_on_every_tablet_and_two_again(tmp_path: Path) -> None:
    one_, other = guest("Wang Jianguo", associate="anna"), guest("王建国", associate="anna")
    async with (
        Venue(tmp_path, [COUNTER]) as venue,
        chromium() as browser,
        tablet(browser) as boss,
        tablet(browser) as anna,
    ):
        await staffed(venue)
        await venue.enrol(one_, other)
        await venue.knows(one_, "anna", "allergy", "food", "walnuts")
        await sign_in(anna, venue.url, "anna", PIN)
        await sign_in(boss, venue.url, "mei", PIN)
        async with await venue.tablet("manager") as told:
            await venue.taps(other, told)
        card = anna.locator('[data-testid="card-name"], article').filter(has_text="王建国").first
        await expect(card).to_be_visible(timeout=LOAD_WITHIN)
        await opens(boss, venue.url, "setup/duplicates")
        pair = boss.locator('[data-testid^="pair-"]')
        await expect(pair).to_have_count(1)
        await expect(pair).to_contain_text("letters")
        await boss.get_by_test_id(f"keep-{one_.id}").click()
        await boss.get_by_test_id("merge").click()
        await expect(boss.get_by_test_id("merge")).to_contain_text("Wang Jianguo")
        await boss.get_by_test_id("merge").click()
        await expect(boss.get_by_test_id("no-duplicates")).to_be_visible()
        await expect(anna.get_by_text("Wang Jianguo").first).to_be_visible(timeout=LOAD_WITHIN)
        await expect(anna.get_by_text("王建国")).to_have_count(0)
        await expect(anna.get_by_text("walnuts").first).to_be_visible()  # the other record's allergy is on the card
        assert list(await venue.present()) == [one_.id]
        await opens(boss, venue.url, f"customer/{one_.id}/edit")
        await boss.get_by_test_id(f"unmerge-{other.id}").click()
        await boss.get_by_test_id(f"unmerge-{other.id}").click()
        await expect(boss.get_by_test_id("parts-said")).to_contain_text("Parted")
        client = await venue.client("manager")
        assert (await answered(client.get(f"/api/customers/{other.id}")))["name"] == "王建国"


async def test_the_wrong_person_is_said_in_two_taps_and_settled_by_who_keeps_the_records(tmp_path: Path) -> None:
    chen = guest("陈静", associate="anna")
    async with (
        Venue(tmp_path, [COUNTER]) as venue,
        chromium() as browser,
        tablet(browser) as anna,
        tablet(browser) as boss,
    ):
        await staffed(venue)
        await venue.enrol(chen)
        await sign_in(anna, venue.url, "anna", PIN)
        await sign_in(boss, venue.url, "mei", PIN)
        async with await venue.tablet("manager") as told:
            await venue.taps(chen, told)
        await anna.get_by_test_id("claim").click()
        await anna.get_by_test_id("elsewhere").click()
        assert await anna.get_by_test_id("wrong-0").count() == 0  # nothing ends with the first tap
        if await anna.get_by_test_id("wrong-person").count():
            await anna.get_by_test_id("wrong-person").click()
        await anna.get_by_test_id("wrong-1").click()
        await venue.eventually(venue.present, lambda here: here == {})
        await expect(anna.get_by_test_id("close-greeted")).to_have_count(0)
        await opens(boss, venue.url, "setup/mistakes")
        said = boss.get_by_test_id(f"mistake-{chen.id}")
        await expect(said).to_contain_text("Anna")
        await expect(said).to_contain_text("Looks different")
        await boss.get_by_test_id("take-tag-back").click()
        await boss.get_by_test_id("take-tag-back").click()
        await expect(boss.get_by_test_id("no-mistakes")).to_be_visible()
        client = await venue.client("manager")
        schemes = [c["scheme"] for c in (await answered(client.get(f"/api/customers/{chen.id}")))["credentials"]]
        assert sorted(schemes) == ["epc", "irk"]  # the fob that was heard is gone, the others stay
