"""With TLS the app is installed and starts without a network; without it, it says what is missing, and still works."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, expect

from tests.browser.certificates import Served, certificate_for
from tests.browser.chromium import LOAD_WITHIN, PHONE, chromium, sign_in, tablet
from tests.browser.floor import PIN, card, emptied, go, hire, opens_form, shows, taps_in, whole, write_down
from tests.ports import free_port
from tests.story.settings import COUNTER, Place
from tests.story.venue import Venue, guest

pytestmark = pytest.mark.timeout(180)

NAME = "moments.test"
ALL_MISSING = {"offline", "sealed", "wake", "install", "dictation"}


class Opened(Venue):
    """A venue whose ``[console]`` says how tablets reach it."""

    def __init__(self, folder: Path, places: Iterable[Place], console: str, **more: Any) -> None:
        super().__init__(folder, places, **more)
        self._console = console

    async def start(self) -> None:
        toml = self.config.read_text("utf-8")
        if self._console not in toml:
            self.config.write_text(toml.replace("[console]", f"[console]\n{self._console}", 1), "utf-8")
        await super().start()


def secure(folder: Path) -> tuple[Opened, Served]:
    """A venue with TLS of its own authority, which keeps its address when it is started again."""
    served = certificate_for("127.0.0.1", folder)
    console = f'tls = {{ cert = "{served.cert}", key = "{served.key}" }}'
    return Opened(folder, [COUNTER], console, port=free_port(), trusts=served.trusts()), served


async def missing(page: Page) -> set[str]:
    """What Settings says this tablet cannot do."""
    await go(page, "settings")
    await page.get_by_test_id("tablet-state").wait_for()
    names = await page.locator('[data-testid^="missing-"]').evaluate_all("rows => rows.map((r) => r.dataset.testid)")
    return {name.removeprefix("missing-") for name in names}


async def test_with_tls_the_tablet_trusts_it_is_installable_and_starts_without_a_network(tmp_path: Path) -> None:
    who = guest("Margaret Hale", address_as="Ms Hale", associate="anna")
    house, served = secure(tmp_path)
    async with house as venue, chromium(f"--ignore-certificate-errors-spki-list={served.pin}") as browser:
        await hire(venue, "anna")
        await venue.enrol(who)
        async with tablet(browser) as page:
            await sign_in(page, venue.url, "anna", PIN)
            await taps_in(venue, who)
            await shows(page, who)
            await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
            assert not await missing(page)
            devtools = await page.context.new_cdp_session(page)
            errors = (await devtools.send("Page.getInstallabilityErrors"))["installabilityErrors"]
            assert {e["errorId"] for e in errors} <= {"in-incognito"}  # as every page of a test is

            await venue.stop()
            await page.close()  # the app is closed, and opened from the home screen while nothing answers
            page = await page.context.new_page()
            await page.goto(venue.url)
            await page.get_by_test_id("offline-sign-in").wait_for()
            assert "Ms Hale" not in await page.content()
            for digit in PIN:
                await page.get_by_test_id(f"pin-{digit}").click()
            await page.get_by_test_id("pin-submit").click()
            await shows(page, who, "Ms Hale")
            await go(page, f"record/{who.id}")
            await write_down(page, "drink", "a dry sherry")
            await venue.start()
            await expect(page.get_by_test_id("blind")).to_have_count(0, timeout=LOAD_WITHIN)
            await emptied(page)
            await expect(page.get_by_text("a dry sherry").first).to_be_visible()


async def test_a_certificate_that_is_tapped_away_is_not_called_well(tmp_path: Path) -> None:
    house, _ = secure(tmp_path)
    async with house as venue, chromium() as browser:
        await hire(venue, "anna")
        context = await browser.new_context(ignore_https_errors=True, locale="en-GB")
        page = await context.new_page()
        page.set_default_timeout(LOAD_WITHIN)
        await sign_in(page, venue.url, "anna", PIN)
        await go(page, "settings")
        await expect(page.get_by_test_id("tablet-state")).to_contain_text("not trusted by this tablet")
        assert {"offline", "install"} <= await missing(page)
        await context.close()


async def test_over_plain_http_it_says_what_is_missing_and_still_works(tmp_path: Path) -> None:
    who = guest("Samuel Okafor", address_as="Dr Okafor", associate="anna")
    house = Opened(tmp_path, [COUNTER], f'hosts = ["{NAME}"]')
    async with house as venue, chromium(f"--host-resolver-rules=MAP {NAME} 127.0.0.1") as browser:
        await hire(venue, "anna")
        await venue.enrol(who)
        async with tablet(browser, size=PHONE) as page:
            await sign_in(page, f"http://{NAME}:{urlsplit(venue.url).port}", "anna", PIN)
            assert not await page.evaluate("isSecureContext")
            assert {"offline", "sealed", "wake", "install"} <= await missing(page) <= ALL_MISSING
            await expect(page.get_by_test_id("tablet-state")).to_contain_text("without TLS")
            await page.get_by_test_id("nav-now").click()
            await taps_in(venue, who)
            await whole(page, who).get_by_test_id("claim").click()
            await opens_form(page, who)
            await page.context.set_offline(True)
            await expect(page.get_by_test_id("blind").first).to_be_visible(timeout=LOAD_WITHIN)
            await write_down(page, "drink", "tomato juice")
            await expect(page.get_by_test_id("outbox-count")).to_have_attribute("data-count", "1")
            await page.context.set_offline(False)
            await emptied(page)
            await page.get_by_test_id("nav-now").click()
            await expect(card(page, who)).to_contain_text("tomato juice", timeout=LOAD_WITHIN)


@pytest.mark.parametrize("file", ["Record-*.js", "Record-*.css"])
async def test_without_tls_a_form_that_the_network_cut_off_says_so_and_comes_by_itself(
    tmp_path: Path, file: str
) -> None:
    who = guest("Samuel Okafor", associate="anna")
    house = Opened(tmp_path, [COUNTER], f'hosts = ["{NAME}"]')
    async with house as venue, chromium(f"--host-resolver-rules=MAP {NAME} 127.0.0.1") as browser:
        await hire(venue, "anna")
        await venue.enrol(who)
        async with tablet(browser) as page:
            await page.route(f"**/assets/{file}", lambda route: route.abort())  # the Wi-Fi of this moment
            async with page.expect_request_finished(lambda request: "/assets/Glass-" in request.url):  # all was tried
                await sign_in(page, f"http://{NAME}:{urlsplit(venue.url).port}", "anna", PIN)
            await taps_in(venue, who)
            await go(page, f"record/{who.id}")
            await expect(page.get_by_test_id("later").get_by_role("alert")).to_contain_text("not on the tablet yet")
            await page.unroute(f"**/assets/{file}")
            await write_down(page, "drink", "tomato juice")
            await emptied(page)
            kinds = page.get_by_test_id("record-kind-preference").locator("..")
            assert await kinds.evaluate("one => getComputedStyle(one).display") == "grid", "it came without its looks"
