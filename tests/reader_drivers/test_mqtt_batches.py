"""Batches of hundreds of reads in one message: heard whole, and nobody else waits for them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from reader_drivers import DRIVERS
from reader_drivers.inbox import Message
from reader_drivers.messages import MqttReader
from reader_drivers.mqtt_link import LARGEST_PAYLOAD, Broker
from tests.mosquitto import mosquitto
from tests.reader_drivers.readers import Heard, until

NOW = 1_790_000_000.0
ZEBRA = DRIVERS["zebra_iotc"]


def batch(length: int) -> tuple[bytes, int]:
    """A Zebra's batch of nearly ``length`` bytes, and how many reads it holds."""
    rows: list[str] = []
    size = 1
    while True:
        event = {"type": "INVENTORY", "data": {"idHex": f"ad9916004{len(rows):015x}", "antenna": 1, "peakRssi": -54}}
        row = json.dumps(event)
        size += len(row) + 1
        if size > length:
            return f"[{','.join(rows)}]".encode(), len(rows)
        rows.append(row)


async def test_a_batch_of_256_kb_is_heard_whole_and_one_of_a_megabyte_is_counted_and_thrown_away() -> None:
    payload, reads = batch(256_000)
    large, _ = batch(1_000_000)
    with mosquitto() as server:
        async with Broker(server.url) as broker:
            reader: Any = ZEBRA
            async with Heard(reader("door", "zebra", ZEBRA.settings(), broker)) as heard:
                await until(lambda: heard.batches)
                await broker.publish("zebra/data", large, qos=1)
                await broker.publish("zebra/data", payload, qos=1)
                await until(lambda: len(heard.sightings) >= reads)
                assert len(heard.sightings) == len({each.identifier for each in heard.sightings}) == reads
                assert heard.driver.status.bytes_in == len(payload)
            assert broker.rejected == {"payload: more than 256 kB": 1}


class OneBatch:
    """A broker that brings these messages at once, and then nothing."""

    def __init__(self, messages: list[Message]) -> None:
        self._messages = messages

    async def listen(self, *filters: str, who: str, every: float | None = None) -> AsyncIterator[list[Message]]:
        yield self._messages
        await asyncio.Event().wait()


@asynccontextmanager
async def others() -> AsyncIterator[list[int]]:
    """Counts the turns of the loop while the context lasts."""
    turns = [0]

    async def turn() -> None:
        while True:
            turns[0] += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(turn())
    try:
        yield turns
    finally:
        task.cancel()
        await asyncio.wait([task])


@pytest.mark.parametrize("glued", [False, True])
async def test_others_have_their_turn_while_a_large_batch_is_decoded(
    monkeypatch: pytest.MonkeyPatch, glued: bool
) -> None:
    monkeypatch.setattr("reader_drivers.messages.TURN", 0.0)
    payload, reads = batch(50_000)
    if glued:
        payload = payload.strip(b"[]").replace(b"},{", b"}{")
    broker: Any = OneBatch([Message("zebra/data", payload, NOW, False)])
    reader: Any = ZEBRA
    driver: MqttReader = reader("door", "zebra", ZEBRA.settings(), broker)
    async with others() as turns:
        seen = 0
        began = turns[0]
        async for batch_ in driver.listen():
            seen += len(batch_)
            if seen == reads:
                break
    assert turns[0] - began >= reads - 1


async def test_others_have_their_turn_in_a_burst_of_small_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reader_drivers.messages.TURN", 0.0)
    one, _ = batch(300)
    broker: Any = OneBatch([Message("zebra/data", one, NOW, False)] * 500)
    reader: Any = ZEBRA
    async with others() as turns:
        seen = 0
        async for batch_ in reader("door", "zebra", ZEBRA.settings(), broker).listen():
            seen += len(batch_)
            if seen >= 500:
                break
    assert turns[0] >= 499


@pytest.mark.parametrize("name", [name for name, driver in DRIVERS.items() if driver.over == "mqtt"])
def test_the_limit_is_the_same_for_every_source(name: str) -> None:
    decoder: Any = DRIVERS[name].decoder("r", DRIVERS[name].settings())
    (found,) = decoder.message("a/b/c", bytes(LARGEST_PAYLOAD + 1), NOW)
    assert found.reason == "payload: more than 256 kB"
