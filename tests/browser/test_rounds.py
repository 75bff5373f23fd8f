"""The meal round on real tablets: forty seats, six allergies, two tablets and a galley; and dishes that are stopped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.cabin import SEATS, Cabin, begin_lunch, fly, known, orders, row, stands
from tests.browser.chromium import LANDSCAPE, LOAD_WITHIN, PHONE, PORTRAIT, tablet
from tests.browser.floor import emptied, enter, go, hire, send_home, tablet_of
from tests.browser.test_access import violations
from tests.story.venue import answered

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

SIX = ("花生", "peanuts", "fish", "shellfish", "milk", "坚果")
TAPS = """
  window.taps = 0;
  addEventListener("click", (event) => { if (event.isTrusted) window.taps += 1; }, true);
"""
PLACES = """[...document.querySelectorAll("[data-place]")].map((row) => [
  row.dataset.place, row.getBoundingClientRect().top + row.closest("main").scrollTop,
])"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def venue(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cabin]:
    async with Cabin(tmp_path_factory.mktemp("cabin")) as venue:
        await hire(venue, "anna", "ben", "gil", roles=["crew"])
        await venue.caters()
        yield venue


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def the_cabin_is_empty_again(venue: Cabin) -> AsyncIterator[None]:
    yield
    await venue.end_rounds()
    await send_home(venue)


async def serve_half(page: Page, seats: list[str], against: set[str]) -> int:
    """Asks, answers and serves these seats; returns the taps it took. Who must not have peanuts gets rice."""
    await page.evaluate(TAPS)
    for place in seats:
        await orders(page, place, "rice" if place in against else "kungpao" if SEATS.index(place) % 3 else "rice")
    for place in seats:
        await row(page, place).click(position={"x": 150, "y": 40})
        await stands(page, place, "served")
    return int(await page.evaluate("window.taps"))


async def test_forty_seats_six_allergies_two_tablets_and_a_galley(venue: Cabin, browser: Browser) -> None:
    where = dict(zip(("1A", "3C", "4D", "6F", "8A", "10F"), SIX, strict=True))
    for place, allergy in where.items():
        await venue.seat(await known(venue, f"Guest {place}", ("allergy", "food", allergy)), place)
    async with (
        tablet_of(browser, venue, "anna", size=PORTRAIT) as anna,
        tablet_of(browser, venue, "ben", size=PHONE, locale="zh-CN") as ben,
        tablet_of(browser, venue, "gil", size=LANDSCAPE) as gil,
    ):
        await begin_lunch(anna)
        for page in (ben, gil):
            await go(page, "service")
            await expect(page.locator("[data-place]")).to_have_count(len(SEATS), timeout=LOAD_WITHIN)
        await expect(anna.get_by_test_id("dish-1A-kungpao")).to_contain_text("Peanuts")
        await expect(ben.get_by_test_id("dish-3C-kungpao")).to_contain_text("花生")
        await go(gil, "service/galley")

        against = set(where)
        taps = await asyncio.gather(serve_half(anna, SEATS[:20], against), serve_half(ben, SEATS[20:], against))
        assert sum(taps) <= 2 * len(SEATS), taps
        for page in (anna, ben):
            await expect(page.locator('[data-stage="served"]')).to_have_count(len(SEATS), timeout=LOAD_WITHIN)

        [round_] = await venue.rounds()
        assert {count["item"]: (count["n"], count["served"]) for count in round_["counts"] if count["n"]} == {
            "rice": (n := sum(place in against or SEATS.index(place) % 3 == 0 for place in SEATS), n),
            "kungpao": (len(SEATS) - n, len(SEATS) - n),
        }
        assert {plate["place"] for plate in round_["care"]} == against


async def test_the_galley_sees_who_needs_care_by_place_and_takes_what_it_has_seen(
    venue: Cabin, browser: Browser
) -> None:
    await venue.seat(await known(venue, "Ms Chen", ("allergy", "food", "peanuts")), "2A")
    await venue.seat(await known(venue, "Mr Wang", ("avoid", "dislike", "不要香菜")), "2C")
    async with tablet_of(browser, venue, "anna") as anna, tablet_of(browser, venue, "gil", locale="zh-CN") as gil:
        await begin_lunch(anna)
        await go(gil, "service/galley")
        await orders(anna, "2A", "rice")
        await orders(anna, "2C", "noodles")
        await anna.get_by_test_id("stop-without").click()
        await stands(anna, "2C", "sent")
        await expect(gil.get_by_test_id("care-2A")).to_contain_text("花生", timeout=LOAD_WITHIN)
        await expect(gil.get_by_test_id("care-2C")).to_contain_text("香菜")
        assert "Chen" not in await gil.get_by_test_id("galley").inner_text()
        assert "Wang" not in await gil.get_by_test_id("galley").inner_text()
        await gil.get_by_test_id("galley-take").click()
        for place in ("2A", "2C"):
            await stands(anna, place, "taken")
        await orders(anna, "2D", "bass")
        await stands(anna, "2D", "sent")
        await expect(gil.get_by_test_id("count-bass")).to_contain_text("余 11")


async def test_rows_stay_where_they_are_while_guests_come_move_and_leave(venue: Cabin, browser: Browser) -> None:
    first, second = await known(venue, "Ms Li"), await known(venue, "Mr Sato")
    await venue.seat(first, "1C")
    async with tablet_of(browser, venue, "anna", size=PORTRAIT) as anna:
        await begin_lunch(anna)
        await orders(anna, "1C", "rice")
        before = await anna.evaluate(PLACES)
        await venue.seat(second, "1A")
        await expect(row(anna, "1A")).to_contain_text("Mr Sato", timeout=LOAD_WITHIN)
        assert await anna.evaluate(PLACES) == before
        await venue.seat(first, "5F")
        await expect(row(anna, "5F")).to_contain_text("Ms Li", timeout=LOAD_WITHIN)
        await stands(anna, "5F", "sent")
        assert await anna.evaluate(PLACES) == before
        await answered((await venue.client("manager")).delete(f"/api/customers/{second.id}"))
        await expect(row(anna, "1A")).not_to_contain_text("Mr Sato", timeout=LOAD_WITHIN)
        assert await anna.evaluate(PLACES) == before


@pytest.mark.parametrize(("locale", "words"), [("zh-CN", "宫保鸡丁（花生）"), ("en-GB", "the chicken, with peanuts")])
async def test_the_peanut_dish_is_stopped_as_chip_and_as_words_also_without_a_network(
    venue: Cabin, browser: Browser, locale: str, words: str
) -> None:
    await venue.seat(await known(venue, "Ms Chen", ("allergy", "food", "peanuts")), "1A")
    async with tablet_of(browser, venue, "anna", locale=locale) as anna:
        await begin_lunch(anna)
        for offline in (False, True):
            await anna.context.set_offline(offline)
            await orders(anna, "1A", "kungpao")
            stop = anna.get_by_test_id("dish-stop")
            await expect(stop.get_by_test_id("stop-allergy")).to_be_visible()
            chip = await anna.get_by_test_id("dish-1A-kungpao").bounding_box()
            button = await anna.get_by_test_id("stop-despite").bounding_box()
            assert chip is not None
            assert button is not None
            assert button["y"] > chip["y"] + chip["height"] or button["y"] + button["height"] < chip["y"]
            await anna.get_by_test_id("stop-another").click()
            await expect(stop).to_have_count(0)
            await anna.get_by_test_id("seat-1A").click()
            await anna.get_by_test_id("own-words").fill(words)
            await anna.get_by_test_id("own-words-save").click()
            await expect(stop.get_by_test_id("stop-allergy")).to_be_visible()
            await anna.get_by_test_id("stop-another").click()
            await stands(anna, "1A", "unasked")
        await orders(anna, "1A", "kungpao")
        await anna.get_by_test_id("stop-despite").click()
        await anna.get_by_test_id("stop-guest_confirmed").click()
        await stands(anna, "1A", "waiting")
        await anna.context.set_offline(False)
        await emptied(anna)
        await stands(anna, "1A", "sent")
    [round_] = await venue.rounds()
    assert round_["rows"][0]["order"]["reason"] == "guest_confirmed"


async def test_an_allergy_recorded_after_the_order_is_a_line_in_the_galley_that_wants_a_tap(
    venue: Cabin, browser: Browser
) -> None:
    chen = await known(venue, "Ms Chen")
    await venue.seat(chen, "1A")
    async with tablet_of(browser, venue, "anna") as anna, tablet_of(browser, venue, "gil") as gil:
        await begin_lunch(anna)
        await go(gil, "service/galley")
        await orders(anna, "1A", "kungpao")
        await stands(anna, "1A", "sent")
        await venue.knows(chen, "ben", "allergy", "food", "peanuts")
        await expect(row(anna, "1A").get_by_role("alert")).to_be_visible(timeout=LOAD_WITHIN)
        seen = gil.get_by_test_id("seen-1A")
        await expect(gil.get_by_test_id("care-1A")).to_contain_text("Peanuts", timeout=LOAD_WITHIN)
        await seen.click()
        await expect(seen).to_have_count(0, timeout=LOAD_WITHIN)
        await expect(gil.get_by_test_id("care-1A")).to_contain_text("Peanuts")


async def test_an_offline_order_against_an_allergy_that_nobody_knew_of_comes_back_with_its_reason(
    venue: Cabin, browser: Browser
) -> None:
    chen = await known(venue, "Ms Chen")
    await venue.seat(chen, "1A")
    async with tablet_of(browser, venue, "anna") as anna:
        await begin_lunch(anna)
        await anna.context.set_offline(True)
        await orders(anna, "1A", "kungpao")
        await stands(anna, "1A", "waiting")
        await venue.knows(chen, "ben", "allergy", "food", "peanuts")
        await anna.context.set_offline(False)
        back = anna.get_by_test_id("refused-1A")
        await expect(back).to_be_visible(timeout=LOAD_WITHIN)
        await back.click()
        await expect(anna.get_by_test_id("stop-allergy")).to_contain_text("peanuts")
        await anna.get_by_test_id("stop-another").click()
        await stands(anna, "1A", "unasked")


async def test_what_was_tapped_by_mistake_is_taken_back_with_one_tap(venue: Cabin, browser: Browser) -> None:
    await venue.seat(await known(venue, "Ms Chen"), "1A")
    async with tablet_of(browser, venue, "anna", size=PHONE) as anna:
        await begin_lunch(anna)
        for place in ("1A", "1C"):  # a guest who is known, and one who is not
            await orders(anna, place, "rice")
            await stands(anna, place, "sent")
            await anna.get_by_test_id("undo-back").click()
            await expect(row(anna, place)).not_to_have_attribute("data-stage", "sent", timeout=LOAD_WITHIN)
            await orders(anna, place, "bass")
            await stands(anna, place, "sent")
            await anna.get_by_test_id(f"serve-{place}").click()
            await stands(anna, place, "served")
            await anna.get_by_test_id("undo-back").click()
            await stands(anna, place, "sent")


async def test_a_seat_is_given_swapped_and_freed_by_tap(venue: Cabin, browser: Browser) -> None:
    chen, wang = await known(venue, "Ms Chen"), await known(venue, "Mr Wang")
    await venue.seat(chen, "1A")
    await venue.seat(wang, "1C")
    async with tablet_of(browser, venue, "anna", size=PORTRAIT) as anna:
        await go(anna, "floor")
        await anna.get_by_test_id("place-1C").click()
        await anna.get_by_test_id(f"sit-{chen.id}").click()
        await anna.get_by_test_id("swap-sure").click()
        await expect(anna.get_by_test_id("place-1C")).to_contain_text("Ms Chen", timeout=LOAD_WITHIN)
        await expect(anna.get_by_test_id("place-1A")).to_contain_text("Mr Wang")
        await anna.get_by_test_id("place-1A").click()
        await anna.get_by_test_id("place-free").click()
        await expect(anna.get_by_test_id("place-1A")).not_to_contain_text("Mr Wang", timeout=LOAD_WITHIN)
        await emptied(anna)


async def test_a_menu_is_written_once_and_tapped_a_minute_later(venue: Cabin, browser: Browser) -> None:
    await hire(venue, "mei", roles=["manager"])
    async with tablet_of(browser, venue, "mei") as mei:
        await go(mei, "service")
        await mei.get_by_test_id("menus").click()
        await mei.get_by_test_id("menu-new").click()
        await mei.get_by_test_id("menu-name").fill("dinner-1")
        await mei.get_by_test_id("menu-question").select_option("dinner")
        table = "item,zh-CN,en,allergens,may_contain,ingredients,stock\ncurry,咖喱鸡,Chicken curry,milk,,chilli,4\n"
        await mei.get_by_test_id("menu-table").fill(table)
        await mei.get_by_test_id("menu-read").click()
        await mei.get_by_test_id("menu-add").click()
        await mei.get_by_test_id("item-zh-1").fill("豆腐")
        await mei.get_by_test_id("item-en-1").fill("Tofu")
        await mei.get_by_test_id("item-declared-1").check()
        await mei.get_by_test_id("item-1-soy").click()
        await mei.get_by_test_id("menu-save").click()
        await expect(mei.get_by_test_id("menu-dinner-1")).to_be_visible(timeout=LOAD_WITHIN)
        menus = {menu["menu"]: menu for menu in await answered((await venue.client("manager")).get("/api/menus"))}
        curry, tofu = menus["dinner-1"]["items"]
        assert (curry["id"], curry["allergens"], curry["stock"]) == ("curry", ["milk"], 4)
        assert (tofu["id"], tofu["labels"]["zh-CN"], tofu["allergens"]) == ("tofu", "豆腐", ["soy"])


@pytest.mark.parametrize("dark", [False, True], ids=["day", "night"])
async def test_axe_finds_nothing_serious_on_the_round_and_its_sheets(
    venue: Cabin, browser: Browser, dark: bool
) -> None:
    await hire(venue, "mei", roles=["manager"])
    await fly(venue)
    found: list[str] = []
    size = PHONE if dark else LANDSCAPE
    async with tablet(browser, size=size, dark=dark, locale="zh-CN" if dark else "en-GB") as page:
        await enter(page, venue, "mei")
        for screen, tap in (
            ("service", ""),
            ("service", "dish-1A-kungpao"),
            ("service", "seat-2D"),
            ("service/galley", ""),
            ("floor", "place-2C"),
            ("service/menu", "menu-lunch-1"),
        ):
            await page.goto("about:blank")
            await page.goto(f"{venue.url}/#/{screen}")
            await page.get_by_test_id("connected").wait_for()
            await page.get_by_role("heading").first.wait_for()
            if tap:
                await page.get_by_test_id(tap).click()
            found += await violations(page, f"{screen} {tap}")
    assert found == []
