"""What an older version left behind is listed, has a day on which it ends, and is told before that."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.consent.days import WITHOUT_NOTICE
from gateway.console import programs
from gateway.events.times import DAY, iso
from tests.console.served import Served, config, served
from tests.program import moments
from tests.records import happening as h
from tests.story.venue import answered


async def _listed(house: Served) -> dict[str, dict[str, Any]]:
    await house.gateway.settle()
    await house.gateway.store.write(lambda tx: None)
    rows = await answered((await house.client("manager")).get("/api/tokens"))
    return {row["role"]: row for row in rows}


def _day(house: Served, days: int) -> str:
    return (datetime.fromtimestamp(house.now(), UTC) + timedelta(days=days)).date().isoformat()


async def test_a_program_from_before_there_were_ends_is_told_of_and_turned_away_after_some_weeks(
    tmp_path: Path,
) -> None:
    async with served(tmp_path) as before:  # as an older version made it: a role, and neither scopes nor an end
        old = await before.token("integration")
        assert (await _listed(before))["integration"]["until"] is None
    async with served(tmp_path) as house:
        await house.hire("mei", roles=("manager",))
        boss = await house.client("manager")
        await answered(boss.post("/api/tokens", json={"scopes": ["read:presence"], "name": "till"}))
        rows = await answered(boss.get("/api/tokens"))
        was = next(row for row in rows if row["role"] == "integration" and row["whole"])
        (new,) = (row for row in rows if row["name"] == "till")
        ends = _day(house, programs.GRACE)
        assert (was["from_before"], was["until"][:10], new["from_before"]) == (True, ends, False)
        told = (await answered(boss.get("/health")))["ahead"]
        assert any("from before tokens had an end" in why and ends in why for why in told), told
        noticed = await answered(boss.get("/api/security"))
        told = [(row["what"], row["until"][:10]) for row in noticed if row["type"] == "token.limited"]
        assert sorted(told) == [("integration", ends), ("manager", ends)]
        assert ends in (await moments("token", "list", "--data", house.gateway.store.folder)).out
        program = await house.client(Authorization=f"Bearer {old}")
        assert (await program.get("/api/present")).status_code == 200, "it goes on until then"
    async with served(tmp_path) as again:
        whole = [row for row in await answered((await again.client("manager")).get("/api/tokens")) if row["whole"]]
        assert {row["until"][:10] for row in whole if row["until"]} == {ends}, "a start that follows gives no more time"
        program = await again.client(Authorization=f"Bearer {old}")
        assert (await program.get("/api/present")).status_code == 200
        again.ahead = programs.GRACE * DAY + 60
        assert (await program.get("/api/present")).status_code == 401


async def test_the_list_of_erasures_that_is_not_where_it_should_be_is_told_in_health(tmp_path: Path) -> None:
    away = tmp_path / "stick"
    async with served(tmp_path / "data", config(backup={"erasures": [str(away)]})) as house:
        anybody = await house.client()

        async def told() -> list[str]:
            return [each for each in (await answered(anybody.get("/health")))["why"] if str(away) in each]

        async with asyncio.timeout(40):
            while not (why := await told()):
                await asyncio.sleep(0.02)
        assert "no such folder" in why[0]


async def test_a_consent_of_which_nobody_knows_the_text_counts_no_longer_because_an_older_version_took_it(
    tmp_path: Path,
) -> None:
    async with served(tmp_path) as house:
        boss, now = await house.client("manager"), house.now()
        for name in ("chen", "hale"):
            await answered(boss.put(f"/api/customers/{name}", json={"name": name.capitalize()}))
        # As an older version wrote it: for two years, and with no word of what was read; the other one with its text.
        notice = {
            "id": "keep_preferences",
            "version": 1,
            "language": "en",
            "hash": "sha256:00",
            "shown_at": iso(now - DAY),
        }
        long: dict[str, Any] = {"at": now - DAY, "expires": now + 700 * DAY, "purpose": "keep_preferences"}
        for name, read in (("chen", None), ("hale", notice)):
            await house.gateway.record([h.granted(house.whose(name), notice=read, **long)], "tests")
        (bare,) = await answered(boss.get("/api/customers/chen/consents"))
        (whole,) = await answered(boss.get("/api/customers/hale/consents"))
        assert (bare["last_day"], bare["renew"]) == (_day(house, WITHOUT_NOTICE), True)
        assert whole["last_day"] > _day(house, 600)
        assert [row["id"] for row in await answered(boss.get("/api/consents/renewals"))] == ["chen"]
        house.ahead = (WITHOUT_NOTICE + 1) * DAY
        assert await answered(boss.get("/api/customers/chen/consents")) == []
        assert len(await answered(boss.get("/api/customers/hale/consents"))) == 1
