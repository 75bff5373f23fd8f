"""What a guest carries has no brand: it serves each brand that they agreed with, and is nothing to any other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.recognition.moments import Moment
from gateway.settings.venue import VenueConfig
from reader_drivers import Sighting
from tests.console.served import Served, config, served
from tests.console.test_brands import NAME
from tests.story.venue import answered

TAG, PHONE, FOB = "epc:3034F10A5C0E400000000001", "ble:a4c138000001", "em:0700C4A91E"


def two() -> VenueConfig:
    """A bar of the one and a lounge of the other, each with a reader of tags, phones, taps and one before its door."""
    roles = {"reader": "zone", "phones": "zone", "desk": "tap", "door": "outer"}
    readers = [
        {"id": f"{zone}-{id_}", "driver": "m100", "link": f"/nowhere/{zone}-{id_}", "role": role, "zone": zone}
        for zone in ("bar", "lounge")
        for id_, role in roles.items()
    ]
    zones = [{"id": "bar", "name": NAME}, {"id": "lounge", "name": NAME, "brand": "lakeside"}]
    return config(zones=zones, readers=readers, privacy={"brands": ["maison", "lakeside"]}, places=[])


async def knows(house: Served, *brands: str) -> None:
    """Chen carries a tag, a fob and a phone, and agrees with these brands to be recognised by each."""
    await house.hire("mei", "anna", roles=("manager", "floor"))
    boss = await house.client("manager", "mei")
    await answered(boss.put("/api/customers/chen", json={"name": "Chen", "associate": "anna"}))
    for carried in (TAG, PHONE, FOB):
        await answered(boss.post("/api/customers/chen/credentials", json={"identifier": carried}))
    for brand in brands:
        await says(house, "recognise_tag", brand)
        await says(house, "recognise_phone", brand)


async def says(house: Served, purpose: str, brand: str) -> None:
    boss = await house.client("manager", "mei")
    notice = {"id": purpose, "version": 1, "language": "en", "shown_at": "2026-01-01T00:00:00Z"}
    act = {"purpose": purpose, "act": "given", "method": "on_glass", "notice": notice, "witness": "mei"}
    await answered(boss.post("/api/customers/chen/consents", json={**act, "brand": brand}))


HOW = {"tag": ("reader", TAG), "phone": ("phones", PHONE), "tap": ("desk", FOB)}


async def heard(
    house: Served, reader: str, identifier: str, rssi: float | None = -50.0, seconds: int = 40
) -> list[str]:
    """The zones in which Chen is, after a reader has heard something of theirs for so long."""
    for _ in range(seconds):
        house.ahead += 1
        at = house.now()
        house.gateway.see(Sighting(reader, None, identifier, rssi, None, at))
        house.gateway.pulse(at)
    await house.gateway.settle()
    return [row["zone"] for row in await answered((await house.client("manager")).get("/api/present"))]


async def told(house: Served) -> list[str]:
    """The types of what the journal says of anybody's coming and going, and of cards."""
    await house.gateway.store.write(lambda tx: None)
    events = house.gateway.journal.since(0) or []
    return [each.type for each in events if each.type.startswith(("visit.", "alert."))]


@pytest.mark.parametrize("how", [*HOW])
async def test_what_was_given_under_one_brand_serves_each_that_was_agreed_with_and_no_other(
    tmp_path: Path, how: str
) -> None:
    reader, identifier = HOW[how]
    async with served(tmp_path, two()) as house:
        await knows(house, "maison")
        assert await heard(house, f"lounge-{reader}", identifier) == []
        assert await told(house) == [], "no arrival, no hint, no card"
        assert await heard(house, f"bar-{reader}", identifier) == ["bar"]
        assert await heard(house, f"lounge-{reader}", identifier, seconds=5) == ["bar"], (
            "and they are not followed there"
        )
        await says(house, "recognise_tag", "lakeside")
        await says(house, "recognise_phone", "lakeside")
        assert await heard(house, f"lounge-{reader}", identifier) == ["lounge"]


@pytest.mark.parametrize("how", ["tag", "phone"])
async def test_before_the_door_of_a_brand_that_they_have_not_agreed_with_nobody_gets_a_hint(
    tmp_path: Path, how: str
) -> None:
    identifier = HOW[how][1]
    async with served(tmp_path, two()) as house:
        await knows(house, "maison")
        await heard(house, "lounge-door", identifier, -60.0, 20)
        assert await told(house) == []
        await heard(house, "bar-door", identifier, -60.0, 20)
        assert "visit.hinted" in await told(house)


async def test_who_is_believed_to_have_walked_on_to_the_other_brand_is_here_no_more_and_goes_on_when_back(
    tmp_path: Path,
) -> None:
    """A reader of the lounge hears through the wall, and by what rooms have taught the guest is in the bar."""
    async with served(tmp_path, two()) as house:
        await knows(house, "lakeside")
        said: list[Moment] = []
        real = house.gateway.moment

        def keeps(moment: Moment, now: float) -> None:
            said.append(moment)
            real(moment, now)

        house.gateway.moment = keeps  # type: ignore[method-assign]
        assert await heard(house, "lounge-reader", TAG) == ["lounge"]
        arrived = next(each for each in said if each.kind == "arrived")
        for kind in ("hinted", "moved"):
            house.gateway.moment(replace(arrived, kind=kind, zone="bar", at=house.now()), house.now())
        await house.gateway.settle()
        assert await answered((await house.client("manager")).get("/api/present")) == []
        events = house.gateway.journal.since(0) or []
        assert not [each for each in events if each.type.startswith("visit.") and each.data.get("zone") == "bar"]
        assert (await told(house)).count("visit.departed") == 1
        assert await heard(house, "lounge-reader", TAG) == ["lounge"]
        visits = {each.data["visit"] for each in events if each.type == "visit.arrived"}
        assert visits == {arrived.visit}, "they are not greeted anew"
        house.gateway.moment(replace(arrived, visit="another", zone="bar", at=house.now()), house.now())
        assert await answered((await house.client("manager")).get("/api/present")) == []


async def test_a_tag_and_a_phone_are_asked_for_by_themselves(tmp_path: Path) -> None:
    async with served(tmp_path, two()) as house:
        await knows(house)
        await says(house, "recognise_tag", "lakeside")
        await says(house, "recognise_phone", "maison")
        for zone, reader, identifier in (("lounge", "phones", PHONE), ("bar", "reader", TAG), ("bar", "desk", FOB)):
            assert await heard(house, f"{zone}-{reader}", identifier) == []
        assert await told(house) == []
        assert await heard(house, "lounge-desk", FOB) == ["lounge"]
        assert await heard(house, "bar-phones", PHONE) == ["bar"]
