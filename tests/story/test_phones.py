"""A phone is heard: from a publish to a broker to words on a tablet."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import paho.mqtt.publish as paho

from reader_drivers.simulated import SimulatedEspresense
from tests.mosquitto import mosquitto
from tests.reader_drivers.test_private_address import address
from tests.story.settings import APPS, PHONES, Place
from tests.story.venue import Guest, Venue, guest


async def test_a_phone_heard_by_a_node_behind_a_real_broker_is_a_card_and_walks_from_room_to_room(
    tmp_path: Path,
) -> None:
    with mosquitto() as broker:
        async with Venue(tmp_path, [PHONES], mqtt=broker.url) as venue:
            await venue.staff("anna")
            li, ward = guest("Li Na", associate="anna"), guest("Ada Ward", associate="anna")
            await venue.enrol(li, ward, consents=["recognise_phone"])
            rooms = SimulatedEspresense(broker.url, ["lounge", "bar"], every_s=0.15)
            async with await venue.tablet("anna") as anna, rooms:
                rooms.place(li.irk, "lounge", 1.0)
                arrived = (await anna.expect("visit.arrived", customer=li.id))["data"]
                assert (arrived["name"], arrived["zone"]) == ("Li Na", "lounge")
                alert = (await anna.expect("alert.opened", customer=li.id))["data"]
                assert (alert["card"]["name"], alert["to"]) == ("Li Na", ["anna"])
                rooms.remove(li.irk)
                rooms.place(li.irk, "bar", 1.0)
                moved = (await anna.expect("visit.moved", customer=li.id, within=40))["data"]
                assert (moved["zone"], moved["visit"]) == ("bar", arrived["visit"])
                assert venue.log.count("phones: lost") == 0

                broker.stop()
                lost = (await anna.expect("reader.lost", reader="phones"))["data"]
                assert lost["reason"]
                assert (await venue.health())["readers"] == {"phones": "lost"}
                broker.start()
                await anna.expect("reader.back", reader="phones", within=40)
                rooms.place(ward.irk, "bar", 1.0)
                await anna.expect("visit.arrived", customer=ward.id, within=40)
                assert (await venue.health())["status"] == "ok"


async def test_the_same_with_the_broker_that_the_gateway_brings(tmp_path: Path) -> None:
    async with Venue(tmp_path, [PHONES], mqtt="embedded") as venue:
        await venue.staff("anna")
        li = guest("Li Na", associate="anna")
        await venue.enrol(li)
        assert (await venue.health())["broker"] == "up"
        port = re.search(r"broker.*127\.0\.0\.1:(\d+)", venue.log)
        assert port, venue.tail()
        rooms = SimulatedEspresense(f"mqtt://127.0.0.1:{port[1]}", ["lounge", "bar"], every_s=0.15)
        async with await venue.tablet("anna") as anna, rooms:
            rooms.place(li.irk, "bar", 1.0)
            arrived = (await anna.expect("visit.arrived", customer=li.id))["data"]
            assert (arrived["name"], arrived["zone"]) == ("Li Na", "bar")
            assert (await anna.expect("alert.opened", customer=li.id))["data"]["card"]["name"] == "Li Na"


async def test_a_phone_that_says_when_it_comes_and_goes_is_believed_at_once(tmp_path: Path) -> None:
    with mosquitto() as broker:

        async def app(who: Guest, **message: object) -> None:
            topic = f"owntracks/{who.id}/phone" + ("/event" if message["_type"] == "transition" else "")
            told = {"tst": int(time.time()), "lat": 31.2304, "lon": 121.4737, **message}
            await asyncio.to_thread(paho.single, topic, json.dumps(told), 1, hostname="127.0.0.1", port=broker.port)

        async with Venue(tmp_path, [APPS], mqtt=broker.url) as venue:
            await venue.staff("anna")
            li = guest("Li Na", associate="anna")
            li.irk = f"owntracks:{li.id}/phone"
            await venue.enrol(li, consents=["recognise_phone"])
            await venue.eventually(venue.health, lambda health: health["readers"] == {"apps": "up"})
            async with await venue.tablet("anna") as anna:
                await app(li, _type="transition", event="enter", desc="Story")
                arrived = (await anna.expect("visit.arrived", customer=li.id))["data"]
                assert (arrived["zone"], arrived["reason"]) == ("lounge", "their phone says so, by apps")
                await app(li, _type="location", inregions=["Story bar"])
                assert (await anna.expect("visit.moved", customer=li.id))["data"]["zone"] == "bar"
                await app(li, _type="lwt")
                await app(li, _type="location")
                left = (await anna.expect("visit.departed", customer=li.id, within=40))["data"]
                assert left["reason"] == "their phone says that it has left, by apps"
            for file in venue.data.rglob("*"):
                assert not file.is_file() or b"31.2304" not in file.read_bytes()
            assert "31.2304" not in venue.log


async def test_a_key_that_was_written_backwards_knows_its_phone_where_it_is_heard_while_it_is_enrolled(
    tmp_path: Path,
) -> None:
    irk = bytes.fromhex("ec0234a357c8ad05341010a60a397d9b")
    with mosquitto() as broker:

        async def heard(number: int) -> None:
            told = {"addr": address(irk, number), "rssi": -58}
            await asyncio.to_thread(
                paho.single, "shelly/lounge", json.dumps(told), hostname="127.0.0.1", port=broker.port
            )

        place = Place("raw", "ble_gateway", "zone", "lounge", link="shelly")
        async with Venue(tmp_path, [place], mqtt=broker.url) as venue:
            await venue.staff("anna")
            li = guest("Li Na", associate="anna")
            li.irk = f"irk:{irk[::-1].hex()}"
            await venue.eventually(venue.health, lambda health: health["readers"] == {"raw": "up"})
            await heard(1)
            await venue.hears_once("raw")
            await venue.enrol(li, consents=["recognise_phone"])
            async with await venue.tablet("anna") as anna:
                advertising = asyncio.create_task(advertise(heard))
                assert (await anna.expect("visit.arrived", customer=li.id))["data"]["zone"] == "lounge"
                advertising.cancel()


async def advertise(heard: Callable[[int], Awaitable[None]]) -> None:
    """A phone that says its address ten times a second, and takes another one after each second."""
    number = 0
    while True:
        number += 1
        await heard(number // 10)
        await asyncio.sleep(0.1)
