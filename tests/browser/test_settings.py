"""A person who never opens a file: a zone and a rule by a screen, as a difference, and back in one tap."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from gateway.operations import finding, keeper
from reader_drivers.simulated import SimulatedEm4100, SimulatedM100
from tests.browser.chromium import LOAD_WITHIN, chromium, sign_in, tablet
from tests.browser.floor import go
from tests.browser.test_access import violations
from tests.console.served import PIN, served
from tests.console.test_found_readers import ports
from tests.console.test_settings import VENUE

pytestmark = pytest.mark.timeout(150)


async def test_the_venue_is_changed_on_a_screen_and_changed_back(tmp_path: Path) -> None:
    file = tmp_path / "venue.toml"
    file.write_text(VENUE.replace("PORT", "/nowhere/till"), "utf-8")
    async with served(tmp_path / "data", file=file) as house, chromium() as browser, tablet(browser) as page:
        await house.hire("mei", roles=("manager", "it"))
        await sign_in(page, house.url, "mei", PIN)
        await go(page, "setup/venue")
        await page.get_by_test_id("add-zones").click()
        await page.get_by_test_id("field-id").fill("salon")
        await page.get_by_test_id("field-name-en").fill("Salon")
        await page.get_by_test_id("settings-look").click()
        await expect(page.get_by_test_id("difference")).to_contain_text('id = "salon"', timeout=LOAD_WITHIN)
        apply = page.get_by_test_id("settings-apply-now")
        await expect(apply).to_be_disabled()  # somebody wrote this file
        await page.get_by_test_id("settings-leave").check()
        await apply.click()
        await expect(page.get_by_test_id("row-zones-salon")).to_contain_text("Salon", timeout=LOAD_WITHIN)
        assert "# on the counter\n[[readers]]" in file.read_text("utf-8")

        await page.get_by_test_id("change-readers-till").click()
        await page.get_by_test_id("field-zone").select_option("salon")
        await page.get_by_test_id("driver-baud").fill("19200")
        await page.get_by_test_id("settings-look").click()
        await expect(page.get_by_test_id("difference")).to_contain_text("baud = 19200", timeout=LOAD_WITHIN)
        await page.get_by_test_id("settings-apply-now").click()
        await expect(page.get_by_test_id("row-readers-till")).to_contain_text("Salon", timeout=LOAD_WITHIN)
        assert house.gateway.config.readers[0].zone == "salon"

        await page.get_by_test_id("change-zones-salon").click()
        await page.get_by_test_id("settings-remove").click()
        await page.get_by_test_id("settings-remove").click()
        await expect(page.get_by_test_id("settings-mistakes")).to_contain_text(
            "readers[till].zone", timeout=LOAD_WITHIN
        )
        await page.get_by_test_id("settings-cancel").click()

        await page.get_by_test_id("settings-undo").first.click()
        await expect(page.get_by_test_id("row-readers-till")).to_contain_text("Bar", timeout=LOAD_WITHIN)
        await page.get_by_test_id("settings-undo").last.click()
        await expect(page.get_by_test_id("row-zones-salon")).to_have_count(0, timeout=LOAD_WITHIN)
    assert file.read_text("utf-8") == VENUE.replace("PORT", "/nowhere/till")


async def test_a_reader_that_is_plugged_in_is_put_in_by_the_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "LISTENS", 0.3)
    monkeypatch.setattr(finding, "ASKED", (("m100", 115200),))
    file = tmp_path / "venue.toml"
    file.write_text(VENUE.replace("PORT", "/nowhere/till"), "utf-8")
    async with (
        SimulatedM100(tmp_path / "new") as new,
        served(tmp_path / "data", file=file) as house,
        chromium() as browser,
        tablet(browser) as page,
    ):
        ports(house, new.link)
        await house.hire("mei", roles=("manager", "it"))
        await sign_in(page, house.url, "mei", PIN)
        await go(page, "readers")
        await page.get_by_test_id("found-asks").check()
        await page.get_by_test_id("found-look").click()
        await expect(page.get_by_test_id("found-reader")).to_contain_text("m100", timeout=LOAD_WITHIN)
        found = await violations(page, "readers that were found")
        await page.get_by_test_id("found-add").click()
        await page.get_by_test_id("antennas-more").click()
        assert [*found, *await violations(page, "the form of a reader")] == []
        await page.get_by_test_id("antennas-gone-0").click()
        await page.get_by_test_id("role-inner").check()
        await page.get_by_test_id("field-zone").select_option("bar")
        await page.get_by_test_id("settings-look").click()
        await page.get_by_test_id("settings-leave").check()
        await page.get_by_test_id("settings-apply-now").click()
        await expect(page.get_by_test_id("found-put")).to_contain_text("m100-1", timeout=LOAD_WITHIN)
        card = page.get_by_test_id("reader-card-m100-1")
        await expect(card).to_have_attribute("data-state", "up", timeout=LOAD_WITHIN)
        new.present("30751FEB705C5904E3D50D70", -48)
        await expect(card).to_contain_text("0D70", timeout=LOAD_WITHIN)


async def test_what_is_wrong_has_a_card_and_its_button_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "FIRST_WAIT", 500.0)
    file = tmp_path / "venue.toml"
    file.write_text(VENUE.replace("PORT", str(tmp_path / "till")), "utf-8")
    async with (
        served(tmp_path / "data", file=file) as house,
        chromium() as browser,
        tablet(browser, locale="zh-CN") as page,
    ):
        await house.hire("mei", roles=("manager", "it"))
        await sign_in(page, house.url, "mei", PIN)
        await go(page, "setup/repairs")
        card = page.get_by_test_id("repair-reader_lost")
        await expect(card).to_contain_text("连不上 吧台 · till", timeout=LOAD_WITHIN)
        await expect(card).to_contain_text("没有这个设备")
        async with SimulatedEm4100(tmp_path / "till"):
            await page.get_by_test_id("mend-reader_lost").click()
            await expect(card).to_have_count(0, timeout=LOAD_WITHIN)
        assert house.running.keepers[0].state in ("up", "lost")
