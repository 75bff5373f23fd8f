"""Two brands under one roof: what a guest said to one counts in its zones, and to the other they are a stranger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.console.page_doors import LINK_HEADER
from gateway.settings.venue import BadConfig, VenueConfig
from reader_drivers import Sighting
from tests.console.served import FOB, PIN, Served, config, served
from tests.story.venue import answered

NAME = {"zh-CN": "馆", "en": "House"}


def two() -> VenueConfig:
    """A bar of the one, a lounge of the other, with a counter to tap at in each."""
    readers = [
        {"id": id_, "driver": "em4100", "link": f"/nowhere/{id_}", "role": "tap", "zone": zone}
        for id_, zone in (("counter", "bar"), ("desk", "lounge"))
    ]
    zones = [{"id": "bar", "name": NAME}, {"id": "lounge", "name": NAME, "brand": "lakeside"}]
    return config(zones=zones, readers=readers, privacy={"brands": ["maison", "lakeside"]}, places=[])


async def knows(house: Served) -> None:
    """Chen carries a fob, and has said nothing to either brand."""
    await house.hire("mei", roles=("manager",))
    boss = await house.client("manager")
    await answered(boss.put("/api/customers/chen", json={"name": "Chen"}))
    await answered(boss.post("/api/customers/chen/credentials", json={"identifier": FOB}))


async def says(house: Served, brand: str) -> None:
    boss = await house.client("manager", "mei")
    rows = await answered(boss.get(f"/api/customers/chen/purposes?brand={brand}"))
    stops = next(row["stops"] for row in rows if row["purpose"] == "recognise_tag")
    notice = {"id": "recognise_tag", "version": 1, "language": "en", "shown_at": "2026-01-01T00:00:00Z"}
    act = {"purpose": "recognise_tag", "act": "given", "method": "on_glass", "notice": notice, "lifts": stops}
    await answered(boss.post("/api/customers/chen/consents", json={**act, "brand": brand, "witness": "mei"}))


async def taps(house: Served, reader: str) -> list[str]:
    """The zones in which Chen is, after the fob was held to this reader."""
    house.gateway.see(Sighting(reader, None, FOB, None, None, house.now()))
    await house.gateway.settle()
    return [row["zone"] for row in await answered((await house.client("manager")).get("/api/present"))]


async def test_a_guest_of_the_one_is_a_stranger_in_the_zones_of_the_other(tmp_path: Path) -> None:
    async with served(tmp_path, two()) as house:
        await knows(house)
        assert await taps(house, "counter") == []
        await says(house, "lakeside")
        assert await taps(house, "counter") == []
        assert await answered((await house.client("manager")).get("/api/alerts")) == []
        assert await taps(house, "desk") == ["lounge"]
        await says(house, "maison")
        assert await taps(house, "counter") == ["bar"]


async def test_who_stops_with_the_brand_where_they_are_is_gone_from_there_and_known_to_the_other(
    tmp_path: Path,
) -> None:
    async with served(tmp_path, two()) as house:
        await knows(house)
        for brand in ("maison", "lakeside"):
            await says(house, brand)
        assert await taps(house, "counter") == ["bar"]
        boss = await house.client("manager")
        await answered(boss.delete("/api/customers/chen/consents/recognise_tag?brand=lakeside"))
        assert [row["zone"] for row in await answered(boss.get("/api/present"))] == ["bar"], "the other one's stop"
        await says(house, "maison")
        await answered(boss.delete("/api/customers/chen/consents/recognise_tag?brand=maison"))
        assert await answered(boss.get("/api/present")) == []
        assert await answered(boss.get("/api/alerts")) == []
        assert await taps(house, "counter") == []
        assert await taps(house, "desk") == []


async def test_their_own_page_has_a_row_for_each_brand_and_stops_the_one_alone(tmp_path: Path) -> None:
    async with served(tmp_path, two()) as house:
        await knows(house)
        for brand in ("maison", "lakeside"):
            await says(house, brand)
        boss = await house.client("manager")
        made = await answered(boss.post("/api/customers/chen/page-link"))
        mine = await house.client(**{LINK_HEADER: made["link"].partition("#")[2]})

        def tags(page: dict[str, Any]) -> dict[str, str]:
            return {row["brand"]: row["state"] for row in page["consents"] if row["purpose"] == "recognise_tag"}

        assert tags(await answered(mine.get("/api/me"))) == {"maison": "given", "lakeside": "given"}
        stopped = await answered(mine.post("/api/me/stop", json={"purpose": "recognise_tag", "brand": "lakeside"}))
        assert tags(stopped) == {"maison": "given", "lakeside": "ended"}
        assert await taps(house, "desk") == []
        assert await taps(house, "counter") == ["bar"]


async def test_who_asks_asks_for_the_brand_in_whose_zones_they_work_and_the_receipt_is_of_it(tmp_path: Path) -> None:
    async with served(tmp_path, two()) as house:
        boss = await house.client("manager")
        for name, zone in (("anna", "bar"), ("lin", "lounge")):
            await answered(boss.put(f"/api/staff/{name}", json={"name": name, "roles": ["floor"], "pin": PIN}))
            await answered(boss.post(f"/api/staff/{name}/shift", json={"zones": [zone]}))
        await knows(house)
        anna, lin = await house.client("floor", "anna"), await house.client("floor", "lin")
        notice = {"id": "keep_preferences", "version": 1, "language": "en", "shown_at": "2026-01-01T00:00:00Z"}
        act = {"purpose": "keep_preferences", "act": "given", "method": "on_glass", "notice": notice}
        said = await answered(lin.post("/api/customers/chen/consents", json=act))
        assert said["brand"] == "lakeside"

        async def stands(program: object) -> str:
            rows = await answered(program.get("/api/customers/chen/purposes"))  # type: ignore[attr-defined]
            return str(next(row["state"] for row in rows if row["purpose"] == "keep_preferences"))

        assert (await stands(lin), await stands(anna)) == ("alive", "never_asked")
        receipt = await answered(boss.get(f"/api/receipts/{said['receipt']}?as=json"))
        assert receipt["proof"]["core"]["brand"] == "lakeside"
        assert "keep_preferences" in receipt["proof"]["core"]["given"]


def test_a_brand_that_the_house_does_not_have_is_refused_in_words() -> None:
    with pytest.raises(
        BadConfig, match=r"zones\[bar\].brand = \"maisn\": expected one of privacy.brands; did you mean"
    ):
        config(zones=[{"id": "bar", "name": NAME, "brand": "maisn"}], privacy={"brands": ["maison"]}, readers=[])
