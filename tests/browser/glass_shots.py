"""Pictures of consent on glass: each step of a flow, what a sheet says of it, and the lists of managers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import count

from playwright.async_api import Page

from tests.browser.floor import go
from tests.browser.glass import WRITTEN
from tests.story.venue import Venue, answered

Save = Callable[[str], Awaitable[None]]
_numbers = count(1)


async def shoot_glass(page: Page, venue: Venue, language: str, save: Save) -> None:
    """A flow from the sheet of somebody new to the receipt, on a tablet of who keeps the records."""
    who = f"fang-{next(_numbers)}"
    boss = await venue.client("manager")
    facts = {"name": "方若琳", "address_as": "方女士" if language == "zh-CN" else "Ms Fang", "language": language}
    await answered(boss.put(f"/api/customers/{who}", json=facts))

    async def tap(hook: str) -> None:
        await page.get_by_test_id(hook).first.click()
        await page.wait_for_timeout(250)

    await go(page, "setup/enrol")
    await save("enrol")
    await tap("kind-phone")
    await save("enrol-phone")
    await tap("enrol-new")
    await save("enrol-new")
    await go(page, f"customer/{who}")
    await tap(f"open-sheet-{who}")
    await page.get_by_test_id("ask-all").scroll_into_view_if_needed()
    await save("sheet-never-asked")
    await tap("ask-all")
    await save("glass-age")
    await tap("age-younger")
    await save("glass-guardian")
    await tap("glass-cancel")
    await save("glass-broken-off")
    await tap("ask-all")
    await tap("age-older")
    await save("glass-ask")
    for key in ("agree-recognise_tag", "agree-keep_preferences", "disagree-insight"):
        await tap(key)
    await write(page)
    await save("glass-signed")
    await tap("glass-confirm")
    await page.get_by_test_id("glass-done").wait_for()
    await save("glass-done")
    if await page.get_by_test_id("own-page-show").count():
        await tap("own-page-show")
        await save("glass-own-page")
    await tap("glass-back")
    await page.get_by_test_id("stop-recognising").scroll_into_view_if_needed()
    await save("sheet-agreed")
    await tap("stop-recognising")
    await save("stop")
    await tap("stop-confirm")
    await page.wait_for_timeout(800)
    await save("stopped")
    await go(page, "setup/consents")
    await page.wait_for_timeout(500)
    await save("consents")


async def write(page: Page) -> None:
    """Signs with the mouse."""
    at = page.get_by_test_id("signature")
    await at.scroll_into_view_if_needed()
    box = await at.bounding_box()
    assert box is not None
    for number, (x, y) in enumerate(WRITTEN):
        await page.mouse.move(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
        if number == 0:
            await page.mouse.down()
    await page.mouse.up()
