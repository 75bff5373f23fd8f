"""A broker that dies again and again: noticed each time, found again each time, and nothing piles up."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from reader_drivers import DRIVERS
from reader_drivers.mqtt_link import Broker
from tests.mosquitto import Mosquitto, mosquitto
from tests.reader_drivers.readers import Heard, until
from tests.reader_drivers.test_mqtt_link import Listening

KILLS = 20
SIGHTING = b'{"id":"aabbccddeeff","rssi":-60}'


def sockets() -> int:
    """How many sockets this process has open."""
    found = 0
    for file in Path("/proc/self/fd").iterdir():
        try:
            found += str(file.readlink()).startswith("socket:")
        except FileNotFoundError:  # the folder's own
            continue
    return found


async def one_kill(server: Mosquitto, broker: Broker, reader: Any) -> tuple[int, int]:
    """Listens, and loses the broker; how many threads and sockets there were before."""
    async with Heard(reader) as heard, Listening(broker, "a/#", who="other") as other:
        await until(lambda: heard.batches and other.batches, within=20)
        await broker.publish("espresense/devices/aabbccddeeff/bar", SIGHTING)
        await until(lambda: heard.sightings, within=40)
        before = threading.active_count(), sockets()
        server.stop()
        await until(lambda: heard.lost and other.lost, within=40)
        assert heard.lost == other.lost == f"{server.url} closed the connection"
        assert broker.state == "lost"
        server.start()
    return before


async def test_a_broker_killed_twenty_times_is_back_twenty_times_with_one_thread_and_as_many_sockets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("reader_drivers.mqtt_wire.FIRST_WAIT", 0.05)
    seen: list[tuple[int, int]] = []
    made: Any = DRIVERS["espresense"]
    with mosquitto() as server:
        async with Broker(server.url) as broker:
            for _ in range(KILLS):
                reader = made("phones", "espresense", made.settings(), broker)
                seen.append(await one_kill(server, broker, reader))
        assert broker.state == "closed"
    first = seen[0]  # what tests before this one left may still be collected, so fewer is no fault
    assert all(threads <= first[0] and open_ <= first[1] for threads, open_ in seen), (
        f"threads and sockets grow: {seen}"
    )
