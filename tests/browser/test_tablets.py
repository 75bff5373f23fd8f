"""Tablets that are stolen, copied, left alone, let go and offline: what a thief finds in a real Chromium is nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.chromium import LOAD_WITHIN, chromium, tablet
from tests.console.served import PIN, Served, config, served
from tests.story.venue import answered

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]

NAME = "Konstantinopoulou"
LEFT = """async () => {
  const found = {};
  for (const { name } of await indexedDB.databases()) {
    const db = await new Promise((done) => {
      const asked = indexedDB.open(name);
      asked.onsuccess = () => done(asked.result);
    });
    for (const store of db.objectStoreNames) {
      const rows = await new Promise((done) => {
        const asked = db.transaction(store).objectStore(store).getAll();
        asked.onsuccess = () => done(asked.result);
      });
      found[`${name} ${store}`] = rows.length;
    }
    db.close();
  }
  return { found, local: localStorage.length, session: sessionStorage.length, caches: (await caches.keys()).length };
}"""
READABLE = """async () => {
  const db = await new Promise((done) => {
    const asked = indexedDB.open("moments");
    asked.onsuccess = () => done(asked.result);
  });
  const all = [];
  for (const store of db.objectStoreNames) {
    const rows = await new Promise((done) => {
      const asked = db.transaction(store).objectStore(store).getAll();
      asked.onsuccess = () => done(asked.result);
    });
    for (const row of rows) {
      const latin = (raw) => new TextDecoder("latin1").decode(raw);
      const raw = (value) => value instanceof ArrayBuffer || value instanceof Uint8Array;
      all.push(JSON.stringify(row, (_, value) => raw(value) ? latin(value) : value));
    }
  }
  db.close();
  return all.join() + JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage });
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """A real browser, which the stories share."""
    async with chromium() as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """A house as it is set up, with a guest in it."""
    async with served(tmp_path_factory.mktemp("house"), config(console={"paired_tablets": True})) as made:
        await made.hire("anna", "ben")
        await made.hire("tom", roles=("it",))
        await made.enrol("chen", associate="anna", address_as=f"Ms {NAME}")
        yield made


async def types(page: Page, pin: str = PIN) -> None:
    """Types a PIN on the keypad."""
    for digit in pin:
        await page.get_by_test_id(f"pin-{digit}").click()
    await page.get_by_test_id("pin-submit").click()


async def pairs(house: Served, page: Page, name: str) -> None:
    """Opens the link of a one-time code, as the tablet's camera does."""
    it = await house.client("it", "tom")
    code = await answered(it.post("/api/tablets/codes", json={"name": name}))
    await page.goto(code["link"])
    await page.get_by_test_id("sign-in-staff-anna").wait_for()


async def signs_in(page: Page, staff: str = "anna") -> None:
    """Picks a name, types the PIN; returns when the tablet is connected."""
    await page.get_by_test_id(f"sign-in-staff-{staff}").click()
    await types(page)
    await page.get_by_test_id("connected").wait_for()


async def sees_her(house: Served, page: Page) -> None:
    """The guest taps in, and is on the glass."""
    house.tap()
    await expect(page.get_by_text(NAME).first).to_be_visible(timeout=LOAD_WITHIN)


async def shows_nobody(page: Page) -> None:
    """Neither the page, nor its title, nor what a screen reader is told, nor the history holds a name."""
    assert NAME not in await page.content()
    assert NAME not in await page.title()
    devtools = await page.context.new_cdp_session(page)
    for call in ("Accessibility.getFullAXTree", "Page.getNavigationHistory", "DOM.getDocument"):
        assert NAME not in str(await devtools.send(call, {"depth": -1} if call.startswith("DOM") else {})), call
    await devtools.detach()


async def row_of(house: Served, name: str) -> dict[str, Any]:
    """The tablet of this name, paired or let go, as IT sees it."""
    seen = await answered((await house.client("it", "tom")).get("/api/tablets"))
    return next(dict(one) for one in [*seen["paired"], *seen["gone"]] if one["name"] == name)


async def test_a_cookie_that_was_stolen_shows_nobody_in_another_browser(house: Served, browser: Browser) -> None:
    async with tablet(browser) as page, tablet(browser) as other:
        await pairs(house, page, "bar")
        await signs_in(page)
        await sees_her(house, page)
        assert (await row_of(house, "bar"))["bound"]
        await other.context.add_cookies([dict(c) for c in await page.context.cookies()])  # type: ignore[misc]
        await other.goto(house.url)
        await other.get_by_test_id("sign-in-staff-anna").wait_for()
        await shows_nobody(other)
        await other.get_by_test_id("sign-in-staff-anna").click()
        await types(other)  # even with the PIN: another device is no such tablet
        await expect(other.get_by_role("alert").first).to_contain_text(
            "nother device is this tablet", timeout=LOAD_WITHIN
        )
        await expect(page.get_by_text(NAME).first).to_be_visible()


async def test_a_tablet_left_alone_for_an_hour_asks_for_the_pin_and_holds_nobody(
    house: Served, browser: Browser
) -> None:
    async with tablet(browser) as page:
        await pairs(house, page, "alone")
        await signs_in(page)
        await sees_her(house, page)
        before = house.ahead
        house.ahead += 3600
        await page.get_by_test_id("locked").wait_for()
        await shows_nobody(page)
        assert NAME not in await page.evaluate(READABLE)
        await page.reload()
        await page.get_by_test_id("locked").wait_for()
        await shows_nobody(page)
        await page.go_back()
        await shows_nobody(page)
        await page.goto(house.url)
        await page.get_by_test_id("locked").wait_for()
        await types(page)
        await page.get_by_test_id("connected").wait_for()
        await expect(page.get_by_text("Anna").first).to_be_visible()
        house.ahead = max(before, house.ahead)


async def test_the_cover_takes_everybody_out_of_the_page(house: Served, browser: Browser) -> None:
    async with tablet(browser) as page:
        await pairs(house, page, "covered")
        await signs_in(page)
        await sees_her(house, page)
        await page.get_by_test_id("hide").click()
        await page.get_by_test_id("cover").wait_for()
        await shows_nobody(page)
        await page.get_by_test_id("cover").click()
        await expect(page.get_by_text(NAME).first).to_be_visible()


async def test_a_tablet_that_was_let_go_is_empty_at_its_next_sign_of_life(house: Served, browser: Browser) -> None:
    async with tablet(browser) as page:
        await pairs(house, page, "lost")
        await signs_in(page)
        await sees_her(house, page)
        await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        left = await page.evaluate(LEFT)
        assert left["found"]["moments keys"] >= 2
        await page.context.set_offline(True)  # it is carried away
        await expect(page.get_by_test_id("blind").first).to_be_visible(timeout=LOAD_WITHIN)
        it = await house.client("it", "tom")
        assert (await it.delete(f"/api/tablets/{(await row_of(house, 'lost'))['id']}")).status_code == 204
        assert (await row_of(house, "lost"))["wiped_at"] is None
        await page.context.set_offline(False)  # and comes back
        await page.get_by_test_id("wiped").wait_for()
        await shows_nobody(page)

        async def emptied() -> bool:
            left = await page.evaluate(LEFT)
            return not any(left["found"].values()) and (left["local"], left["session"], left["caches"]) == (0, 0, 0)

        for _ in range(50):
            if await emptied() and (await row_of(house, "lost"))["wiped_at"]:
                break
            await page.wait_for_timeout(100)
        assert await emptied()
        assert (await row_of(house, "lost"))["wiped_at"] is not None
        assert not await page.context.cookies(), "nor does it keep a cookie"


async def test_offline_it_opens_with_the_pin_in_its_shift_alone_and_tries_are_few(
    tmp_path: Path, browser: Browser
) -> None:
    async with served(tmp_path, config(console={"paired_tablets": True})) as house, tablet(browser) as page:
        await house.hire("anna")
        await house.hire("tom", roles=("it",))
        await house.enrol("chen", associate="anna", address_as=f"Ms {NAME}")
        await pairs(house, page, "train")
        await signs_in(page)
        await sees_her(house, page)
        await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        await page.wait_for_timeout(4_000)  # what it shows is kept every three seconds, with the key that the PIN opens
        await page.route("**/api/**", lambda route: route.abort())
        await page.context.set_offline(True)
        await page.reload()
        await page.get_by_test_id("offline-sign-in").wait_for()
        await shows_nobody(page)
        assert NAME not in await page.evaluate(READABLE)
        await types(page, "9753")
        await expect(page.get_by_role("alert")).to_contain_text("4 more tries")
        await page.reload()  # which forgives no try
        await types(page, "9753")
        await expect(page.get_by_role("alert")).to_contain_text("3 more tries")
        await types(page)
        await expect(page.get_by_text(NAME).first).to_be_visible(timeout=LOAD_WITHIN)
        back = "const was = Date.now; Date.now = () => was() - 20 * 60_000"
        await page.add_init_script(back)  # somebody puts the clock back
        await page.reload()
        await page.get_by_text("The gateway is not answering").or_(page.get_by_test_id("blind")).first.wait_for()
        await expect(page.get_by_test_id("offline-sign-in")).to_have_count(0)
        await shows_nobody(page)
