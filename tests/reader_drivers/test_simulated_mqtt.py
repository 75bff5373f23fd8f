"""Each MQTT driver against a source that speaks as the real one does, over a real mosquitto."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from reader_drivers import DRIVERS
from reader_drivers.mqtt_link import Broker
from reader_drivers.phone.ble_gateway_formats import FORMATS
from reader_drivers.phone.private_address import Resolver
from reader_drivers.simulated_mqtt import SimulatedImpinj, SimulatedJson, SimulatedSource, SimulatedZebra
from reader_drivers.simulated_mqtt_phones import (
    MAKES,
    SimulatedBleGateway,
    SimulatedOwnTracks,
    SimulatedRoomAssistant,
    SimulatedTheengs,
)
from tests.mosquitto import Mosquitto, mosquitto
from tests.reader_drivers.readers import Heard, until

EPC = "epc:E28011606000020934D6FAF7"
IBEACON = "ibeacon:fda50693-a4e2-4fb1-afcf-c6eb07647825-1-2"
EDDYSTONE = "eddystone:00112233445566778899-aabbccddeeff"
GATEWAY = "ac233fc001ea"
IRK = bytes.fromhex("ec0234a357c8ad05341010a60a397d9b")
QUICK: dict[str, Any] = {"every_s": 0.05}

Make = Callable[[str], SimulatedSource]

# Driver, link, settings, source, what is there, where, and the antenna where that is another thing.
SOURCES: dict[str, tuple[str, str, dict[str, Any], Make, str, int | str, int | str | None]] = {
    "impinj": ("impinj_iot", "impinj/door", {}, lambda url: SimulatedImpinj(url, **QUICK), EPC, 2, 2),
    "impinj in hex": (
        "impinj_iot",
        "impinj",
        {"epc_encoding": "hex"},
        lambda url: SimulatedImpinj(url, in_hex=True, **QUICK),
        EPC,
        1,
        1,
    ),
    "zebra": ("zebra_iotc", "zebra/door", {}, lambda url: SimulatedZebra(url, **QUICK), EPC, 3, 3),
    "zebra glued": ("zebra_iotc", "zebra/+/data", {}, lambda url: SimulatedZebra(url, glued=True, **QUICK), EPC, 1, 1),
    "one theengs": (
        "theengs",
        "home/bar",
        {},
        lambda url: SimulatedTheengs(url, ["bar"], **QUICK),
        IBEACON,
        "bar",
        "bar",
    ),
    "theengs": ("theengs", "home", {}, lambda url: SimulatedTheengs(url, ["bar"], **QUICK), IBEACON, "bar", "bar"),
    "room_assistant": (
        "room_assistant",
        "room-assistant",
        {},
        lambda url: SimulatedRoomAssistant(url, ["bar", "foyer"], **QUICK),
        IBEACON,
        "bar",
        "bar",
    ),
    "owntracks": (
        "owntracks",
        "owntracks",
        {"regions": ["Flagship"]},
        lambda url: SimulatedOwnTracks(url, **QUICK),
        "owntracks:anna/phone",
        "Flagship",
        "Flagship",
    ),
    "json": (
        "json",
        "built/#",
        {"rssi": "rssi", "antenna": "at", "time": "time"},
        lambda url: SimulatedJson(url, **QUICK),
        "nfc:04A1B2C3D4E5F6",
        "bar",
        "bar",
    ),
} | {
    make: (
        "ble_gateway",
        "gw",
        {},
        lambda url, make=make: SimulatedBleGateway(url, make, **QUICK),  # type: ignore[misc]
        "ble:c00200000001" if make in ("shelly", "ruuvi") else EDDYSTONE if make == "kgateway" else IBEACON,
        GATEWAY,
        None if make == "shelly" else GATEWAY,
    )
    for make in MAKES
}


@pytest.fixture
def server() -> Iterator[Mosquitto]:
    with mosquitto() as running:
        yield running


def driver(name: str, link: str, broker: Broker, *, reader: str = "door", **settings: Any) -> Any:
    made: Any = DRIVERS[name]
    return made(reader, link, made.settings.model_validate(settings), broker)


def test_every_make_can_be_simulated() -> None:
    assert set(MAKES) == set(FORMATS)
    assert {row[0] for row in SOURCES.values()} == {
        name for name, made in DRIVERS.items() if made.over == "mqtt" and name != "espresense"
    }


@pytest.mark.parametrize("name", SOURCES)
async def test_a_driver_hears_its_source(name: str, server: Mosquitto) -> None:
    driver_name, link, settings, make, identifier, place, antenna = SOURCES[name]
    async with Broker(server.url) as broker, make(server.url) as source:
        async with Heard(driver(driver_name, link, broker, **settings)) as heard:
            await until(lambda: heard.batches)
            source.present(identifier, place, -60.0)
            before = time.time()
            await until(lambda: len(heard.sightings) >= 3)
        status = heard.driver.status
    sighting = heard.sightings[-1]
    assert (sighting.reader, sighting.identifier, sighting.antenna) == ("door", identifier, antenna)
    assert sighting.rssi is None if driver_name == "owntracks" else -75 < (sighting.rssi or 0) < -45
    assert before - 2 < sighting.at <= time.time()
    assert not status.rejected
    assert status.quiet is None
    assert status.heard_at is not None
    assert status.bytes_in > 100
    assert status.sightings == len(heard.sightings)


async def test_all_drivers_share_one_connection_and_each_hears_its_own(server: Mosquitto) -> None:
    rows = [row for name, row in SOURCES.items() if name not in ("impinj in hex", "zebra glued", "one theengs")]
    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(Broker(server.url))
        heard = {}
        for number, (name, link, settings, make, identifier, place, _) in enumerate(rows):
            one = driver(
                name, f"{link}{number}" if name == "ble_gateway" else link, broker, reader=f"r{number}", **settings
            )
            heard[number] = await stack.enter_async_context(Heard(one))
            if name == "ble_gateway":
                source: SimulatedSource = SimulatedBleGateway(
                    server.url, list(MAKES)[number - 6], f"gw{number}", **QUICK
                )
            else:
                source = make(server.url)
            await stack.enter_async_context(source)
            source.present(identifier, place, -60.0)
        assert sum("paho" in thread.name for thread in threading.enumerate()) == 1 + len(rows)
        await until(lambda: all(each.sightings for each in heard.values()))
        for number, (_, _, _, _, identifier, _, _) in enumerate(rows):
            assert {each.identifier for each in heard[number].sightings} == {identifier}
            assert {each.reader for each in heard[number].sightings} == {f"r{number}"}


async def test_what_an_impinj_keeps_during_an_outage_comes_as_history(server: Mosquitto) -> None:
    async with Broker(server.url) as broker, SimulatedImpinj(server.url, **QUICK) as source:
        async with Heard(driver("impinj_iot", "impinj/door", broker)) as heard:
            source.present(EPC, 1)
            await until(lambda: heard.sightings)
            source.hold()
            source.clock_s = -3600
            await until(lambda: len(source._kept or []) >= 5)
            source.clock_s = 0
            told = len(heard.sightings)
            source.release()
            await until(lambda: len(heard.sightings) >= told + 8)
        late = [each for each in heard.sightings if time.time() - each.at > 3000]
        assert len(late) >= 5
        assert heard.sightings[-1].at > time.time() - 5


async def test_a_reader_whose_clock_was_never_set_is_heard_now(server: Mosquitto) -> None:
    async with Broker(server.url) as broker, SimulatedZebra(server.url, clock_s=-1.7e9, **QUICK) as source:
        async with Heard(driver("zebra_iotc", "zebra/door", broker)) as heard:
            source.present(EPC, 1)
            await until(lambda: len(heard.sightings) >= 3)
        assert all(time.time() - each.at < 10 for each in heard.sightings)


async def test_what_is_known_of_a_readers_clock_outlives_the_broker(server: Mosquitto) -> None:
    async with Broker(server.url) as broker, SimulatedImpinj(server.url, clock_s=3600, **QUICK) as source:
        one = driver("impinj_iot", "impinj/door", broker)
        async with Heard(one) as heard:
            source.present(EPC, 1)
            await until(lambda: len(heard.sightings) >= 3)
            source.remove(EPC)
        async with Heard(one) as again:
            await until(lambda: again.batches)
            source.clock_s = 0  # an event of an hour ago, by a clock that is an hour ahead
            source.say(*source.event("tagInventory", {"epc": "ikUCJA=="})[:2])
            await until(lambda: again.sightings)
        assert [time.time() - each.at > 3590 for each in again.sightings if each.identifier != EPC] == [True]


async def test_a_reader_that_loses_its_power_is_told_by_its_will_and_comes_back(
    server: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reader_drivers.messages.LOOK_EVERY", 0.05)
    async with Broker(server.url) as broker, SimulatedImpinj(server.url, **QUICK) as source:
        one = driver("impinj_iot", "impinj/door", broker)
        async with Heard(one) as heard:
            await until(lambda: heard.batches)
            source.present(EPC, 1)
            await until(lambda: heard.sightings)
            await source.drop()
            await until(lambda: one.status.quiet == "its connection to the broker was lost")
            source.start()
            await until(lambda: one.status.quiet is None)


async def test_a_gateway_that_loses_its_power_is_told_by_its_will(server: Mosquitto) -> None:
    async with Broker(server.url) as broker, SimulatedTheengs(server.url, ["bar"], **QUICK) as source:
        one = driver("theengs", "home", broker)
        async with Heard(one) as heard:
            source.present(IBEACON, "bar")
            await until(lambda: heard.sightings)
            await source.drop()
            await until(lambda: one.status.quiet == "bar is offline")


async def test_a_broker_that_dies_loses_the_reader_once_and_it_is_back_with_it(server: Mosquitto) -> None:
    async with Broker(server.url) as broker, SimulatedZebra(server.url, **QUICK) as source:
        source.present(EPC, 1)
        one = driver("zebra_iotc", "zebra/door", broker)
        async with Heard(one) as heard:
            await until(lambda: heard.sightings)
            server.stop(how=signal.SIGKILL)
            await until(lambda: heard.lost)
            assert heard.lost == f"{server.url} closed the connection"
        async with Heard(one) as again:
            server.start()
            await until(lambda: again.sightings)


async def test_garbage_is_counted_and_harms_nobody(server: Mosquitto) -> None:
    async with Broker(server.url) as broker, SimulatedImpinj(server.url, **QUICK) as source:
        one = driver("impinj_iot", "impinj/door", broker)
        async with Heard(one) as heard:
            source.present(EPC, 1)
            await until(lambda: heard.sightings)  # from now on nothing that is said is missed
            before = len(heard.sightings)
            for payload in (b"\xff\xfe", b"[" * 60_000, '{"eventType":"tagInventory"}', b"\x00" * 100, "nonsense"):
                source.say("impinj/door", payload)
            await until(lambda: sum(one.status.rejected.values()) >= 5 and len(heard.sightings) > before)
        assert one.status.rejected == {"JSON": 4, "tagInventoryEvent": 1}


async def test_phones_that_change_their_address_are_known_by_their_irk(server: Mosquitto) -> None:
    irk = f"irk:{IRK.hex()}"
    async with Broker(server.url) as broker:
        for name, link, source in (
            ("theengs", "home", SimulatedTheengs(server.url, ["bar"], address_life=0.2, **QUICK)),
            ("ble_gateway", "gw", SimulatedBleGateway(server.url, "moko", address_life=0.2, **QUICK)),
        ):
            one = driver(name, link, broker)
            one.resolver = Resolver(lambda: [IRK])
            async with source, Heard(one) as heard:
                source.present(irk, "bar" if name == "theengs" else GATEWAY)
                await until(lambda heard=heard: any(each.identifier == irk for each in heard.sightings))  # type: ignore[misc]
            assert not any(IRK.hex() in reason for reason in one.status.rejected)


async def test_encrypted_phones_are_read_with_their_key(server: Mosquitto, tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("anna/phone correct horse\n")
    async with Broker(server.url) as broker, SimulatedOwnTracks(server.url, key="correct horse", **QUICK) as source:
        async with Heard(driver("owntracks", "owntracks", broker, key_file=str(tmp_path / "keys"))) as heard:
            await until(lambda: heard.batches)
            source.present("owntracks:anna/phone", "Flagship")
            await until(lambda: heard.sightings)
            source.remove("owntracks:anna/phone")
        assert {each.antenna for each in heard.sightings} == {"Flagship"}


async def test_a_tracker_that_is_gone_is_no_sighting(server: Mosquitto) -> None:
    async with Broker(server.url) as broker, SimulatedTheengs(server.url, ["bar"], **QUICK) as source:
        async with Heard(driver("theengs", "home", broker)) as heard:
            source.present("ble:c00200000001", "bar")
            await until(lambda: heard.sightings)
            source.absent("ble:c00200000001")
            source.present("ble:c00200000002", "bar")
            await until(lambda: heard.sightings[-1].identifier == "ble:c00200000002")
        assert not heard.driver.status.rejected
