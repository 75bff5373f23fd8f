"""Facts on tablets: common ones in three taps, every one on every sheet, put right, taken back, offline."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.chromium import LANDSCAPE, LOAD_WITHIN, PHONE, PORTRAIT
from tests.browser.floor import (
    KEPT_WITHIN,
    emptied,
    go,
    hire,
    noted,
    opens_offline,
    send_home,
    shows,
    tablet_of,
    tap_down,
    taps_in,
    whole,
    write_down,
)
from tests.story.settings import COUNTER
from tests.story.venue import Guest, Venue, answered, guest

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]

COMMON = (
    "drink.warm_water", "drink.room_water", "drink.sparkling_water", "food.light", "food.chinese", "food.noodles",
    "dislike.coriander", "dislike.garlic", "dislike.chilli", "seat.window", "seat.quiet_corner", "temperature.blanket",
    "reading.daily", "conversation.few_words", "service.wake", "service.luggage", "address.mr", "gift.flowers",
    "accessibility.wheelchair", "allergy.peanuts",
)  # fmt: skip
MORE = ("drink.lemon_water",)
"""With ``COMMON`` as many as a colleague once lost half of."""
SIZES = pytest.mark.parametrize("size", [LANDSCAPE, PORTRAIT, PHONE], ids=["landscape", "portrait", "phone"])

# Every control that is seen and cannot be tapped where it is seen, for another one lies over it.
COVERED = """() => [...document.querySelectorAll("main button, main input, main a[href]")].flatMap((one) => {
  const { left, right, top, bottom, width } = one.getBoundingClientRect();
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  if (!one.checkVisibility({ visibilityProperty: true })) return [];
  if (width < 2 || x < 0 || y < 0 || x > innerWidth - 4 || y > innerHeight) return [];
  for (let at = one.parentElement; at; at = at.parentElement) {
    const clip = at.getBoundingClientRect();
    const scrolls = getComputedStyle(at).overflowY !== "visible" || getComputedStyle(at).overflowX !== "visible";
    if (scrolls && (x < clip.left + 2 || x > clip.right - 2 || y < clip.top + 2 || y > clip.bottom - 2)) return [];
  }
  const there = document.elementFromPoint(x, y);
  const tapped = there && (one.contains(there) || (there.contains(one) && there.matches("label")));
  return tapped ? [] : [one.outerHTML.slice(0, 160)];
})"""
# What of a control cannot be brought on the screen.
SAVES = """() => [...document.querySelectorAll('[data-testid^="record-save-"]')].map((one) => {
  one.scrollIntoView({ block: "nearest" });
  const { left, right, top, bottom } = one.getBoundingClientRect();
  const seen = left >= 0 && right <= innerWidth + 1 && top >= 0 && bottom <= innerHeight + 1;
  return seen ? "" : one.outerHTML.slice(0, 120);
}).filter(Boolean)"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def venue(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Venue]:
    async with Venue(tmp_path_factory.mktemp("facts"), [COUNTER]) as venue:
        await hire(venue, "anna", "ben")
        yield venue


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def everybody_goes_home(venue: Venue) -> AsyncIterator[None]:
    """Each story begins in an empty house."""
    yield
    await send_home(venue)


async def comes(venue: Venue, who: Guest, *pages: Page) -> None:
    """A customer whose preferences may be kept is here, and these tablets show it."""
    await venue.enrol(who, consents=("recognise_tag", "keep_preferences"))
    await taps_in(venue, who)
    for page in pages:
        await shows(page, who)


async def known(venue: Venue, who: Guest) -> list[dict[str, Any]]:
    """What holds of a customer, as the gateway answers a program."""
    boss = await venue.client("manager")
    found: list[dict[str, Any]] = await answered(boss.get(f"/api/customers/{who.id}/preferences"))
    return found


async def becomes_known(venue: Venue, who: Guest, *codes: str) -> None:
    """Returns when these values hold of a customer, and no others."""
    await venue.eventually(lambda: known(venue, who), lambda facts: {fact["code"] for fact in facts} == set(codes))


def category(code: str) -> str:
    """The category that a value is found in."""
    return code.partition(".")[0]


async def holding(page: Page) -> int:
    """How many lines the sheet that lies open shows."""
    return await page.locator('[data-testid^="preference-"]').count()


async def test_twenty_one_facts_are_twenty_one_on_every_sheet(venue: Venue, browser: Browser) -> None:
    hale = guest("Margaret Hale", address_as="Ms Hale", associate="anna")
    async with tablet_of(browser, venue, "anna") as anna, tablet_of(browser, venue, "ben", locale="zh-CN") as ben:
        await comes(venue, hale, anna, ben)
        await go(anna, f"record/{hale.id}")
        for code in (*COMMON, *MORE):
            await tap_down(anna, category(code), code)
        await becomes_known(venue, hale, *COMMON, *MORE)
        await go(ben, f"customer/{hale.id}")
        for page in (anna, ben):
            await expect(page.locator('[data-testid^="preference-"]')).to_have_count(21, timeout=LOAD_WITHIN)
        await expect(ben.locator('[data-testid^="preference-"]').first).to_contain_text("花生")


async def test_twenty_common_facts_take_three_taps_each(venue: Venue, browser: Browser) -> None:
    hale = guest("Margaret Hale", address_as="Ms Hale", associate="anna")
    async with tablet_of(browser, venue, "anna", size=PHONE) as page:
        await comes(venue, hale, page)
        await go(page, f"record/{hale.id}")
        await page.evaluate("window.taps = 0; addEventListener('click', () => window.taps++, true)")
        for code in COMMON:
            await tap_down(page, category(code), code)
        assert int(await page.evaluate("window.taps")) <= 3 * len(COMMON)
        await becomes_known(venue, hale, *COMMON)


async def test_they_are_recorded_with_keys_alone(venue: Venue, browser: Browser) -> None:
    hale = guest("Margaret Hale", address_as="Ms Hale", associate="anna")
    async with tablet_of(browser, venue, "anna") as page:
        await comes(venue, hale, page)
        await go(page, f"record/{hale.id}/drink")
        first = page.get_by_test_id("record-value").first
        await first.focus()
        for _ in range(2):
            await page.keyboard.press("ArrowRight")
        await expect(page.get_by_test_id("record-value").nth(2)).to_have_attribute("aria-checked", "true")
        await page.keyboard.press("Enter")  # picks what it stands on, and nothing more
        assert await known(venue, hale) == []
        save = page.get_by_test_id("record-save-stated")
        for _ in range(8):
            await page.keyboard.press("Tab")
            if await save.evaluate("one => one === document.activeElement"):
                break
        await page.keyboard.press("Space")
        await noted(page, "they said")
        await page.keyboard.press("Tab")  # what was done can be taken back at once
        assert await page.get_by_test_id("undo-back").evaluate("one => one === document.activeElement")
        await becomes_known(venue, hale, "drink.room_water")


async def test_from_the_card_a_common_drink_is_three_taps(venue: Venue, browser: Browser) -> None:
    hale = guest("Margaret Hale", address_as="Ms Hale", associate="anna")
    async with tablet_of(browser, venue, "anna", size=PHONE) as page:
        await comes(venue, hale, page)
        await whole(page, hale).get_by_test_id("claim").click()
        await page.evaluate("window.taps = 0; addEventListener('click', () => window.taps++, true)")
        await whole(page, hale).get_by_test_id("card-record").click()
        await expect(page.get_by_test_id("record-value")).to_have_count(7)
        await page.locator('[data-code="drink.warm_water"]').click()
        await page.get_by_test_id("record-save-observed").click()
        assert int(await page.evaluate("window.taps")) == 3
        await becomes_known(venue, hale, "drink.warm_water")
        assert [(fact["code"], fact["basis"]) for fact in await known(venue, hale)] == [
            ("drink.warm_water", "observed")
        ]


async def test_a_wrong_fact_is_put_right_by_a_colleague_on_another_tablet(venue: Venue, browser: Browser) -> None:
    hale = guest("Margaret Hale", address_as="Ms Hale", associate="anna")
    async with tablet_of(browser, venue, "anna") as anna, tablet_of(browser, venue, "ben", size=PHONE) as ben:
        await comes(venue, hale, anna, ben)
        await go(anna, f"record/{hale.id}/drink")
        await tap_down(anna, "drink", "drink.green_tea")
        await go(ben, f"customer/{hale.id}")
        line = ben.locator('[data-testid^="fact-"]', has_text="Green tea")
        await line.click()
        await ben.locator('[data-testid^="change-"]').click()
        await expect(ben.get_by_test_id("correcting")).to_contain_text("Green tea")
        await ben.locator('[data-code="drink.room_water"]').click()
        await ben.get_by_test_id("record-save-stated").click()
        await noted(ben, "corrects “Green tea”")
        await emptied(ben)
        await expect(anna.locator('[data-testid^="preference-"]')).to_have_count(1, timeout=LOAD_WITHIN)
        await expect(anna.locator('[data-testid^="preference-"]')).to_contain_text("room temperature")
        await anna.get_by_test_id("also-recorded").click()
        await expect(anna.locator('[data-testid^="aside-"]')).to_contain_text(
            "corrected to “Water at room temperature”"
        )
        await becomes_known(venue, hale, "drink.room_water")


async def test_a_line_that_is_no_longer_so_is_struck_out_where_somebody_says_so(venue: Venue, browser: Browser) -> None:
    hale = guest("Margaret Hale", address_as="Ms Hale", associate="anna")
    async with tablet_of(browser, venue, "anna") as page:
        await comes(venue, hale, page)
        await venue.knows(hale, "ben", "allergy", "food", "walnuts")
        await go(page, f"customer/{hale.id}")
        await page.locator('[data-testid^="fact-"]', has_text="Walnuts").click()
        await page.locator('[data-testid^="no-longer-"]').click()
        await expect(page.locator('[data-testid^="gone-"][data-testid$="-observed"]')).to_have_attribute(
            "aria-disabled", "true"
        )
        await expect(page.locator('[data-testid^="confirm-"]')).to_be_visible()
        await page.locator('[data-testid^="gone-"][data-testid$="-stated"]').click()
        await expect(page.locator('[data-testid^="preference-"]')).to_have_count(0)
        await becomes_known(venue, hale)


async def test_a_save_is_taken_back_sent_or_not(venue: Venue, browser: Browser) -> None:
    hale = guest("Margaret Hale", address_as="Ms Hale", associate="anna")
    async with tablet_of(browser, venue, "anna") as page:
        await comes(venue, hale, page)
        await go(page, f"record/{hale.id}/allergy")
        await tap_down(page, "allergy", "allergy.gluten")
        await becomes_known(venue, hale, "allergy.gluten")
        await page.get_by_test_id("undo-back").click()
        await expect(page.locator('[data-testid^="preference-"]')).to_have_count(0)
        await becomes_known(venue, hale)
        boss = await venue.client("manager")
        every = await answered(boss.get(f"/api/customers/{hale.id}/preferences", params={"all": 1}))
        assert "allergy.gluten" not in [fact["code"] for fact in every if fact["state"] == "holds"]

        await page.context.set_offline(True)
        await expect(page.get_by_test_id("blind").first).to_be_visible(timeout=LOAD_WITHIN)
        await tap_down(page, "allergy", "allergy.milk")
        await expect(page.get_by_test_id("outbox-count")).to_have_attribute("data-count", "1")
        await expect(page.locator('[data-testid^="preference-"]')).to_contain_text("Milk")
        await page.get_by_test_id("undo-back").click()
        await expect(page.get_by_test_id("outbox-count")).to_have_count(0)
        await expect(page.locator('[data-testid^="preference-"]')).to_have_count(0)
        await page.context.set_offline(False)


async def test_what_is_looser_asks_once_and_replaces_what_it_names(venue: Venue, browser: Browser) -> None:
    hale = guest("Margaret Hale", address_as="Ms Hale", associate="anna")
    async with tablet_of(browser, venue, "anna") as page:
        await comes(venue, hale, page)
        await go(page, f"record/{hale.id}/drink")
        await tap_down(page, "drink", "drink.no_ice")
        await tap_down(page, "drink", "drink.with_ice")
        await expect(page.get_by_test_id("record-stands")).to_contain_text("No ice · Anna")
        await expect(page.get_by_test_id("record-stands")).to_contain_text("Does it replace that?")
        await page.get_by_test_id("record-replace").click()
        await noted(page, "replaces “No ice”")
        await becomes_known(venue, hale, "drink.with_ice")


async def test_twenty_facts_without_a_network_and_a_tab_that_dies_lose_none(venue: Venue, browser: Browser) -> None:
    hale = guest("Margaret Hale", address_as="Ms Hale", associate="anna")
    async with tablet_of(browser, venue, "anna", keypad=True) as page:
        await comes(venue, hale, page)
        await go(page, f"record/{hale.id}")
        await tap_down(page, "drink", "drink.hot_water")
        await becomes_known(venue, hale, "drink.hot_water")
        await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        await page.wait_for_timeout(KEPT_WITHIN)
        await page.context.set_offline(True)
        await expect(page.get_by_test_id("blind").first).to_be_visible(timeout=LOAD_WITHIN)
        for n, code in enumerate(COMMON, 1):
            await tap_down(page, category(code), code)
            await expect(page.get_by_test_id("outbox-count")).to_have_attribute("data-count", str(n))
        await expect(page.locator('[data-testid^="preference-"][data-waiting]')).to_have_count(len(COMMON))
        context = page.context
        await page.close(run_before_unload=False)
        again = await context.new_page()
        await again.goto(f"{venue.url}/#/record/{hale.id}")
        await opens_offline(again)
        await expect(again.get_by_test_id("outbox-count")).to_have_attribute("data-count", str(len(COMMON)))
        await expect(again.locator('[data-testid^="preference-"]')).to_have_count(len(COMMON) + 1)
        await context.set_offline(False)
        await becomes_known(venue, hale, "drink.hot_water", *COMMON)


# What is written on a button and does not fit into it.
SPILLS = """[...document.querySelectorAll("main button")]
  .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent)"""


@SIZES
@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
async def test_nothing_lies_over_anything(venue: Venue, browser: Browser, size: tuple[int, int], locale: str) -> None:
    hale = guest("Margaret Hale", address_as="Ms Hale", associate="anna")
    async with tablet_of(browser, venue, "anna", size=size, locale=locale) as page:
        await comes(venue, hale, page)
        await venue.knows(hale, "ben", "avoid", "drink", "不要冰")
        await go(page, f"record/{hale.id}")
        for step in ("record-category-drink", "record-value", "record-save-stated", "record-category-food"):
            await page.get_by_test_id(step).first.click()
            await asyncio.sleep(0.5)
            assert await page.evaluate(COVERED) == [], step
            assert await page.evaluate(SPILLS) == [], step
        await page.get_by_test_id("record-value-input").fill("no onions at all")
        for height in (size[1], size[1] // 2):  # as it is, and with the keyboard up
            await page.set_viewport_size({"width": size[0], "height": height})
            await asyncio.sleep(0.2)
            assert await page.evaluate(COVERED) == []
            assert await page.evaluate(SAVES) == []


async def test_the_saves_are_seen_without_scrolling_on_each_tablet(venue: Venue, browser: Browser) -> None:
    hale = guest("Margaret Hale", address_as="Ms Hale", associate="anna")
    async with tablet_of(browser, venue, "anna") as page:
        await comes(venue, hale, page)
        for size in (LANDSCAPE, PORTRAIT, PHONE):
            await page.set_viewport_size({"width": size[0], "height": size[1]})
            await go(page, "now")
            await go(page, f"record/{hale.id}/drink")
            await page.locator('[data-code="drink.warm_water"]').click()
            await expect(page.get_by_test_id("record-save-inferred")).to_be_in_viewport(ratio=1)


async def test_they_are_seen_too_where_something_is_put_right(venue: Venue, browser: Browser) -> None:
    hale = guest("Margaret Hale", address_as="Ms Hale", associate="anna")
    async with tablet_of(browser, venue, "anna") as page:
        await comes(venue, hale, page)
        await venue.knows(hale, "ben", "allergy", "allergy", "gluten")
        for size in (LANDSCAPE, PORTRAIT, PHONE):
            await page.set_viewport_size({"width": size[0], "height": size[1]})
            await go(page, f"customer/{hale.id}")
            await page.locator('[data-testid^="fact-"]').first.click()
            await page.locator('[data-testid^="wrong-"]').first.click()
            await expect(page.get_by_test_id("correcting")).to_be_visible()
            if size == PHONE:  # as for any fact there: the buttons come into sight with what is chosen
                await page.locator('[data-code="allergy.milk"]').click()
            await expect(page.get_by_test_id("record-save-stated")).to_be_in_viewport(ratio=1)
            assert await page.evaluate(SPILLS) == []
            await page.get_by_test_id("correct-leave").click()


async def test_words_of_ones_own_wait_for_what_they_mean(venue: Venue, browser: Browser) -> None:
    hale = guest("Margaret Hale", address_as="Ms Hale", associate="anna")
    async with tablet_of(browser, venue, "anna", locale="zh-CN") as page:
        await comes(venue, hale, page)
        await go(page, f"record/{hale.id}")
        await page.get_by_test_id("record-category-food").click()
        await page.get_by_test_id("record-value-input").fill("不吃折耳根")
        await expect(page.get_by_test_id("record-save-stated")).to_have_attribute("aria-disabled", "true")
        await expect(page.get_by_text("读起来像“避免”")).to_be_visible()
        await write_down(page, "food", "不吃折耳根", polarity="avoid")
        found = await venue.eventually(lambda: known(venue, hale), bool)
        assert [(fact["value"], fact["polarity"]) for fact in found] == [("不吃折耳根", "avoid")]
