"""A consent holds to the end of its last day, and that day is the venue's."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gateway.records import exchange
from tests.console.served import FOB, config, served
from tests.story.venue import answered

ZONES = ["Pacific/Kiritimati", "Pacific/Pago_Pago", "America/New_York"]
NAME = {"zh-CN": "馆", "en": "House"}


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("door", ["page", "file"])
async def test_who_agreed_until_today_is_recognised_until_midnight_there(tmp_path: Path, zone: str, door: str) -> None:
    settings = config(venue={"id": "house", "name": NAME, "timezone": zone})
    async with served(tmp_path, settings) as house:
        await house.hire("anna")
        there = datetime.fromtimestamp(house.now(), ZoneInfo(zone))
        today = there.date().isoformat()
        boss = await house.client("manager")
        if door == "page":
            await answered(boss.put("/api/customers/chen", json={"name": "Chen"}))
            await answered(boss.post("/api/customers/chen/credentials", json={"identifier": FOB}))
            consent = {"purpose": "recognise_tag", "expires": today}
            await answered(boss.post("/api/customers/chen/consents", json=consent))
        else:
            header = ",".join(exchange.COLUMNS)
            rows = f"{header}\nchen,Chen,,,,,,{FOB},recognise_tag@{today}\n"
            sent = await boss.post("/api/imports", content=rows.encode(), headers={"Content-Type": "text/csv"})
            assert sent.is_success, sent.text
        midnight = (there + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        evening = midnight.timestamp() - house.now() - 20
        house.ahead = evening + 30
        house.tap()
        assert await answered(boss.get("/api/present")) == []
        assert await answered(boss.get("/api/customers/chen/consents")) == []
        house.ahead = evening
        house.tap()
        assert [row["customer"] for row in await answered(boss.get("/api/present"))] == ["chen"]


async def test_a_time_that_names_no_zone_is_the_time_of_day_in_the_venue(tmp_path: Path) -> None:
    settings = config(venue={"id": "house", "name": NAME, "timezone": "America/New_York"})
    async with served(tmp_path, settings) as house:
        await house.hire("anna")
        await house.enrol("chen")
        boss = await house.client("manager")
        promise = {"text": "a table", "owner": "anna", "due": "2030-07-01T18:00"}
        made = await answered(boss.post("/api/customers/chen/promises", json=promise))
        assert made["due"] == "2030-07-01T22:00:00.000Z"
