"""What is lost before a reader hears it: counted where it is lost, told once, over when it is over."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from gateway.operations.broker import EmbeddedBroker
from gateway.operations.broker_settings import Credentials
from gateway.operations.losses import WARNED_FOR, Losses
from reader_drivers.mqtt_link import OVERFLOW, Broker
from tests.mosquitto import Mosquitto, mosquitto
from tests.reader_drivers.readers import until


@asynccontextmanager
async def following(losses: Losses) -> AsyncIterator[None]:
    task = asyncio.create_task(losses.follow())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def listen(broker: Broker, heard: list[int]) -> None:
    async for batch in broker.listen("flood/#", who="reader"):
        heard[0] += len(batch)


def flood(server: Mosquitto, count: int) -> None:
    """Publishes so many messages of 2 kB as fast as the broker takes them."""
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", server.port)
    client.loop_start()
    for _ in range(count):
        told = client.publish("flood/a", bytes(2000), qos=1)
    told.wait_for_publish(20)
    client.disconnect()
    client.loop_stop()


async def test_what_the_broker_throws_away_because_we_are_too_slow_is_counted_and_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    now, heard, held = [1000.0], [0], threading.Event()
    with mosquitto(extra="max_queued_messages 50\nsys_interval 1") as server:
        async with Broker(server.url, keepalive=30) as broker:
            losses = Losses(broker, lambda: now[0], ask=True)
            listening = asyncio.create_task(listen(broker, heard))
            async with following(losses):
                await until(lambda: losses._counted is not None)
                wire: Any = broker._wire
                whole = wire.on_messages
                wire.on_messages = lambda messages: (held.wait(40), whole(messages))
                await asyncio.to_thread(flood, server, 10_000)
                held.set()
                await until(lambda: losses.by_broker, within=20)
                await until(lambda: heard[0] + losses.by_broker >= 10_000, within=20)
                assert heard[0] + losses.by_broker < 10_010, "its own word of it may have been thrown away too"
                assert losses.counts == {"broker: thrown away by mosquitto": losses.by_broker}
                why = str(losses.why())
                assert why.startswith("more MQTT messages come than can be read")
                assert str(losses.by_broker) in why
                now[0] += WARNED_FOR + 1
                assert losses.why() is None
                await until(lambda: "all MQTT messages are read again" in caplog.text, within=20)
            listening.cancel()
    assert caplog.text.count("some are lost") == 1


class Counted:
    """A broker of which only its counters matter."""

    def __init__(self) -> None:
        self.rejected: Counter[str] = Counter()
        self.unread = 0


def test_what_finds_no_room_with_us_is_told_too() -> None:
    now, broker = [1000.0], Counted()
    given: Any = broker
    losses = Losses(given, lambda: now[0], ask=False)
    losses._look()
    assert losses.why() is None
    broker.rejected[OVERFLOW] += 7
    losses._look()
    assert losses.why() == "more MQTT messages come than can be read: 7 were lost lately"
    assert losses.counts == {OVERFLOW: 7}


def test_a_broker_that_cannot_be_asked_is_seen_to_have_more_than_we_can_read() -> None:
    now, broker = [1000.0], Counted()
    given: Any = broker
    losses = Losses(given, lambda: now[0], ask=False)
    for unread in (10_000_000, 0, 10_000_000, 10_000_000):
        broker.unread = unread
        losses._look()
        assert losses.why() is None, "a batch that has just come is no backlog"
    losses._look()
    assert losses.why() == "more MQTT messages come than can be read: the broker may be losing some"
    broker.unread = 0
    now[0] += WARNED_FOR + 1
    losses._look()
    assert losses.why() is None


async def test_what_is_not_read_is_seen_on_the_connection() -> None:
    held = threading.Event()
    with mosquitto() as server:
        async with Broker(server.url, keepalive=30) as broker:
            heard = [0]
            listening = asyncio.create_task(listen(broker, heard))
            await until(lambda: broker.state == "up" and broker.unread == 0)
            await broker.publish("flood/a", b"first")
            await until(lambda: heard[0])
            wire: Any = broker._wire
            whole = wire.on_messages
            wire.on_messages = lambda messages: (held.wait(40), whole(messages))
            await asyncio.to_thread(flood, server, 500)
            await until(lambda: broker.unread > 65_536)
            held.set()
            await until(lambda: heard[0] == 501 and broker.unread == 0)
            listening.cancel()


@pytest.mark.parametrize(
    ("told", "lost"), [([b"5"], 0), ([b"5", b"5"], 0), ([b"5", b"8"], 3), ([b"5", b"0", b"2"], 2), ([b"x", b"9"], 0)]
)
def test_only_what_was_lost_since_we_listen_counts_and_a_broker_may_begin_anew(told: list[bytes], lost: int) -> None:
    given: Any = Counted()
    losses = Losses(given, lambda: 0.0, ask=True)
    for payload in told:
        losses._hear(payload)
    assert losses.by_broker == lost


async def test_the_embedded_broker_lets_us_ask_it(tmp_path: Path) -> None:
    async with (
        EmbeddedBroker(tmp_path / "broker", ["door/#"]) as embedded,
        Broker(embedded.url, password=embedded.password) as broker,
    ):
        losses = Losses(broker, lambda: 0.0, ask=True)
        async with following(losses):
            await until(lambda: losses._counted == 0, within=40)


async def test_whom_the_embedded_broker_turns_away_is_said_once_with_the_reason(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def knocks(broker: EmbeddedBroker, name: str, user: Credentials | None, payload: int) -> None:
        gone = threading.Event()
        client = paho.Client(CallbackAPIVersion.VERSION2, client_id=name)
        if user:
            client.username_pw_set(*user)

        def connected(*_: object) -> None:
            client.publish("door/a", bytes(payload))

        client.on_connect = connected
        client.on_disconnect = lambda *_: gone.set()
        client.connect("127.0.0.1", broker.port)
        client.loop_start()
        assert gone.wait(40)
        client.loop_stop()

    async with EmbeddedBroker(tmp_path / "broker", ["door/#"]) as broker:
        for _ in range(2):
            await asyncio.to_thread(knocks, broker, "zebra-1", None, 1_000_000)
        await asyncio.to_thread(knocks, broker, "impinj-2", Credentials("readers", "wrong"), 1)
        await until(lambda: "not authorised" in caplog.text)
    said = [record.message for record in caplog.records if "mosquitto:" in record.message]
    assert said == [
        "mosquitto: Client zebra-1 disconnected due to oversize packet.",
        "mosquitto: Client <unknown> disconnected, not authorised.",
    ]
