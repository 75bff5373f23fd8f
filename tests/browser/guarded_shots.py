"""Pictures of what guards a house: pairing, PINs, the lock, a lost tablet, programs, what was noticed, two people."""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, Route

from gateway.console.pairing import picture
from gateway.events.times import now
from gateway.records import quarantine
from tests.browser.chromium import sign_in, tablet
from tests.browser.floor import go
from tests.console.served import PIN, Served, config, served
from tests.story.venue import answered

Save = Callable[[Page, str], Awaitable[None]]
Variant = tuple[str, bool, tuple[int, int]]
NAMES = {"zh-CN": ("王芳", "前台平板"), "en-GB": ("Marie Dubois", "front desk")}
TRUSTED = "http://192.168.1.20:8080/trust"
PRINT = ":".join(f"{(n * 37 + 11) % 256:02X}" for n in range(32))
REASON = {
    "zh-CN": "客人说钥匙扣丢在了休息厅，请一起看看谁拿着",
    "en-GB": "a guest lost their keychain in the lounge; who was there?",
}
SETTLES = 400.0  # ms
GUESSED = 3_000.0  # ms; who has guessed wrong waits


class Guarded:
    """One tablet of whoever manages and equips a house, and what is photographed on it."""

    def __init__(self, house: Served, page: Page, browser: Browser, variant: Variant, save: Save) -> None:
        self.house, self.page, self.browser, self.variant, self._save = house, page, browser, variant, save
        self.locale = variant[0]

    async def save(self, name: str) -> None:
        """As it is when it has come to rest."""
        await self.page.wait_for_timeout(SETTLES)
        await self._save(self.page, name)

    async def tap(self, *hooks: str) -> None:
        """Taps one after the other."""
        for hook in hooks:
            await self.page.get_by_test_id(hook).first.click()

    async def types(self, pin: str) -> None:
        """Types on the keypad."""
        await self.tap(*(f"pin-{digit}" for digit in pin), "pin-submit")

    async def place(self, address: str) -> None:
        """Goes to a screen, from its top."""
        await go(self.page, address)
        await self.page.wait_for_timeout(SETTLES)
        await self.page.evaluate("scrollTo(0, 0)")

    async def show(self, hook: str, name: str) -> None:
        """A part of the screen, scrolled to."""
        await self.page.get_by_test_id(hook).first.scroll_into_view_if_needed()
        await self.save(name)

    async def pairs(self) -> None:
        """It is new, is paired by a code, and its first person chooses a PIN."""
        await self.page.goto(self.house.url)
        await self.page.get_by_test_id("pair-this").wait_for()
        await self.save("pairing")
        await self.page.get_by_test_id("pair-code").fill("ABCD-EFGH")
        await self.tap("pair-send")
        await self.page.locator('[data-testid="pair-this"] [role="alert"]').wait_for()
        await self.save("pairing-wrong")
        it = await self.house.client("it", "tom")
        made = await answered(it.post("/api/tablets/codes", json={"name": NAMES[self.locale][1]}))
        await self.page.goto(made["link"])
        await self.page.get_by_test_id("sign-in-staff-marie").wait_for()
        await self.save("paired-sign-in")
        boss = await self.house.client("manager")
        code = await answered(boss.post("/api/staff/lina/pin-code", json={}))
        await self.tap("sign-in-staff-lina")
        await self.types(str(code["code"]))
        await self.page.get_by_test_id("new-pin").wait_for()
        await self.save("new-pin")
        await self.tap("new-pin-cancel", "sign-in-staff-marie")
        await self.types("99999")
        await self.page.locator('.pin [role="alert"]:not(:empty)').wait_for()
        await self.save("wrong-pin")
        await self.page.wait_for_timeout(GUESSED)
        await self.types(PIN)
        await self.page.get_by_test_id("connected").wait_for()

    async def equips(self) -> None:
        """Tablets, and how they come to trust the house."""
        await self.page.route("**/api/trust", trusting)
        await self.place("setup/tablets")
        await self.page.get_by_test_id("trust").wait_for()
        await self.save("setup-tablets")
        await self.show("trust", "trust")
        await self.page.locator(".field").first.fill(NAMES[self.locale][1] + " 2")
        await self.tap("tablet-code")
        await self.page.evaluate("scrollTo(0, 0)")
        await self.save("tablet-code")
        await self.place("setup/programs")
        await self.tap("program-add")
        await self.page.get_by_test_id("program-name").fill("till")
        await self.page.locator('[data-testid^="scope-"]').first.click()
        await self.save("programs-new")
        await self.tap("program-make")
        await self.page.get_by_test_id("program-made").wait_for()
        await self.save("programs-made")
        await self.tap("program-noted")
        await self.save("programs")
        await self.place("setup/people")
        await self.tap("person-pin-lina")
        await self.save("people-sure")
        await self.tap("person-pin-lina")
        await self.page.get_by_test_id("people-pin").wait_for()
        await self.page.evaluate("scrollTo(0, 0)")
        await self.save("people-code")

    async def watches(self) -> None:
        """What was noticed, and a door that two people open."""
        ben = await self.house.client("floor", "ben")
        reason = {"reason": REASON[self.locale]}
        await answered(ben.post("/api/customers/chen/show-anyway", json=reason))
        await self.place("setup/security")
        await self.page.get_by_test_id("security-list").locator("li").first.wait_for()
        await self.save("security")
        await self.tap("glass-open")
        await self.page.get_by_test_id("glass-about").fill("chen")
        await self.page.get_by_test_id("glass-reason").fill(REASON[self.locale])
        await self.save("break-glass")
        await self.tap("glass-ask")
        await self.save("break-glass-waits")

    async def elsewhere(self) -> None:
        """A guest of another zone, asked for by who serves in the bar."""
        async with held(self.browser, self.variant) as page:
            other = Guarded(self.house, page, self.browser, self.variant, self._save)
            made = await answered(
                (await self.house.client("it", "tom")).post("/api/tablets/codes", json={"name": "bar"})
            )
            await page.goto(made["link"])
            await other.tap("sign-in-staff-ben")
            await other.types(PIN)
            await page.get_by_test_id("connected").wait_for()
            await other.place("customer/chen")
            await other.tap("open-sheet-chen")
            await page.get_by_test_id("show-anyway").wait_for()
            await other.save("show-anyway")

    async def broker(self) -> None:
        """What a reader signs in with at the broker: a new password."""
        await self.page.route("**/api/readers", by_mqtt)
        await self.page.route("**/api/readers/*/password", given)
        await self.place("readers")
        await self.page.locator('[data-testid^="reader-card-"] a').first.click()
        await self.page.get_by_test_id("reader-password").wait_for()
        await self.show("reader-password", "reader-password")
        await self.tap("password-new", "password-new")
        await self.page.get_by_test_id("password-done").wait_for()
        await self.show("reader-password", "reader-password-made")

    async def own(self) -> None:
        """Their own PIN."""
        await self.place("settings")
        await self.show("own-pin", "own-pin")
        await self.tap("own-pin-change")
        await self.show("own-pin", "own-pin-before")

    async def is_left(self) -> None:
        """Nobody touches it; it is covered, locked, and at last let go."""
        await self.place("now")
        await self.tap("hide")
        await self.page.get_by_test_id("cover").wait_for()
        await self.save("cover")
        await self.tap("cover")
        self.house.ahead += 3600
        await self.page.get_by_test_id("locked").wait_for()
        await self.save("locked")
        it = await self.house.client("it", "tom")
        seen = await answered(it.get("/api/tablets"))
        for one in seen["paired"]:
            assert (await it.delete(f"/api/tablets/{one['id']}")).status_code == 204
        await self.page.get_by_test_id("wiped").wait_for()  # it is told at once
        await self.save("wiped")


def held(browser: Browser, variant: Variant) -> AbstractAsyncContextManager[Page]:
    """A tablet of this language, theme and size."""
    locale, dark, size = variant
    return tablet(browser, size=size, locale=locale, dark=dark)


async def trusting(route: Route) -> None:
    """What a house says that is its own authority."""
    said = {"own": True, "page": TRUSTED, "picture": picture(TRUSTED), "fingerprint": PRINT}
    await route.fulfill(json={**said, "until": "2035-03-01T00:00:00Z"})


async def by_mqtt(route: Route) -> None:
    """Readers that hang on the broker."""
    answer = await route.fetch()
    await route.fulfill(response=answer, json=[{**one, "over": "mqtt"} for one in await answer.json()])


async def given(route: Route) -> None:
    """New passwords of the broker, shown once."""
    made = [{"user": user, "password": "7Qd9-fWx2-Lm4T-pR8k-Yh3b-Nz6c"} for user in ("moments-desk", "moments-check")]
    await route.fulfill(status=201, json={"scheme": "mqtts", "port": 8883, "passwords": made})


async def shoot_quarantine(browser: Browser, variant: Variant, save: Save) -> None:
    """A house that may know nobody yet."""
    async with AsyncExitStack() as open_:
        folder = Path(open_.enter_context(tempfile.TemporaryDirectory()))
        async with served(folder, lawful=False) as house:
            await house.hire("lina")
        quarantine.begin(folder, "stale", "monday", quarantine.Needs(now(), 3, ()))
        house = await open_.enter_async_context(served(folder, lawful=False))
        page = await open_.enter_async_context(held(browser, variant))
        await sign_in(page, house.url, "lina", PIN)
        await page.get_by_test_id("quarantine").wait_for()
        await save(page, "quarantine")


async def shoot_guarded(browser: Browser, variant: Variant, save: Save) -> None:
    """All of them, in a house of its own."""
    settings = config(console={"paired_tablets": True})
    async with AsyncExitStack() as open_:
        folder = open_.enter_context(tempfile.TemporaryDirectory())
        house = await open_.enter_async_context(served(Path(folder), settings, lawful=False))
        page = await open_.enter_async_context(held(browser, variant))
        await fill(house, variant[0])
        one = Guarded(house, page, browser, variant, save)
        for part in (one.pairs, one.equips, one.elsewhere, one.watches, one.broker, one.own, one.is_left):
            await part()


async def fill(house: Served, locale: str) -> None:
    """Who works there, and one guest."""
    await house.hire("lina", "ben")
    await house.hire("tom", roles=("it",))
    boss = await house.client("manager")
    facts: dict[str, Any] = {"name": NAMES[locale][0], "roles": ("floor", "manager", "it"), "pin": PIN}
    await answered(boss.put("/api/staff/marie", json=facts))
    await answered(boss.post("/api/staff/marie/shift", json={}))
    await answered(boss.post("/api/staff/ben/shift", json={"zones": ["lounge"]}))
    await house.enrol("chen", associate="marie", address_as="陈女士" if locale == "zh-CN" else "Ms Chen")
    house.tap()
