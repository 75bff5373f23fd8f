"""What a club holds for its guest: on the sheet of who agreed, and on their own phone with an answer and a code."""

from __future__ import annotations

import asyncio
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import expect

from gateway.joined import boxes, signing
from tests.browser.chromium import PHONE, chromium, sign_in, tablet
from tests.browser.test_access import violations
from tests.club.given import PROGRAMMES, TEXT
from tests.club.test_doors import BRANDS
from tests.console.served import PIN, Served
from tests.hub.program import Program
from tests.joined.houses import house_of, sent
from tests.story.venue import answered

pytestmark = pytest.mark.timeout(150)
NAMED = TEXT.replace('id = "riverside"', 'id = "riverside"\nname = { zh-CN = "江畔会", en = "Riverside" }')


async def invited(house: Served) -> str:
    """Chen has 1,240 points and an invitation; its id."""
    boss = await house.client("manager")
    await house.enrol("chen")
    for purpose in ("club_points", "invitations"):
        await answered(boss.post("/api/customers/chen/consents", json={"purpose": purpose}))
    await sent(house)
    member = (await answered(boss.get("/api/customers/chen/points")))["member"]
    earn = {"id": "e", "kind": "earn", "member": member, "partner": "norden", "amount_cents": 1_240_000}
    await answered(boss.post("/api/club/transfers", json=earn))
    begins = datetime.now(UTC) + timedelta(days=4)
    days = {"from": begins.isoformat(), "until": (begins + timedelta(hours=3)).isoformat()}
    title = {"zh-CN": "茶会", "en": "Tea"}
    made = await answered(boss.post("/api/gatherings", json={"kind": "tasting", "title": title, "seats": 8, **days}))
    at = f"/api/gatherings/{made['id']}"
    named = {"customer": "chen", "reason": "You like tea"}
    invitation: str = (await answered(boss.post(f"{at}/invitations", json=named)))["id"]
    await answered(boss.post(f"{at}/open"))
    return invitation


async def test_a_guest_answers_on_their_phone_and_shows_a_code_and_staff_see_the_points(tmp_path: Path) -> None:
    (tmp_path / "hub").mkdir()
    hub = Program(tmp_path / "hub", brands=BRANDS)
    (tmp_path / "hub" / "club.toml").write_text(PROGRAMMES + NAMED)
    await asyncio.to_thread(hub.start)
    folder = tmp_path / "venue"
    folder.mkdir(mode=0o700)
    code = await asyncio.to_thread(hub.invite, "north-store", "--brand", "norden")
    keys, now = boxes.new_keys(), time.time()
    boxes.keep(folder, await signing.join(hub.url, code, "north-store", "", keys, context=None, now=now))
    club = {"points": True, "gatherings": True}
    async with house_of(hub, folder, "north-store", hub={"brand": "norden"}, club=club) as house, chromium() as browser:
        invitation = await invited(house)
        await house.hire("mei", roles=("manager",))
        boss = await house.client("manager")
        link = (await answered(boss.post("/api/customers/chen/page-link")))["link"]
        await answered(boss.put("/api/customers/chen/page-digits", json={"digits": "718204"}))
        async with tablet(browser, size=PHONE) as phone:
            await phone.goto(link)
            await expect(phone.get_by_test_id("points")).to_contain_text("1,240 points")
            await expect(phone.get_by_test_id("show-code")).to_have_count(0)
            asked = phone.get_by_test_id(f"invitation-{invitation}")
            await expect(asked).to_contain_text("Because: You like tea")
            await phone.get_by_test_id(f"bring-{invitation}").select_option("1")
            await phone.get_by_test_id(f"accept-{invitation}").click()
            await expect(asked).to_contain_text("You said that you come · with 1 more")
            await phone.locator("input[inputmode=numeric]").fill("718204")
            await phone.keyboard.press("Enter")
            await phone.get_by_test_id("show-code").click()
            await expect(phone.get_by_test_id("code")).to_have_text(re.compile(r"^\d{4} \d{4}$"))
            assert await violations(phone, "a code is shown") == []
            assert not await phone.evaluate("document.documentElement.scrollWidth > innerWidth")
        async with tablet(browser) as page:
            await sign_in(page, house.url, "mei", PIN)
            await page.goto(f"{house.url}/#/customer/chen")
            await page.get_by_test_id("open-sheet-chen").click()
            await expect(page.get_by_test_id("points")).to_contain_text("Riverside 1,240 pts")
    await asyncio.to_thread(hub.stop)
