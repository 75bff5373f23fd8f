"""Nothing moves under a finger, one customer is in focus, and everybody can read it, while guests arrive."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.chromium import LANDSCAPE, LOAD_WITHIN, PHONE, PORTRAIT
from tests.browser.floor import card, go, hire, send_home, shows, tablet_of, taps_in, whole
from tests.story.settings import COUNTER, DOOR
from tests.story.venue import Guest, Venue, answered, guest

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]

CROWD = 60
HAND_ON, LEFT = 2_900, 3_100  # ms; a list that was touched within 3 s keeps its rows where they are
SWIFT = 3_000.0  # ms on a heavily loaded machine, from a tap to what it shows
TWICE = (640, 400)  # 1280x800 at 200 %
SIZES = {"landscape": LANDSCAPE, "portrait": PORTRAIT, "phone": PHONE, "twice": TWICE}

# Every control of the work and of the menu that is drawn: what it is, and where it stands.
# The sheet's own are left out: it says how long ago something was, and takes a line more for it.
BOXES = """() => [...document.querySelectorAll("main, nav a, main :is(button, a[href], input, select, textarea)")]
  .filter((one) => one.checkVisibility() && !one.closest("article[data-testid^='customer-']"))
  .map((one) => {
    const { x, y, width, height } = one.getBoundingClientRect();
    const said = one.dataset.testid ?? one.tagName;
    return [said, ...[x, y, width, height].map((px) => Math.round(px))].join(" ");
  })"""
# What is drawn in sight and cannot be tapped in its middle, for something else lies there.
CONTROLS = "button:not(:disabled), a[href], input, select, textarea, summary"
COVERED = """(controls) => [...document.querySelectorAll(controls)].flatMap((one) => {
  if (!one.checkVisibility({ visibilityProperty: true }) || one.closest(".unseen, .skip")) return [];
  one.scrollIntoView({ block: "center", inline: "nearest" });
  const { x, y, width, height } = one.getBoundingClientRect();
  if (width < 2 || height < 2) return [];
  const there = document.elementFromPoint(x + width / 2, y + height / 2);
  const mine = there && (one.contains(there) || there.closest("label")?.contains(one));
  return mine ? [] : [`${one.outerHTML.slice(0, 120)} under ${there?.outerHTML.slice(0, 120) ?? "nothing"}`];
})"""
WIDER = "document.documentElement.scrollWidth - innerWidth"
# The page itself is as high as the screen: what scrolls stands in it, and the bar above the work stays where it is.
HIGHER = "document.documentElement.scrollHeight - innerHeight"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def venue(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Venue]:
    async with Venue(tmp_path_factory.mktemp("calm"), [COUNTER, DOOR]) as venue:
        await hire(venue, "anna", "ben")
        yield venue


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def everybody_goes_home(venue: Venue) -> AsyncIterator[None]:
    """Each story begins in an empty house."""
    yield
    await send_home(venue)


def strip(page: Page, who: Guest) -> Any:
    """The name of somebody who waits, above the work."""
    return page.locator(f'[data-testid^="strip-"][data-customer="{who.id}"]')


async def in_focus(page: Page) -> tuple[list[str | None], list[str | None]]:
    """Whose cards are shown whole, and whose sheets lie open."""
    cards = page.locator("article.card")
    sheets = page.locator('article[data-testid^="customer-"]')
    return (
        [await one.get_attribute("data-customer") for one in await cards.all()],
        [str(await one.get_attribute("data-testid")).removeprefix("customer-") for one in await sheets.all()],
    )


@pytest.mark.parametrize("size", [LANDSCAPE, PORTRAIT, PHONE], ids=["landscape", "portrait", "phone"])
async def test_an_arrival_at_each_step_of_a_form_moves_nothing_and_the_tap_lands(
    venue: Venue, browser: Browser, size: tuple[int, int]
) -> None:
    hale, *others = (guest(name, associate="anna") for name in ("Margaret Hale", "Ada Ward", "Samuel Okafor", "Li Wei"))
    await venue.enrol(hale, *others, consents=("recognise_tag", "keep_preferences"))
    async with tablet_of(browser, venue, "anna", size=size) as anna, tablet_of(browser, venue, "ben"):
        await taps_in(venue, hale)
        await shows(anna, hale)
        await whole(anna, hale).get_by_test_id("claim").click()
        await go(anna, f"record/{hale.id}")
        steps = ("record-kind-preference", "record-category-drink", "record-category-seat")
        for who, step in zip(others, steps, strict=True):
            await anna.get_by_test_id(step).click()
            await anna.wait_for_timeout(300)
            before = await anna.evaluate(BOXES)
            aimed = await anna.get_by_test_id("record-category-allergy").bounding_box()
            assert aimed is not None
            await taps_in(venue, who)
            await expect(strip(anna, who).or_(anna.get_by_test_id("strip-rest")).first).to_be_visible(
                timeout=LOAD_WITHIN
            )
            assert set(before) <= set(await anna.evaluate(BOXES)), f"{step}: something moved"
            if step == steps[-1]:
                await anna.mouse.click(aimed["x"] + aimed["width"] / 2, aimed["y"] + aimed["height"] / 2)
                chosen = anna.get_by_test_id("record-category-allergy")
                radio = await chosen.get_attribute("role") == "radio"
                await expect(chosen).to_have_attribute("aria-checked" if radio else "aria-pressed", "true")


async def test_card_sheet_and_form_are_of_one_customer_and_one_tap_moves_everything(
    venue: Venue, browser: Browser
) -> None:
    chen, wang, lin = (guest(name, associate="anna", language="zh-CN") for name in ("陈玉兰", "王建国", "林小满"))
    await venue.enrol(chen, wang, lin)
    async with tablet_of(browser, venue, "anna") as anna, tablet_of(browser, venue, "ben") as ben:
        await taps_in(venue, chen)
        await shows(anna, chen)
        await whole(anna, chen).get_by_test_id("claim").click()
        await expect(anna.get_by_test_id(f"customer-{chen.id}")).to_be_visible(timeout=LOAD_WITHIN)
        await expect(card(ben, chen)).to_contain_text("Anna", timeout=LOAD_WITHIN)

        await taps_in(venue, wang)
        await expect(strip(anna, wang)).to_be_visible(timeout=LOAD_WITHIN)
        assert await in_focus(anna) == ([chen.id], [chen.id])
        await expect(anna.get_by_test_id("claim")).to_have_count(0)

        await strip(anna, wang).click()
        await expect(whole(anna, wang)).to_be_visible()
        assert await in_focus(anna) == ([wang.id], [wang.id])
        await expect(strip(anna, wang)).to_have_count(0)
        await whole(anna, wang).get_by_test_id("claim").click()
        await whole(anna, wang).get_by_test_id("card-record").click()
        await expect(anna.get_by_test_id(f"customer-{wang.id}")).to_be_visible()
        assert (await anna.evaluate("location.hash")).startswith(f"#/record/{wang.id}/")

        await taps_in(venue, lin)  # while she writes, and she goes on to the next from there
        await strip(anna, lin).click()
        await expect(whole(anna, lin)).to_be_visible()
        assert await in_focus(anna) == ([lin.id], [lin.id])
        await whole(anna, lin).get_by_test_id("claim").click()
        await whole(anna, lin).get_by_test_id("close-greeted").click()
        await expect(whole(anna, lin)).to_have_count(0, timeout=LOAD_WITHIN)
        cards, sheets = await in_focus(anna)
        assert set(sheets) <= set(cards) or not cards


async def test_a_second_tap_in_the_same_place_does_not_do_what_stands_there_now(venue: Venue, browser: Browser) -> None:
    hale = guest("Margaret Hale", associate="anna")
    await venue.enrol(hale)
    async with tablet_of(browser, venue, "anna") as anna:
        await taps_in(venue, hale)
        await shows(anna, hale)
        claim = whole(anna, hale).get_by_test_id("claim")
        await expect(claim).to_be_enabled(timeout=LOAD_WITHIN)
        where = await claim.bounding_box()
        assert where is not None
        middle = where["x"] + where["width"] / 2, where["y"] + where["height"] / 2
        await anna.mouse.click(*middle)
        met = whole(anna, hale).get_by_test_id("met")
        await met.wait_for(state="attached")
        await anna.mouse.click(*middle)  # the finger that tapped twice
        await anna.wait_for_timeout(1_000)
        boss = await venue.client("manager")
        alerts = await answered(boss.get("/api/alerts"))
        assert [(a["state"], a["met_at"]) for a in alerts if a["customer"] == hale.id] == [("claimed", None)]
        await anna.mouse.click(*middle)
        await expect(met).to_have_count(0, timeout=LOAD_WITHIN)


async def test_a_list_under_a_finger_takes_who_came_when_it_is_left(venue: Venue, browser: Browser) -> None:
    hale, ward, okafor, wei = (guest(name) for name in ("Margaret Hale", "Ada Ward", "Samuel Okafor", "Li Wei"))
    await venue.enrol(hale, ward, okafor, wei)
    async with tablet_of(browser, venue, "ben", clock=True) as ben:
        await go(ben, "customer")
        await taps_in(venue, hale)
        row = ben.get_by_test_id(f"present-{hale.id}")
        await row.wait_for()
        await ben.clock.pause_at(await ben.evaluate("Date.now() / 1_000 + 1"))  # a hand is on it for as long as we say
        where = await row.bounding_box()
        await row.focus()
        for who, new in ((ward, "1 new"), (okafor, "2 new")):
            await ben.clock.run_for(HAND_ON)
            await ben.keyboard.press("Shift")
            await taps_in(venue, who)
            await expect(ben.get_by_test_id("list-fresh")).to_have_text(new, timeout=LOAD_WITHIN)
            assert await row.bounding_box() == where
            await expect(ben.get_by_test_id(f"present-{who.id}")).to_have_count(0)

        await ben.get_by_test_id("list-fresh").click()  # somebody asks for them
        await expect(ben.get_by_test_id(f"present-{okafor.id}")).to_be_visible(timeout=LOAD_WITHIN)
        await expect(ben.get_by_test_id("list-fresh")).to_have_count(0)

        await row.focus()
        await taps_in(venue, wei)
        await expect(ben.get_by_test_id("list-fresh")).to_have_text("1 new", timeout=LOAD_WITHIN)
        await ben.clock.run_for(HAND_ON)
        await expect(ben.get_by_test_id(f"present-{wei.id}")).to_have_count(0)
        await ben.clock.run_for(LEFT - HAND_ON)  # the hand has gone
        await expect(ben.get_by_test_id(f"present-{wei.id}")).to_be_visible(timeout=LOAD_WITHIN)


@pytest.mark.parametrize("size", SIZES)
async def test_no_control_lies_under_another_and_nothing_is_wider_than_the_screen(
    venue: Venue, browser: Browser, size: str
) -> None:
    names = (
        "Alexandra Konstantinopoulou-Featherstonehaugh",
        "Donaudampfschifffahrtsgesellschaftskapitän",
        "กรุงเทพมหานครอมรรัตนโกสินทร์มหินทรายุธยา",
        "عبد الرحمن بن محمد بن عبد العزيز الفاروقي",
        "אברהם יצחק בן־משה הלוי ויסמן־גולדשטיין",
    )
    guests = [guest(name, address_as=name, associate="anna") for name in names]
    await venue.enrol(*guests, consents=("recognise_tag", "keep_preferences"))
    async with tablet_of(browser, venue, "anna", size=SIZES[size]) as anna:
        for who in guests:
            await taps_in(venue, who)
            await card(anna, who).first.wait_for()
        found: list[str] = []
        for screen in (
            "now",
            f"customer/{guests[0].id}",
            f"record/{guests[1].id}/drink",
            "service",
            "floor",
            "shift",
            "settings",
        ):
            await go(anna, screen)
            await anna.wait_for_timeout(600)
            found += [f"{screen}: {one}" for one in await anna.evaluate(COVERED, CONTROLS)]
            found += [
                f"{screen} is {how} than the screen"
                for how, more in (("wider", WIDER), ("higher", HIGHER))
                if await anna.evaluate(more) > 0
            ]
        assert not found, "\n".join(found)
        await go(anna, "floor")
        cut = await anna.locator('[data-testid^="strip-"] strong').first.inner_text()
        assert cut.startswith("Alex")
        assert cut.endswith("gh"), "a name is cut in the middle, and not at its end"


async def test_who_is_opened_from_the_queue_takes_nothing_off_the_screen(venue: Venue, browser: Browser) -> None:
    guests = [guest(f"Guest {n}", associate="anna") for n in range(6)]
    await venue.enrol(*guests)
    async with tablet_of(browser, venue, "anna", size=LANDSCAPE) as anna:
        for who in guests:
            await taps_in(venue, who)
            await card(anna, who).first.wait_for()
        bar = anna.get_by_test_id("connected")
        before = await bar.bounding_box()
        waiting = anna.locator('button[data-testid^="card-"]')
        opened = str(await waiting.last.get_attribute("data-customer"))
        await waiting.last.click()
        await expect(anna.locator(f'article[data-customer="{opened}"]').first).to_be_in_viewport()
        assert await bar.bounding_box() == before


async def test_blind_the_whole_screen_is_turned_and_nothing_looks_as_if_it_worked(
    venue: Venue, browser: Browser
) -> None:
    hale = guest("Margaret Hale", associate="anna")
    await venue.enrol(hale)
    paper = "getComputedStyle(document.documentElement).backgroundColor"
    async with tablet_of(browser, venue, "anna") as anna:
        await taps_in(venue, hale)
        await shows(anna, hale)
        await expect(whole(anna, hale).get_by_test_id("claim")).to_be_enabled(timeout=LOAD_WITHIN)
        seeing, before = await anna.evaluate(paper), await anna.evaluate(BOXES)
        await anna.context.set_offline(True)
        await expect(anna.get_by_test_id("blind")).to_be_visible(timeout=LOAD_WITHIN)
        assert await anna.evaluate(paper) != seeing
        assert [one.split()[0] for one in await anna.evaluate(BOXES)] == [one.split()[0] for one in before]
        claim = whole(anna, hale).get_by_test_id("claim")
        await expect(claim).to_be_disabled()
        await expect(claim).to_contain_text("Not connected")
        await anna.context.set_offline(False)
        await expect(anna.get_by_test_id("blind")).to_have_count(0, timeout=LOAD_WITHIN)
        assert await anna.evaluate(paper) == seeing


async def test_the_focus_stays_with_the_work(venue: Venue, browser: Browser) -> None:
    hale, ward = guest("Margaret Hale", associate="anna"), guest("Ada Ward", associate="anna")
    await venue.enrol(hale, ward)
    on = "document.activeElement.closest('[data-testid]')?.dataset.testid"
    async with tablet_of(browser, venue, "anna") as anna:
        await taps_in(venue, hale)
        await shows(anna, hale)
        claim = whole(anna, hale).get_by_test_id("claim")
        await anna.reload()
        await expect(claim).to_be_enabled(timeout=LOAD_WITHIN)
        await anna.keyboard.press("Tab")
        assert await anna.evaluate("document.activeElement.classList.contains('skip')")
        await anna.keyboard.press("Enter")
        assert await anna.evaluate("document.activeElement.id") == "work"
        await claim.focus()
        await anna.keyboard.press("Enter")
        await expect(whole(anna, hale).get_by_test_id("met")).to_be_focused(timeout=LOAD_WITHIN)
        await taps_in(venue, ward)
        await expect(strip(anna, ward)).to_be_visible(timeout=LOAD_WITHIN)
        assert await anna.evaluate(on) == "met"
        await expect(strip(anna, ward)).to_be_enabled(timeout=LOAD_WITHIN)
        await strip(anna, ward).focus()
        await anna.keyboard.press("Enter")
        await expect(whole(anna, ward).locator(":focus")).to_have_count(1, timeout=LOAD_WITHIN)
        await strip(anna, ward).wait_for(state="detached")


async def test_who_wants_less_motion_sees_none_but_the_seconds_that_pass(venue: Venue, browser: Browser) -> None:
    hale = guest("Margaret Hale", associate="anna")
    await venue.enrol(hale)
    moving = """() => document.getAnimations().map((one) => {
      const { duration } = one.effect.getTiming();
      const steps = getComputedStyle(one.effect.target).animationTimingFunction.startsWith("steps");
      const smooth = one instanceof CSSTransition || !steps;
      return smooth ? `${one.effect.target.outerHTML.slice(0, 80)} ${duration}` : "";
    }).filter(Boolean)"""
    async with tablet_of(browser, venue, "anna") as anna:
        await taps_in(venue, hale)
        await shows(anna, hale)
        assert await anna.evaluate(moving), "the ring empties evenly"
        await anna.emulate_media(reduced_motion="reduce")
        assert await anna.evaluate(moving) == []
        assert await anna.evaluate("document.getAnimations().length") > 0, "the moment of truth is seen passing"
        await whole(anna, hale).get_by_test_id("claim").click()
        await whole(anna, hale).get_by_test_id("met").wait_for()
        assert await anna.evaluate(moving) == []


async def test_sixty_cards_at_once_stay_usable_and_quick(venue: Venue, browser: Browser) -> None:
    crowd = [guest(f"Guest Number {n}", address_as=f"Guest {n}") for n in range(CROWD)]
    await venue.enrol(*crowd)
    async with tablet_of(browser, venue, "anna") as anna:
        for who in crowd:
            venue.m100["door"].present(who.epc, -48)
        await venue.eventually(venue.present, lambda here: len(here) == CROWD, within=90.0)
        lines = anna.locator("[data-testid^=card-][data-customer]")
        await expect(lines).to_have_count(CROWD, timeout=2 * LOAD_WITHIN)
        await expect(anna.locator("article.card")).to_have_count(1)
        await expect(anna.get_by_test_id("claim")).to_have_count(1)
        await anna.wait_for_timeout(1_000)
        took: float = await anna.evaluate("""async () => {
          const lines = document.querySelectorAll("button[data-testid^=card-]");
          const began = performance.now();
          lines[lines.length - 1].click();
          await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
          return performance.now() - began;
        }""")
        assert took < SWIFT
        await expect(anna.get_by_test_id("claim")).to_have_count(1)
        last = await anna.locator("article.card").get_attribute("data-customer")
        assert await in_focus(anna) == ([last], [last])
        for who in crowd:
            venue.m100["door"].remove(who.epc)
