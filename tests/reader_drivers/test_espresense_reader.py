"""The ESPresense driver against nodes at a real mosquitto."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reader_drivers.mqtt_link import Broker
from reader_drivers.phone.espresense import Espresense
from reader_drivers.simulated import SimulatedEspresense
from tests.mosquitto import Mosquitto, mosquitto
from tests.reader_drivers.readers import Heard, until

PHONE = "irk:0123456789abcdef0123456789abcdef"
UUID = "00b67fe9-b8e5-491e-b697-8fc0bf2c3eca"


@pytest.fixture
def server() -> Iterator[Mosquitto]:
    with mosquitto() as running:
        yield running


def driver(broker: Broker, prefix: str = "espresense", name: str = "ble") -> Espresense:
    return Espresense(name, prefix, Espresense.Settings(), broker)


def nodes(server: Mosquitto, prefix: str = "espresense") -> SimulatedEspresense:
    return SimulatedEspresense(server.url, ["foyer", "lounge"], prefix=prefix, every_s=0.05, telemetry_s=0.2)


async def test_a_phone_is_heard_by_the_rooms_around_it_and_nearest_in_its_own(server: Mosquitto) -> None:
    async with Broker(server.url) as broker, nodes(server) as venue:
        ble = driver(broker)
        async with Heard(ble) as heard:
            await until(lambda: heard.batches)
            assert heard.sightings == []
            venue.place(PHONE, "foyer", 1.5)
            venue.place(f"iBeacon:{UUID}-7-9", "lounge", 1.0)
            venue.place("apple:1005:9-24", "foyer", 1.0)
            await until(lambda: len(heard.sightings) >= 60)
            assert ble.status.quiet is None
            assert ble.status.sightings == len(heard.sightings)
    assert {each.identifier for each in heard.sightings} == {PHONE, f"ibeacon:{UUID}-7-9"}
    own, other = (
        [each for each in heard.sightings if each.identifier == PHONE and each.antenna == room]
        for room in ("foyer", "lounge")
    )
    assert sum(e.rssi or 0 for e in own) / len(own) > sum(e.rssi or 0 for e in other) / len(other) + 8
    assert sum(e.distance or 0 for e in own) / len(own) < sum(e.distance or 0 for e in other) / len(other)
    assert not ble.status.rejected


async def test_a_node_that_loses_its_power_makes_its_room_deaf_until_it_is_back(server: Mosquitto) -> None:
    async with Broker(server.url) as broker, nodes(server) as venue:
        ble = driver(broker)
        async with Heard(ble):
            await until(lambda: ble.status.frames >= 4)
            assert ble.status.quiet is None
            await venue.drop("lounge")
            await until(lambda: ble.status.quiet)
            assert ble.status.quiet == "lounge is offline"
            venue.start("lounge")
            await until(lambda: ble.status.quiet is None)


async def test_a_retained_sighting_greets_nobody(server: Mosquitto) -> None:
    async with Broker(server.url) as broker:
        ble = driver(broker)
        async with Heard(ble) as heard:
            await until(lambda: heard.batches)
            body = '{"id":"anna","rssi":-60}'
            await broker.publish("espresense/devices/anna/foyer", body, retain=True)
            await until(lambda: heard.sightings)
        again = driver(broker)
        async with Heard(again) as heard:
            await until(lambda: again.status.frames)
            await broker.publish("espresense/devices/anna/lounge", body)
            await until(lambda: heard.sightings)
        assert [each.antenna for each in heard.sightings] == ["lounge"]


async def test_nonsense_is_counted_by_kind_and_secrets_are_not_asked_for(
    server: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    async with Broker(server.url) as broker:
        ble = driver(broker)
        async with Heard(ble) as heard:
            await until(lambda: heard.batches)
            await broker.publish("espresense/rooms/foyer/known_irks", "irk:secret")
            await broker.publish(f"espresense/settings/{PHONE}/config", '{"id":"anna"}')
            await broker.publish(f"espresense/devices/{PHONE}/foyer", '{"id":"irk:other","rssi":-60}')
            await broker.publish(f"espresense/devices/{PHONE}/foyer", "offline")
            await broker.publish(f"espresense/devices/{PHONE}/foyer", f'{{"id":"{PHONE}","rssi":true}}')
            await until(lambda: sum(ble.status.rejected.values()) == 3)
            assert ble.status.rejected == {"id": 1, "JSON": 1, "rssi": 1}
            assert ble.status.frames == 0
    assert PHONE not in caplog.text


async def test_two_prefixes_at_one_broker_do_not_mix(server: Mosquitto) -> None:
    async with Broker(server.url) as broker, nodes(server, "east") as east, nodes(server, "west/ble") as west:
        east.place("anna", "foyer")
        west.place("bob", "foyer")
        one, two = driver(broker, "east", "east"), driver(broker, "west/ble/", "west")
        async with Heard(one) as in_east, Heard(two) as in_west:
            await until(lambda: len(in_east.sightings) > 5 and len(in_west.sightings) > 5)
    assert {(each.reader, each.identifier) for each in in_east.sightings} == {("east", "alias:anna")}
    assert {(each.reader, each.identifier) for each in in_west.sightings} == {("west", "alias:bob")}


async def test_a_lost_broker_is_told_once_and_the_next_call_waits_until_it_is_back(server: Mosquitto) -> None:
    async with Broker(server.url) as broker:
        async with Heard(driver(broker)) as heard:
            await until(lambda: heard.batches)
            server.stop()
            await until(lambda: heard.lost)
        assert heard.lost == f"{server.url} closed the connection"
        async with Heard(driver(broker)) as heard:
            server.start()
            await until(lambda: heard.batches)
            await broker.publish("espresense/devices/anna/foyer", '{"id":"anna","rssi":-60}')
            await until(lambda: heard.sightings)
        assert heard.lost is None
