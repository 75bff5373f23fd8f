"""A floor of tablets in a real Chromium, before a gateway with simulated readers: what the stories share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.chromium import LANDSCAPE, LOAD_WITHIN, sign_in, tablet
from tests.story.venue import Guest, Venue, answered

PIN = "482913"
KEPT_WITHIN = 4_000.0  # ms; a tablet keeps what it shows every three seconds
RINGS = """
  window.rang = 0;
  navigator.vibrate = () => { window.rang += 1; return true; };
"""


async def hire(venue: Venue, *names: str, roles: Iterable[str] = ("floor",)) -> None:
    """Puts people on the books, with a PIN."""
    boss = await venue.client("manager")
    for name in names:
        body = {"name": name.capitalize(), "roles": list(roles), "pin": PIN}
        await answered(boss.put(f"/api/staff/{name}", json=body))


async def enter(page: Page, venue: Venue, staff: str) -> None:
    """Signs in as the app does, without its keypad (another test taps that); returns when the tablet is connected."""
    answer = await page.context.request.post(f"{venue.url}/api/sign-in", data={"staff": staff, "pin": PIN})
    assert answer.ok, await answer.text()
    await page.goto(venue.url)
    await page.get_by_test_id("connected").wait_for()


async def opens_offline(page: Page) -> None:
    """A page that began without a network asks for the PIN, and opens with it what the tablet keeps."""
    await page.get_by_test_id("offline-sign-in").wait_for()
    for digit in PIN:
        await page.get_by_test_id(f"pin-{digit}").click()
    await page.get_by_test_id("pin-submit").click()
    await expect(page.get_by_test_id("offline-sign-in")).to_have_count(0, timeout=LOAD_WITHIN)


@asynccontextmanager
async def tablet_of(
    browser: Browser, venue: Venue, staff: str, *, size: tuple[int, int] = LANDSCAPE, locale: str = "en-GB",
    keypad: bool = False, clock: bool = False,
) -> AsyncIterator[Page]:  # fmt: skip
    """This person's tablet, connected; ``rang(page)`` says how often it called.

    With ``keypad`` they type their PIN there: with that it opens without a network too. With ``clock`` its time is in
    the hands of the story (``page.clock``), and passes as usual until it takes it.
    """
    async with tablet(browser, size=size, locale=locale) as page:
        await page.add_init_script(RINGS)
        if clock:
            await page.clock.install()
        if keypad:
            await sign_in(page, venue.url, staff, PIN)
        else:
            await enter(page, venue, staff)
        await page.get_by_test_id("connected").click()  # a browser makes no sound before the first touch
        yield page


async def rang(page: Page) -> int:
    """How often the tablet has called whoever holds it."""
    return int(await page.evaluate("window.rang"))


def card(page: Page, who: Guest) -> Locator:
    """The card of a customer, whole or as a line."""
    return page.locator(f'[data-testid^="card-"][data-customer="{who.id}"]')


def whole(page: Page, who: Guest) -> Locator:
    """The card of a customer where it is shown whole."""
    return page.locator(f'article[data-testid^="card-"][data-customer="{who.id}"]')


async def go(page: Page, screen: str) -> None:
    """Goes to a screen by its address, as a menu entry does."""
    await page.evaluate("screen => { location.hash = `#/${screen}`; }", screen)


async def opens_form(page: Page, who: Guest) -> None:
    """Goes to the form that records about this customer; returns when it lies open."""
    await go(page, f"record/{who.id}")
    await page.get_by_test_id("record-category-drink").wait_for()


async def shows(page: Page, who: Guest, *words: str) -> None:
    """Returns when the tablet shows this customer's card with these words."""
    for word in words or (who.facts["address_as"],):
        await expect(card(page, who).first).to_contain_text(word, timeout=LOAD_WITHIN)


async def shows_nothing_of(page: Page, who: Guest) -> None:
    """Returns when no card of this customer is left."""
    await expect(card(page, who)).to_have_count(0, timeout=LOAD_WITHIN)


async def taps_in(venue: Venue, who: Guest) -> None:
    """This customer holds a fob to the counter's reader and is here."""
    venue.em4100["counter"].hold(who.em)
    await venue.eventually(venue.present, lambda here: who.id in here)
    venue.em4100["counter"].release()


async def write_down(page: Page, category: str, value: str, *, polarity: str = "do", basis: str = "stated") -> None:
    """Records a preference in words of one's own, on the Record screen as it lies open."""
    await page.get_by_test_id(f"record-category-{category}").click()
    await page.get_by_test_id("record-value-input").fill(value)
    await page.get_by_test_id(f"polarity-{polarity}").click()
    await page.get_by_test_id(f"record-save-{basis}").click()
    await noted(page, value)


async def tap_down(page: Page, category: str, code: str, *, basis: str = "stated") -> None:
    """Records a value of the catalogue, on the Record screen as it lies open: three taps, or four behind "more"."""
    await page.get_by_test_id(f"record-category-{category}").click()
    chip = page.locator(f'[data-testid="record-value"][data-code="{code}"]')
    if not await chip.count():
        await page.get_by_test_id("record-more-values").click()
    await chip.click()
    await page.get_by_test_id(f"record-save-{basis}").click()


async def noted(page: Page, value: str) -> None:
    """Returns when the form says that it has kept this."""
    await expect(page.get_by_role("status").filter(has_text=value).first).to_be_visible(timeout=LOAD_WITHIN)


async def emptied(page: Page) -> None:
    """Returns when nothing waits to be sent."""
    await expect(page.get_by_test_id("outbox-count")).to_have_count(0, timeout=4 * LOAD_WITHIN)


async def send_home(venue: Venue) -> None:
    """Nobody is left in the house."""
    boss = await venue.client("manager")
    for customer in await venue.present():
        await answered(boss.delete(f"/api/customers/{customer}"))
