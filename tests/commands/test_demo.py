"""The demo: with the devices of any driver, customers really come."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest

from gateway.commands.demo_devices import DRIVERS, SOURCES, Hardware
from gateway.records import belonging
from gateway.records.store import Store
from gateway.settings.venue import parse
from reader_drivers import DRIVERS as ALL_DRIVERS
from reader_drivers.mqtt_link import Broker
from tests.commands.demo_process import PIN, demo
from tests.mosquitto import mosquitto
from tests.program import run
from tests.reader_drivers.contract import ANNA, CARRIED
from tests.reader_drivers.readers import Heard, until
from tests.story.tablet import Tablet

NAME = {"zh-CN": "厅", "en": "Room"}


def test_the_demo_has_a_device_for_every_driver() -> None:
    assert set(DRIVERS) == set(ALL_DRIVERS)


@pytest.mark.parametrize("places", [{"zone": "lounge"}, {"rooms": {"lounge": "lounge", "terrace": "lounge"}}])
@pytest.mark.parametrize("driver", DRIVERS)
async def test_what_the_demo_writes_for_a_driver_is_a_good_reader(
    driver: str, places: dict[str, Any], tmp_path: Path
) -> None:
    if "rooms" in places and driver not in SOURCES:
        places = {"zone": "lounge"}
    reader = {"id": "r", "driver": driver, "role": "zone", **places}
    async with AsyncExitStack() as stack:
        await Hardware(tmp_path).build(reader, stack)
        venue = {
            "venue": {"id": "v", "name": NAME},
            "mqtt": {"url": "embedded"},
            "zones": [{"id": "lounge", "name": NAME}],
            "readers": [reader],
        }
        assert parse(venue).readers[0].driver == driver


@pytest.mark.parametrize("name", SOURCES)
async def test_a_reader_with_a_zone_and_no_rooms_hears_its_own_source(name: str, tmp_path: Path) -> None:
    reader = {"id": "door", "driver": name, "role": "inner", "zone": "entrance"}
    made: Any = ALL_DRIVERS[name]
    with mosquitto() as server:
        embedded: Any = SimpleNamespace(
            url=server.url, reader_credentials=SimpleNamespace(username=None, password=None)
        )
        hardware = Hardware(tmp_path)
        async with AsyncExitStack() as stack:
            await hardware.build(reader, stack)
            await hardware.connect(embedded, stack)
            broker = await stack.enter_async_context(Broker(server.url))
            settings = made.settings.model_validate(reader.get("settings", {}))
            async with Heard(made("door", reader["link"], settings, broker)) as heard:
                await until(lambda: heard.batches)
                hardware.spots["door"].come(ANNA, "entrance", -50.0)
                await until(lambda: heard.sightings)
    assert {each.identifier for each in heard.sightings} <= CARRIED


async def sign_in(url: str, staff: str) -> str:
    """The cookie of a member of staff."""
    async with httpx2.AsyncClient(base_url=url, trust_env=False, timeout=30) as client:
        answer = await client.post("/api/sign-in", json={"staff": staff, "pin": PIN})
        assert answer.is_success, answer.text
        return "; ".join(f"{k}={v}" for k, v in answer.cookies.items())


async def first_card(url: str) -> dict[str, Any]:
    """The first card that is opened on Lina's tablet."""
    cookie = await sign_in(url, "lina")
    async with Tablet(f"{url}/live", {"Cookie": cookie}, name="lina's tablet") as tablet:
        opened = await tablet.expect("alert.opened", within=40)
        return dict(opened["data"])


@pytest.mark.timeout(120)
async def test_the_first_customer_comes_within_seconds_with_what_matters() -> None:
    with demo() as url:
        alert = await first_card(url)
    assert alert["customer"] == "chen-yulan"
    assert [p["value"] for p in alert["card"]["avoid"]] == ["花生"]
    assert alert["to"] == ["lina"]


@pytest.mark.timeout(120)
async def test_other_drivers_devices_bring_the_same_customer() -> None:
    changes = ("door=thingmagic", "door-outer=llrp", "counter=pn532", "lounge=theengs")
    with demo(*(word for change in changes for word in ("--reader", change))) as url:
        alert = await first_card(url)
    assert alert["customer"] == "chen-yulan"


def test_a_reader_or_driver_that_the_demo_does_not_have_is_named() -> None:
    ended = run("demo", "--reader", "dor=thingmagic")
    assert ended.code == 2
    assert "dor" in ended.err
    ended = run("demo", "--reader", "door=thingmagik")
    assert ended.code == 2
    assert "thingmagik" in ended.err


def test_invented_people_and_real_ones_never_share_a_folder(tmp_path: Path) -> None:
    real, invented = tmp_path / "real", tmp_path / "invented"
    for folder in (real, invented):
        Store.open(folder, source="/venues/v").close()
    belonging.mark_as_demo(invented)
    config = tmp_path / "venue.toml"
    config.write_text('[venue]\nid = "v"\nname = { en = "Venue" }\n', encoding="utf-8")

    ended = run("demo", "--data", real)
    assert ended.code == 1
    assert "a real house" in ended.err
    ended = run("serve", "--config", config, "--data", invented)
    assert ended.code == 1
    assert "invented people" in ended.err
