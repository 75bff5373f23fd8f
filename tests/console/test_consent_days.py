"""A consent holds to the end of its last day, and that day is the venue's."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gateway.records import exchange
from tests.console.served import FOB, Served, config, served
from tests.program import moments
from tests.story.venue import answered

OTHER = "em:0700C4A91F"
ZONES = ["Pacific/Kiritimati", "Pacific/Pago_Pago", "America/New_York"]
NAME = {"zh-CN": "馆", "en": "House"}


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("door", ["page", "file"])
async def test_who_agreed_until_today_is_recognised_until_midnight_there(tmp_path: Path, zone: str, door: str) -> None:
    settings = config(venue={"id": "house", "name": NAME, "timezone": zone})
    async with served(tmp_path, settings) as house:
        await house.hire("anna")
        there = datetime.fromtimestamp(house.now(), ZoneInfo(zone))
        for customer, fob in (("chen", FOB), ("wu", OTHER)):
            await _agrees(house, door, customer, fob, until=there.date().isoformat())
        boss = await house.client("manager")
        midnight = (there + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        evening = midnight.timestamp() - house.now() - 20
        house.ahead = evening
        house.tap()
        assert [row["customer"] for row in await answered(boss.get("/api/present"))] == ["chen"]
        house.ahead = evening + 30
        house.tap(OTHER)
        assert "wu" not in [row["customer"] for row in await answered(boss.get("/api/present"))]
        assert await answered(boss.get("/api/customers/wu/consents")) == []
        house.ahead = evening  # a gateway that starts after midnight knows nobody of them


async def _agrees(house: Served, door: str, customer: str, fob: str, until: str) -> None:
    boss, page = await house.client("manager"), f"/api/customers/{customer}"
    if door == "page":
        await answered(boss.put(page, json={"name": customer.capitalize()}))
        await answered(boss.post(f"{page}/credentials", json={"identifier": fob}))
        consent = {"purpose": "recognise_tag", "expires": until}
        await answered(boss.post(f"{page}/consents", json=consent))
        return
    rows = f"{','.join(exchange.COLUMNS)}\n{customer},{customer.capitalize()},,,,,,{fob},recognise_tag@{until}\n"
    sent = await boss.post("/api/imports", content=rows.encode(), headers={"Content-Type": "text/csv"})
    assert sent.is_success, sent.text


@pytest.mark.parametrize("zone", ZONES)
async def test_a_file_that_is_imported_before_the_first_start_is_read_with_the_venues_days(
    tmp_path: Path, zone: str
) -> None:
    data, file, settings = tmp_path / "data", tmp_path / "people.csv", tmp_path / "venue.toml"
    settings.write_text(f'[venue]\nid = "house"\nname = {{ en = "House" }}\ntimezone = "{zone}"\n')
    day = datetime.now(ZoneInfo(zone)).date() + timedelta(days=30)
    file.write_text(f"{','.join(exchange.COLUMNS)}\nchen,Chen,,,,,,{FOB},recognise_tag@{day}\n")
    done = await moments("customers", "import", file, "--config", settings, "--data", data)
    assert done.code == 0, done
    there = await moments("customers", "export", "--config", settings, "--data", data)
    assert f"recognise_tag@{day}" in there.out
    async with served(data, config(venue={"id": "house", "name": NAME, "timezone": zone})) as house:
        (consent,) = await answered((await house.client("manager")).get("/api/customers/chen/consents"))
    assert datetime.fromisoformat(consent["expires"]).astimezone(ZoneInfo(zone)).strftime("%F %T") == (
        f"{day + timedelta(days=1)} 00:00:00"
    )
    assert f"recognise_tag@{day}" in (await moments("customers", "export", "--data", data)).out


async def test_a_time_that_names_no_zone_is_the_time_of_day_in_the_venue(tmp_path: Path) -> None:
    settings = config(venue={"id": "house", "name": NAME, "timezone": "America/New_York"})
    async with served(tmp_path, settings) as house:
        await house.hire("anna")
        await house.enrol("chen")
        boss = await house.client("manager")
        promise = {"text": "a table", "owner": "anna", "due": "2030-07-01T18:00"}
        made = await answered(boss.post("/api/customers/chen/promises", json=promise))
        assert made["due"] == "2030-07-01T22:00:00.000Z"
