"""Whose phone sleeps is still here: screens say since when nothing was heard, and nothing rings when it wakes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.events.times import iso
from reader_drivers import Sensed, Sighting
from reader_drivers.json_messages import JsonMessages
from tests.console.served import Served, config, served
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="function")

KEYCHAIN = "ble:ac233f000001"
PHONE = "irk:00112233445566778899aabbccddeeff"


def at_a_door() -> Any:
    def reader(id_: str, role: str, zone: str) -> dict[str, str]:
        return {"id": id_, "driver": "em4100", "link": f"/nowhere/{id_}", "role": role, "zone": zone}

    return config(
        readers=[reader("street", "outer", "bar"), reader("door", "inner", "bar"), reader("lounge", "zone", "lounge")]
    )


def hears(house: Served, reader: str, seconds: float, identifier: str = KEYCHAIN) -> None:
    """One reader hears this thing twice a second, and time goes on."""
    for _ in range(int(seconds * 2)):
        house.ahead += 0.5
        house.gateway.see(Sighting(reader, None, identifier, -60.0, None, house.now()))
        house.gateway.pulse(house.now())


def comes_in(house: Served, identifier: str = KEYCHAIN) -> None:
    for reader, seconds in (("street", 8), ("door", 4), ("lounge", 50)):
        hears(house, reader, seconds, identifier)


async def test_staff_see_since_when_somebody_is_quiet_and_nothing_rings_when_they_are_heard_again(
    tmp_path: Path,
) -> None:
    async with served(tmp_path, at_a_door()) as house:
        await house.hire("anna")
        await house.enrol("chen", KEYCHAIN)
        boss = await house.client("manager")
        await answered(boss.post("/api/customers/chen/consents", json={"purpose": "recognise_phone"}))
        anna = await house.client("floor", "anna")
        header = {"Authorization": f"Bearer {await house.token('floor', 'anna')}"}
        technician = {"Authorization": f"Bearer {await house.token('it')}"}
        comes_in(house)
        heard_last = house.now()
        async with house.tablet(header) as tablet, house.tablet(technician) as equipment:
            assert tablet.state["present"][0]["quiet_since"] is None
            house.ahead += 180.0
            house.gateway.pulse(house.now())
            tick = await tablet.tick()
            (here,) = await answered(anna.get("/api/present"))
            assert here["quiet_since"][:19] == iso(heard_last)[:19]
            assert tick["quiet"] == {here["visit"]: here["quiet_since"]}
            assert (await equipment.tick())["quiet"] is None, "who looks after equipment alone learns of nobody"
            page = await answered(anna.get("/api/customers/chen"))
            assert page["presence"]["quiet_since"] == here["quiet_since"]
            async with house.tablet(header) as fresh:
                assert fresh.state["present"][0]["quiet_since"] == here["quiet_since"]
            told = len(tablet.events)
            hears(house, "lounge", 20)
            assert (await tablet.tick())["quiet"] == {}
            rings = [e["type"] for e in tablet.events[told:] if e["type"].startswith(("visit.", "alert.opened"))]
            assert not rings, "nothing has happened, and nothing rings"
            assert (await answered(anna.get("/api/present")))[0]["quiet_since"] is None


async def test_behind_a_door_that_has_not_opened_a_silent_phone_is_quiet_and_not_gone(tmp_path: Path) -> None:
    place = {"driver": "em4100", "zone": "lounge", "role": "zone", "link": "/nowhere/lounge"}
    contact = {"driver": "json", "link": "zigbee2mqtt/door", "zone": "bar", "role": "inner"}
    settings = config(
        mqtt={"url": "mqtt://127.0.0.1:9"},
        readers=[
            {"id": "door", **place, "zone": "bar", "role": "inner", "link": "/nowhere/door"},
            {"id": "lounge", **place},
            {"id": "contact", **contact, "settings": {"kind": "contact"}},
        ],
    )
    async with served(tmp_path, settings) as house:
        await house.enrol("chen", KEYCHAIN)
        boss = await house.client("manager")
        await answered(boss.post("/api/customers/chen/consents", json={"purpose": "recognise_phone"}))
        contact_says = JsonMessages.decoder("contact", JsonMessages.Settings(kind="contact"))

        def door(payload: bytes) -> None:
            for found in contact_says.message("zigbee2mqtt/door", payload, house.now()):
                assert isinstance(found, Sensed)
                house.gateway.see(found)

        house.gateway.memory.presence.reader_back("contact", house.now())
        door(b'{"contact": false}')
        hears(house, "door", 4)
        door(b'{"contact": true}')
        hears(house, "lounge", 50)
        for reader in ("door", "lounge"):
            house.gateway.memory.presence.reader_back(reader, house.now())

        async def here() -> list[Any]:
            house.ahead += 200.0
            house.gateway.pulse(house.now())
            house.gateway.pulse(house.now())
            return list(await answered(boss.get("/api/present")))

        assert [each["quiet_since"] is not None for each in await here()] == [True]
        door(b'{"contact": false}')
        assert await here() == [], "somebody has gone out, and they were silent"


async def test_who_was_only_tapped_in_is_not_called_quiet(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await house.hire("anna")
        await house.enrol("chen")
        house.tap()
        house.ahead += 300.0
        house.gateway.pulse(house.now())
        anna = await house.client("floor", "anna")
        assert (await answered(anna.get("/api/present")))[0]["quiet_since"] is None


async def test_a_phone_that_falls_silent_again_and_again_is_advised_once_and_quietly(tmp_path: Path) -> None:
    async with served(tmp_path, at_a_door()) as house:
        await house.hire("anna", "ben")
        await house.hire("mei", roles=("manager",))
        await house.enrol("chen", PHONE, associate="anna")
        boss = await house.client("manager")
        await answered(boss.post("/api/customers/chen/consents", json={"purpose": "recognise_phone"}))
        anna, mei = [{"Authorization": f"Bearer {await house.token('floor', n)}"} for n in ("anna", "mei")]
        async with house.tablet(anna) as tablet, house.tablet(mei) as manager:
            comes_in(house, PHONE)
            arrival = (await tablet.expect("alert.opened", kind="arrival"))["data"]
            await answered(boss.post(f"/api/alerts/{arrival['alert']}/close", json={"outcome": "greeted"}))
            for reader in ("street", "door", "lounge"):
                house.gateway.memory.presence.reader_back(reader, house.now())
            for _ in range(5):
                house.ahead += 200.0
                hears(house, "lounge", 30, identifier=PHONE)
            advice = (await tablet.expect("alert.opened", kind="mute_phone"))["data"]
            assert (advice["to"], advice["customer"]) == (["anna"], "chen")
            assert advice["about"]["minutes"] >= 9
            house.ahead += 130.0
            house.gateway.pulse(house.now())
            await tablet.tick()
            assert len(tablet.seen("alert.opened", kind="mute_phone")) == 1
            assert not tablet.seen("alert.escalated", kind="mute_phone"), "it waits for Anna and troubles nobody else"
            assert not manager.seen("alert.escalated", kind="mute_phone")
