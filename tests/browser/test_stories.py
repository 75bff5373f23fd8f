"""Whole stories on real tablets, one house for all: a cabin, a showroom, a centre, a lounge, a couple at the door."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.chromium import LOAD_WITHIN, PHONE, PORTRAIT
from tests.browser.floor import card, go, hire, rang, send_home, shows, shows_nothing_of, tablet_of, taps_in, whole
from tests.story.desk import STREET, KindOfVenue
from tests.story.settings import COUNTER, DOOR, WAY_OUT
from tests.story.venue import Venue, answered, guest

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]

CREW = [f"crew{n}" for n in range(1, 9)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def venue(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Venue]:
    places = [STREET, DOOR, WAY_OUT, COUNTER]
    async with KindOfVenue(tmp_path_factory.mktemp("house"), places, "lounge") as venue:
        await hire(venue, *CREW, roles=["crew"])
        await hire(venue, "anna", "ben", "carl", "sara", "sid", "sven")
        await hire(venue, "mei", roles=["manager"])
        yield venue


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def everybody_goes_home(venue: Venue) -> AsyncIterator[None]:
    """Each story begins in an empty house: nobody is left there, and nobody is on shift."""
    yield
    await send_home(venue)
    boss = await venue.client("manager")
    for who in [*CREW, "anna", "ben", "carl", "sara", "sid", "sven", "mei"]:
        await boss.request("DELETE", f"/api/staff/{who}/shift")


async def test_cabin_lunch_is_asked_on_one_of_eight_tablets_and_closed_on_all(venue: Venue, browser: Browser) -> None:
    zhao = guest("赵敏", address_as="赵女士", associate="crew1", language="zh-CN")
    await venue.enrol(zhao)
    row, ask = f"service-{zhao.id}", "ask-lunch"
    async with AsyncExitStack() as stack:
        entering = [stack.enter_async_context(tablet_of(browser, venue, name, size=PORTRAIT)) for name in CREW]
        pages = await asyncio.gather(*entering)
        venue.m100["street"].present(zhao.epc, -62)  # on the bridge, then through the door
        await asyncio.sleep(0.5)
        venue.m100["street"].remove(zhao.epc)
        venue.m100["door"].present(zhao.epc, -48)
        await shows(pages[0], zhao, "For you")
        venue.m100["door"].remove(zhao.epc)
        for page in pages:
            await go(page, "service")
            await expect(page.get_by_test_id(row).get_by_test_id(ask)).to_be_visible(timeout=LOAD_WITHIN)

        await pages[2].get_by_test_id(row).get_by_test_id(ask).click()
        for page in pages:
            asked = page.get_by_test_id(row).get_by_test_id("asked-lunch")
            await expect(asked).to_have_attribute("data-state", "open", timeout=LOAD_WITHIN)
        await pages[5].get_by_test_id(row).get_by_test_id("answer-input").fill("noodles")
        await pages[5].get_by_test_id(row).get_by_test_id("answer-save").click()
        for page in pages:
            asked = page.get_by_test_id(row).get_by_test_id("asked-lunch")
            await expect(asked).to_have_attribute("data-state", "answered", timeout=LOAD_WITHIN)
            await expect(asked).to_contain_text("noodles")
        await pages[7].get_by_test_id(row).get_by_test_id("served-lunch").click()
        for page in pages:
            asked = page.get_by_test_id(row).get_by_test_id("asked-lunch")
            await expect(asked).to_have_attribute("data-state", "served", timeout=LOAD_WITHIN)
        events = await answered((await venue.client("manager")).get(f"/api/customers/{zhao.id}/journal"))
        assert [e["type"] for e in events if e["type"].startswith("ask.")] == [
            "ask.served", "ask.answered", "ask.opened"
        ]  # fmt: skip


async def test_showroom_a_complaint_calls_its_owner_and_not_sales(venue: Venue, browser: Browser) -> None:
    wang = guest("王建国", address_as="王总", language="zh-CN", associate="sara", tier="black")
    await venue.enrol(wang)
    boss = await venue.client("manager")
    complaint = {"text": "scratch in the paint", "owner": "carl"}
    await answered(boss.post(f"/api/customers/{wang.id}/complaints", json=complaint))
    async with (
        tablet_of(browser, venue, "carl") as carl,
        tablet_of(browser, venue, "sara", locale="zh-CN") as sara,
    ):
        await taps_in(venue, wang)
        await shows(carl, wang, "For you", "scratch in the paint", "do not sell", "Make good")
        await shows(sara, wang, "王总", "请勿推销")
        await expect(card(sara, wang)).not_to_contain_text("请您接待")
        assert (await rang(carl), await rang(sara)) == (1, 0)


async def test_showroom_at_the_end_of_a_shift_an_open_promise_goes_to_whom_she_names(
    venue: Venue, browser: Browser
) -> None:
    liu = guest("Liu Yang", address_as="Ms Liu", associate="sara")
    await venue.enrol(liu)
    promise = {"text": "an offer by mail", "owner": "sara"}
    boss = await venue.client("manager")
    await answered(boss.post(f"/api/customers/{liu.id}/promises", json=promise))
    async with tablet_of(browser, venue, "sara") as sara, tablet_of(browser, venue, "sid", size=PHONE) as sid:
        await go(sid, "shift")
        await expect(sid.get_by_test_id("shift")).to_contain_text("Nothing open is yours")
        await go(sara, "shift")
        await expect(sara.get_by_test_id("shift")).to_contain_text("an offer by mail")
        await sara.get_by_test_id("shift-end").click()
        await sara.get_by_test_id("hand-shift-sid").click()
        await sara.get_by_test_id("shift-end-sure").click()
        await expect(sara.get_by_test_id("shift")).to_contain_text("You are off shift", timeout=LOAD_WITHIN)
        await expect(sid.get_by_test_id("shift")).to_contain_text("an offer by mail", timeout=LOAD_WITHIN)
        await expect(sid.get_by_test_id("shift")).to_contain_text("from Sara")


async def test_showroom_who_hands_a_customer_over_sees_that_it_waits_until_it_is_accepted(
    venue: Venue, browser: Browser
) -> None:
    wu = guest("Wu Fang", address_as="Ms Wu", associate="sara")
    await venue.enrol(wu)
    async with tablet_of(browser, venue, "sara") as sara, tablet_of(browser, venue, "sid", size=PHONE) as sid:
        await taps_in(venue, wu)
        await whole(sara, wu).get_by_test_id("claim").click()
        await whole(sara, wu).get_by_test_id("hand-over").click()
        await sara.get_by_test_id("hand-over-sid").click()
        await expect(card(sara, wu)).to_contain_text("Handed to Sid, who has yet to accept", timeout=LOAD_WITHIN)
        await shows(sid, wu, "Sara hands over to you")
        assert await rang(sid) == 1
        await whole(sid, wu).get_by_test_id("accept").click()
        await expect(card(sara, wu)).to_contain_text("Sid is with them", timeout=LOAD_WITHIN)


async def test_behind_the_cover_nobody_s_name_is_seen_and_a_card_only_says_where(
    venue: Venue, browser: Browser
) -> None:
    chen = guest("Chen Yulan", address_as="Ms Chen", associate="anna")
    await venue.enrol(chen)
    async with tablet_of(browser, venue, "anna", size=PHONE) as page:
        await page.get_by_test_id("hide").click()
        await taps_in(venue, chen)
        await expect(page.get_by_test_id("cover-news")).to_contain_text("Bar", timeout=LOAD_WITHIN)
        seen = await page.locator("body").inner_text()
        assert "Chen" not in seen
        assert "Anna" not in seen
        assert await page.title() == "Moments"
        assert await rang(page) == 1
        await page.get_by_test_id("cover").click()
        await shows(page, chen, "For you")


async def test_centre_one_comes_along_nothing_is_sold_and_the_specialist_is_a_promise(
    venue: Venue, browser: Browser
) -> None:
    lin = guest("Lin Mei", address_as="Ms Lin", associate="anna")
    await venue.enrol(lin)
    await venue.knows(lin, "anna", "do", "drink", "green tea")
    boss = await venue.client("manager")
    await answered(boss.post(f"/api/customers/{lin.id}/complaints", json={"text": "third repair", "owner": "anna"}))
    async with tablet_of(browser, venue, "anna") as anna, tablet_of(browser, venue, "sven", size=PORTRAIT) as sven:
        await taps_in(venue, lin)
        await shows(anna, lin, "third repair", "Make good", "do not sell")
        await expect(card(anna, lin)).not_to_contain_text("Offer:")
        await whole(anna, lin).get_by_test_id("claim").click()
        await anna.get_by_test_id("companions-more").click()
        await expect(anna.get_by_test_id("companions")).to_have_text("1")
        await go(sven, "floor")
        await expect(sven.get_by_test_id(f"where-{lin.id}")).to_contain_text("1 companion", timeout=LOAD_WITHIN)

        await anna.get_by_test_id("nav-record").click()
        await anna.get_by_test_id("record-kind-promise").click()
        await anna.get_by_test_id("record-promise-input").fill("specialist for the hinge")
        await anna.get_by_role("combobox").select_option("sven")
        await anna.get_by_role("button", name="in 10 min").click()
        await anna.get_by_test_id("record-save").click()
        await sven.get_by_test_id("nav-now").click()
        due = sven.locator(f'[data-kind="promise_due"][data-customer="{lin.id}"]')
        await expect(due).to_contain_text("specialist for the hinge", timeout=LOAD_WITHIN)
        await expect(due).to_contain_text("For you")


async def test_lounge_do_not_disturb_is_on_every_tablet_and_nobody_is_called(venue: Venue, browser: Browser) -> None:
    hale = guest("Margaret Hale", address_as="Ms Hale", associate="anna", wishes=["no_name"])
    await venue.enrol(hale)
    async with (
        tablet_of(browser, venue, "anna") as anna,
        tablet_of(browser, venue, "ben", size=PORTRAIT) as ben,
        tablet_of(browser, venue, "carl", size=PHONE, locale="zh-CN") as carl,
    ):
        await taps_in(venue, hale)
        for page, words in ((anna, "A customer"), (ben, "A customer"), (carl, "贵宾")):
            await shows(page, hale, words)
            assert "Hale" not in await page.content()
        await go(ben, f"customer/{hale.id}")
        await ben.get_by_test_id("disturb").click()
        for page in (anna, carl):
            await shows_nothing_of(page, hale)
            await go(page, f"customer/{hale.id}")
            await expect(page.get_by_test_id("disturb")).to_have_attribute("aria-pressed", "true", timeout=LOAD_WITHIN)
        for page in (anna, ben, carl):
            assert "Hale" not in await page.title()


async def test_a_couple_and_a_stranger_within_three_seconds_are_one_party_of_two(
    venue: Venue, browser: Browser
) -> None:
    li, na, stranger = guest("Li Wei", associate="ben"), guest("Na Wei"), guest("Nobody At All")
    await venue.enrol(li, na)
    async with tablet_of(browser, venue, "ben") as ben, tablet_of(browser, venue, "anna", size=PHONE) as anna:
        for who in (li, stranger, na):
            venue.m100["door"].present(who.epc, -48)
            await asyncio.sleep(1.0)
        for page in (ben, anna):
            await shows(page, li)
            await shows(page, na)
        for who in (li, stranger, na):
            venue.m100["door"].remove(who.epc)
        party = ben.locator('[data-testid^="party-"]')
        await expect(party).to_contain_text("A party of 2")
        await expect(party.locator("[data-customer]")).to_have_count(2)
        await expect(ben.get_by_text("In the house · 2")).to_be_visible()
        await ben.get_by_test_id("claim-party").click()
        for who in (li, na):
            await expect(card(anna, who)).to_contain_text("Ben is with them", timeout=LOAD_WITHIN)


async def test_only_who_taps_a_customer_has_looked_and_from_where(venue: Venue, browser: Browser) -> None:
    chen = guest("Chen Yulan", address_as="Mrs Chen", associate="anna", birthday="10-05")
    await venue.enrol(chen)
    await venue.knows(chen, "anna", "allergy", "food", "peanuts")
    boss = await venue.client("manager")

    async def looks() -> list[tuple[str, str]]:
        journal = await answered(boss.get(f"/api/customers/{chen.id}/journal"))
        viewed = [e for e in journal if e["type"] == "customer.viewed" and e["actor"] in ("anna", "ben", "mei")]
        return [(e["actor"], e["data"]["why"]) for e in reversed(viewed)]

    async with (
        tablet_of(browser, venue, "anna") as anna,
        tablet_of(browser, venue, "ben") as ben,
        tablet_of(browser, venue, "mei") as mei,
    ):
        await taps_in(venue, chen)
        await shows(anna, chen, "For you", "Peanuts")
        await go(ben, "service")
        await expect(ben.get_by_test_id(f"service-{chen.id}")).to_contain_text("Peanuts", timeout=LOAD_WITHIN)
        await whole(anna, chen).get_by_test_id("claim").click()
        sheet = anna.get_by_test_id(f"customer-{chen.id}")
        await expect(sheet).to_contain_text("Peanuts", timeout=LOAD_WITHIN)  # it lies open by itself, with what is here
        await expect(sheet).not_to_contain_text("5 October")
        assert await looks() == []

        await sheet.get_by_test_id(f"open-sheet-{chen.id}").click()
        await expect(sheet).to_contain_text("5 October", timeout=LOAD_WITHIN)
        await go(mei, "floor")
        await mei.get_by_test_id(f"where-{chen.id}").click()
        await expect(mei.get_by_test_id(f"customer-{chen.id}")).to_contain_text("5 October", timeout=LOAD_WITHIN)
        await go(ben, "customer")
        await ben.get_by_test_id("customer-search").fill("Chen")
        await ben.get_by_test_id(f"found-{chen.id}").click()
        await expect(ben.get_by_test_id(f"customer-{chen.id}")).to_contain_text("from a card", timeout=LOAD_WITHIN)
        await venue.knows(chen, "anna", "do", "drink", "tea")
        for page in (anna, mei, ben):  # news comes to the open sheets, and nobody looks again for it
            await expect(page.get_by_test_id(f"customer-{chen.id}")).to_contain_text("tea", timeout=LOAD_WITHIN)
        assert await looks() == [("anna", "card"), ("mei", "list"), ("ben", "search")]
