"""From venue.toml to a driver: what the venue knows is handed on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.events import venue_time
from gateway.operations.drivers import make_driver
from gateway.settings.venue import parse
from reader_drivers import ReaderLost
from reader_drivers.mqtt_link import Broker
from reader_drivers.phone.private_address import Resolver

NAME = {"zh-CN": "厅", "en": "Lounge"}
BROKER = Broker("mqtt://127.0.0.1:1")  # never opened


def reader(**facts: Any) -> Any:
    """One configured reader."""
    venue = {
        "venue": {"id": "v", "name": NAME},
        "mqtt": {"url": "embedded"},
        "zones": [{"id": "lounge", "name": NAME}],
        "readers": [{"id": "phones", "role": "zone", **facts}],
    }
    return parse(venue, Path("venue.toml")).readers[0]


def test_a_driver_of_rooms_is_told_the_venues_rooms_so_that_it_misses_a_silent_one() -> None:
    config = reader(driver="espresense", link="espresense", rooms={"foyer": "lounge", "bar": "lounge"})
    driver: Any = make_driver(config, BROKER)
    decoder = driver.decoder("phones", driver._settings)
    assert "foyer" in (decoder.quiet(decoder.rooms._since + 3600) or "")


def test_phones_under_private_addresses_are_known_to_the_drivers_that_hear_addresses() -> None:
    resolver = Resolver(dict)
    for name in ("ble_gateway", "theengs"):
        driver: Any = make_driver(reader(driver=name, link="home", zone="lounge"), BROKER, resolver=resolver)
        assert driver.resolver is resolver


async def test_without_a_broker_the_reader_is_lost_with_the_reason() -> None:
    driver = make_driver(reader(driver="theengs", link="home", zone="lounge"), None, "mosquitto is not installed")
    with pytest.raises(ReaderLost, match="mosquitto is not installed"):
        _ = [batch async for batch in driver.listen()]


def test_a_device_that_tells_the_time_of_day_tells_the_venues() -> None:
    venue_time.use("America/New_York")
    settings = {"identifier": "uid", "scheme": "nfc", "time": "Time"}
    config = reader(driver="json", link="rfid", zone="lounge", settings=settings)
    driver: Any = make_driver(config, BROKER)
    payload = b'{"uid": "94D8FC5F", "Time": "2026-11-28T14:03:07"}'
    [first] = driver._decoder().read("rfid", payload, 1_795_892_588.0)
    assert first.at == pytest.approx(1_795_892_587.0, abs=1)
