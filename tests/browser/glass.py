"""Consent on glass as people do it: fingers and keys are counted, and a name is written with one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.chromium import LANDSCAPE, LOAD_WITHIN, tablet
from tests.browser.floor import enter, go
from tests.story.venue import Venue, answered

WRITTEN = ((0.2, 0.6), (0.3, 0.3), (0.4, 0.7), (0.5, 0.3), (0.6, 0.7), (0.75, 0.4))  # of the field's width and height
TRIES = 5
COUNTS = """
  window.felt = 0;
  addEventListener("click", (event) => event.isTrusted && event.detail > 0 && (window.felt += 1), true);
  window.taps = 0;
  window.keys = 0;
  addEventListener("click", (event) => event.isTrusted && event.detail > 0 && (window.taps += 1), true);
  const pressed = (event) => event.isTrusted && ["Enter", " "].includes(event.key) && (window.keys += 1);
  addEventListener("keydown", pressed, true);
"""


@asynccontextmanager
async def glass_of(
    browser: Browser, venue: Venue, staff: str, *, size: tuple[int, int] = LANDSCAPE, locale: str = "en-GB",
    dark: bool = False,
) -> AsyncIterator[Page]:  # fmt: skip
    """A tablet under fingers, signed in and connected; ``taps`` and ``keys`` count what touches it."""
    async with tablet(browser, size=size, locale=locale, dark=dark, touch=True) as page:
        await page.add_init_script(COUNTS)
        await enter(page, venue, staff)
        yield page


async def taps(page: Page) -> int:
    """How often a finger has tapped since the last time this was asked."""
    return int(await page.evaluate("(() => { const n = window.taps; window.taps = 0; return n; })()"))


async def keys(page: Page) -> int:
    """How often Enter or the space bar was pressed since the last time this was asked."""
    return int(await page.evaluate("(() => { const n = window.keys; window.keys = 0; return n; })()"))


async def finger(page: Page, hook: str) -> None:
    """Taps a control; what a busy machine made a long press of, which does nothing, is tapped again."""
    at = page.get_by_test_id(hook).first
    before = await page.evaluate("window.felt")
    for _ in range(TRIES):
        await at.tap()
        for _ in range(10):
            if await page.evaluate("window.felt") > before:
                return
            await page.wait_for_timeout(50)
    raise AssertionError(f"{hook} is not felt under a finger")


async def sign(page: Page) -> None:
    """Writes on the glass with a finger."""
    await page.get_by_test_id("signature").scroll_into_view_if_needed()
    box = await page.get_by_test_id("signature").bounding_box()
    assert box is not None
    points = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in WRITTEN]
    hand = await page.context.new_cdp_session(page)

    async def touch(kind: str, *at: tuple[float, float]) -> None:
        await hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in at]})

    await touch("touchStart", points[0])
    for point in points[1:]:
        await touch("touchMove", point)
    await touch("touchEnd")
    await hand.detach()


async def focus_on(page: Page, hook: str) -> None:
    """Goes to a control with the Tab key alone."""
    at = page.get_by_test_id(hook)
    await expect(at).to_be_enabled(timeout=LOAD_WITHIN)
    for _ in range(80):
        if await at.evaluate("one => one === document.activeElement"):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"{hook} is not reached with the Tab key")


async def press(page: Page, hook: str) -> None:
    """Presses a control with keys alone."""
    await focus_on(page, hook)
    await page.keyboard.press("Enter")


async def twins(page: Page, key: str) -> None:
    """The two answers to a question are of one size, big enough for a thumb, and neither is chosen."""
    boxes = []
    for answer in ("agree", "disagree"):
        button = page.get_by_test_id(f"{answer}-{key}")
        assert await button.get_attribute("aria-pressed") == "false", f"{answer} is chosen before anybody did"
        boxes.append(await looks(button))
    assert boxes[0] == boxes[1]
    assert min(boxes[0]["size"]) >= 48


async def looks(button: Locator) -> dict[str, Any]:
    """How big and how loud a control is."""
    return dict(
        await button.evaluate("""one => {
          const { width, height } = one.getBoundingClientRect();
          const { fontSize, fontWeight, color, backgroundColor, borderColor } = getComputedStyle(one);
          const size = [Math.round(width), Math.round(height)];
          return { size, fontSize, fontWeight, color, backgroundColor, borderColor };
        }""")
    )


async def sheet(page: Page, customer: str) -> None:
    """Opens a customer's sheet with what they agreed to."""
    await go(page, f"customer/{customer}")
    await page.get_by_test_id(f"open-sheet-{customer}").click()
    await page.get_by_test_id("agreements").locator("li").first.wait_for()


async def alive(venue: Venue, customer: str) -> set[str]:
    """What the gateway says that a customer agrees to."""
    boss = await venue.client("manager")
    return {one["purpose"] for one in await answered(boss.get(f"/api/customers/{customer}/consents"))}


async def acts(venue: Venue, customer: str) -> list[tuple[str, str]]:
    """Every act of a customer in the ledger, oldest first."""
    boss = await venue.client("manager")
    rows = await answered(boss.get(f"/api/customers/{customer}/consents?all=1"))
    return [(one["act"], one["purpose"]) for one in rows]
