"""One connection to a real mosquitto: shared, mended, and not to be killed by what comes through it."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import aclosing
from functools import partial
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from reader_drivers import ReaderLost
from reader_drivers.inbox import Inbox, Message
from reader_drivers.mqtt_link import MOST_RETAINED, RETAINED, TOO_LARGE, Broker, matcher
from reader_drivers.mqtt_packets import Publish
from reader_drivers.mqtt_wire import BrokerAddress
from tests.mosquitto import Mosquitto, mosquitto
from tests.ports import free_port
from tests.reader_drivers.readers import until


@pytest.fixture
def server() -> Iterator[Mosquitto]:
    with mosquitto() as running:
        yield running


class Listening:
    """Listens at a broker for as long as the context lasts."""

    def __init__(self, broker: Broker, *filters: str, who: str = "one", every: float | None = None) -> None:
        self._what = broker, filters, who, every
        self.messages: list[Message] = []
        self.batches: list[list[Message]] = []
        self.lost: str | None = None

    async def __aenter__(self) -> Listening:
        self._task = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])
        if not self._task.cancelled() and (fault := self._task.exception()):
            raise fault

    async def up(self) -> None:
        await until(lambda: self.batches)

    async def _listen(self) -> None:
        broker, filters, who, every = self._what
        try:
            async with aclosing(broker.listen(*filters, who=who, every=every)) as batches:
                async for batch in batches:
                    self.batches.append(batch)
                    self.messages += batch
        except ReaderLost as lost:
            self.lost = str(lost)


def has_more(one: Listening, than: int) -> bool:
    """Whether so many messages and one more have come."""
    return len(one.messages) > than


async def lost_reason(broker: Broker, who: str = "one") -> str:
    async with Listening(broker, "a/#", who=who) as listening:
        await until(lambda: listening.lost)
    assert listening.lost is not None
    return listening.lost


async def test_messages_come_with_their_topic_payload_time_and_retained_flag(server: Mosquitto) -> None:
    async with Broker(server.url) as broker:
        async with Listening(broker, "a/+/c") as first:
            await first.up()
            assert broker.state == "up"
            before = time.time()
            await broker.publish("a/b/c", b"\x00\xff", qos=1)
            await broker.publish("a/b/kept", "elsewhere")
            await broker.publish("a/kept/c", "kept", retain=True)
            await until(lambda: len(first.messages) == 2)
        assert [(m.topic, m.payload, m.retained) for m in first.messages] == [
            ("a/b/c", b"\x00\xff", False), ("a/kept/c", b"kept", False),
        ]  # fmt: skip
        assert all(before <= m.at <= time.time() for m in first.messages)
        async with Listening(broker, "a/#") as later:
            await until(lambda: later.messages)
        assert [(m.topic, m.payload, m.retained) for m in later.messages] == [("a/kept/c", b"kept", True)]


async def test_two_readers_share_one_connection_and_each_hears_its_own(server: Mosquitto) -> None:
    async with Broker(server.url) as broker, Listening(broker, "a/#", who="one") as one:
        async with Listening(broker, "b/#", "a/both", who="two") as two:
            await one.up()
            await two.up()
            assert sum("paho" in thread.name for thread in threading.enumerate()) == 1
            for topic in ("a/1", "b/1", "a/both"):
                await broker.publish(topic, topic)
            await until(lambda: len(one.messages) == 2 and len(two.messages) == 2)
        assert [m.topic for m in one.messages] == ["a/1", "a/both"]
        assert [m.topic for m in two.messages] == ["b/1", "a/both"]
        assert broker._wire is not None
        whole, came = broker._wire.on_messages, list[bytes]()

        def counted(messages: list[Publish]) -> None:
            came.extend(message.topic for message in messages)
            whole(messages)

        broker._wire.on_messages = counted
        await broker.publish("b/2", "nobody listens any more")
        await broker.publish("a/2", "still heard")
        await until(lambda: len(one.messages) == 3)
        assert came == [b"a/2"], "what nobody wants is not asked of the broker any more"


async def test_a_silence_is_told_every_so_often(server: Mosquitto) -> None:
    async with Broker(server.url) as broker, Listening(broker, "a/#", every=0.02) as listening:
        await until(lambda: len(listening.batches) >= 4)
        assert listening.messages == []


@pytest.mark.parametrize("burst", [7, 2000])
async def test_a_burst_arrives_whole_in_order_and_in_few_batches(
    server: Mosquitto, monkeypatch: pytest.MonkeyPatch, burst: int
) -> None:
    monkeypatch.setattr("reader_drivers.mqtt_link.BURST", burst)
    async with Broker(server.url) as broker, Listening(broker, "a/#") as listening:
        await listening.up()
        with publisher(server) as client:
            for number in range(5000):
                client.publish("a/b", str(number), qos=1)
            await until(lambda: len(listening.messages) == 5000, within=30)
        assert [int(m.payload) for m in listening.messages] == list(range(5000))
        assert len(listening.batches) < 5000
        assert not broker.rejected


async def test_what_is_too_large_is_thrown_away_and_counted(server: Mosquitto) -> None:
    async with Broker(server.url) as broker, Listening(broker, "a/#") as listening:
        await listening.up()
        await broker.publish("a/large", bytes(262_145))
        await broker.publish("a/" + "x" * 1100, "long")
        await broker.publish("a/" + "字" * 350, "long in bytes")
        await broker.publish("a/limit", bytes(262_144))
        await until(lambda: listening.messages)
        assert [m.topic for m in listening.messages] == ["a/limit"]
        assert broker.rejected == {"payload: more than 256 kB": 1, "topic: more than 1 kB": 2}


async def test_a_reader_that_does_not_take_its_messages_keeps_the_newest(
    server: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reader_drivers.inbox.MOST_MESSAGES", 10)
    async with Broker(server.url) as broker, aclosing(broker.listen("a/#", who="slow")) as batches:
        await anext(batches)
        async with Listening(broker, "a/#", who="quick") as quick:
            await quick.up()
            for number in range(50):
                await broker.publish("a", str(number))
                await until(partial(has_more, quick, number))
        assert [int(m.payload) for m in await anext(batches)] == list(range(40, 50))
        assert sum(broker.rejected.values()) == 40


def test_what_waits_is_bounded_in_number_and_in_bytes_and_the_newest_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reader_drivers.inbox.MOST_BYTES", 100)
    monkeypatch.setattr("reader_drivers.inbox.MOST_MESSAGES", 5)
    inbox = Inbox()

    def put(size: int, topic: str = "a") -> int:
        return inbox.put_all([Message(topic, bytes(size), 0.0, False)])

    assert [put(60), put(40), put(1, "new")] == [0, 0, 1], "the oldest makes room"
    assert [len(m.payload) for m in inbox.take(1)] == [40]
    assert put(100) == 1, "one that fills it whole"
    assert [len(m.payload) for m in inbox.take()] == [100]
    assert [put(0) for _ in range(7)] == [0, 0, 0, 0, 0, 1, 1]
    assert len(inbox.take(3)) == 3
    assert put(101) == 3, "and one that is larger than all of it is not kept"
    assert inbox.take() == []


async def test_a_fault_of_our_own_does_not_kill_the_connection(
    server: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    async with Broker(server.url) as broker, Listening(broker, "a/#") as listening:
        await listening.up()
        assert broker._wire is not None
        whole, met = broker._wire.on_messages, list[Publish]()

        def faulty(messages: list[Publish]) -> None:
            if any(message.payload == b"secret-irk" for message in messages):
                met.extend(messages)
                raise KeyError(len(messages))
            whole(messages)

        broker._wire.on_messages = faulty
        for number in range(3):
            await broker.publish("a/1", "secret-irk")
            await until(lambda: len(met) > number)  # noqa: B023 - awaited at once
        await broker.publish("a/2", "good")
        await until(lambda: listening.messages)
        assert [m.payload for m in listening.messages] == [b"good"]
    assert caplog.text.count("faults in our own code") == 1, "told, and not once for each message"
    assert "secret-irk" not in caplog.text


async def test_a_broker_that_is_not_there_is_told_in_words_and_only_once() -> None:
    port = free_port()
    async with Broker(f"mqtt://127.0.0.1:{port}") as broker:
        assert await lost_reason(broker) == f"connection refused by mqtt://127.0.0.1:{port}"
        assert broker.state == "lost"
        assert await lost_reason(broker, who="two") == f"connection refused by mqtt://127.0.0.1:{port}"
        one, two = (Listening(broker, "a/#", who=who, every=0.02) for who in ("one", "two"))
        async with one, two:
            tries = 0
            with socket.create_server(("127.0.0.1", port)) as nobody:
                while tries < 2:
                    connection, _ = await asyncio.to_thread(nobody.accept)
                    connection.close()
                    tries += 1
            assert (one.lost, two.lost) == (None, None)
            assert (one.batches, two.batches) == ([], [])
            with mosquitto(port):
                await until(lambda: one.batches and two.batches, within=40)
                assert (broker.state, broker.reason) == ("up", None)


async def test_a_host_that_does_not_exist() -> None:
    async with Broker("mqtt://no-such-host.invalid") as broker:
        assert await lost_reason(broker) == "no such host: mqtt://no-such-host.invalid:1883"


@pytest.mark.parametrize(
    ("password", "reason"),
    [("wrong", "refuses user gateway: wrong user name or password"), (None, "asks for a user name and a password")],
)
async def test_a_wrong_password_is_told_as_that(password: str | None, reason: str) -> None:
    with mosquitto(users={"gateway": "right"}) as server:
        user = "gateway@" if password else ""
        async with Broker(f"mqtt://{user}127.0.0.1:{server.port}", password=password) as broker:
            assert await lost_reason(broker) == f"{server.url} {reason}"
            await asyncio.sleep(0.1)  # the closed connection that follows is only the echo
            assert await lost_reason(broker, who="two") == f"{server.url} {reason}"
        right = Broker(f"mqtt://gateway@127.0.0.1:{server.port}", password="right")
        async with right, Listening(right, "a/#") as listening:
            await listening.up()


async def test_a_broker_that_is_killed_is_noticed_and_found_again_with_its_subscriptions(server: Mosquitto) -> None:
    async with Broker(server.url) as broker:
        for _ in range(3):
            async with Listening(broker, "a/#") as listening:
                await until(lambda: listening.batches, within=40)
                server.stop(how=signal.SIGKILL)
                killed = time.monotonic()
                await until(lambda: listening.lost)
                assert time.monotonic() - killed < 20, "not only with the next keep-alive"
            assert listening.lost == f"{server.url} closed the connection"
            with pytest.raises(ReaderLost, match=r"closed the connection|refused"):
                await broker.publish("a/b", "nobody")
            async with Listening(broker, "a/#") as listening:
                server.start()
                started = time.monotonic()
                await until(lambda: listening.batches, within=40)
                assert time.monotonic() - started < 20
                await broker.publish("a/b", "again")
                await until(lambda: listening.messages)
        assert sum("paho" in thread.name for thread in threading.enumerate()) == 1


async def test_a_broker_that_hangs_is_noticed(server: Mosquitto) -> None:
    async with Broker(server.url, keepalive=1) as broker, Listening(broker, "a/#") as listening:
        await listening.up()
        server.freeze()
        await until(lambda: listening.lost, within=40)
        assert listening.lost == f"{server.url} stopped answering"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_a_dead_network_thread_is_replaced(server: Mosquitto, caplog: pytest.LogCaptureFixture) -> None:
    async with Broker(server.url, keepalive=1) as broker:
        async with Listening(broker, "a/#") as listening:
            await listening.up()
            assert broker._wire is not None

            def die() -> Any:
                raise SystemExit

            broker._wire.client.loop_misc = die  # type: ignore[method-assign]
            await until(lambda: listening.lost, within=40)
            assert listening.lost == f"the connection to {server.url} hung"
        async with Listening(broker, "a/#") as listening:
            await listening.up()
            await broker.publish("a/b", "again")
            await until(lambda: listening.messages)
    assert "does not turn" in caplog.text


async def test_what_speaks_no_mqtt_is_lost_and_does_no_harm() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        stop = threading.Event()

        def talk() -> None:
            listener.settimeout(0.1)
            while not stop.is_set():
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.sendall(b"\x20\x02\x00\x00" + b"\x30\xff\xff\xff\xff\x01" + bytes(range(256)))

        thread = threading.Thread(target=talk)
        thread.start()
        try:
            async with Broker(f"mqtt://127.0.0.1:{port}") as broker:
                assert f"mqtt://127.0.0.1:{port}" in await lost_reason(broker)
        finally:
            stop.set()
            thread.join()


async def test_closing_tells_who_listens_and_leaves_no_thread(server: Mosquitto) -> None:
    broker = Broker(server.url)
    async with Listening(broker, "a/#") as listening:
        await listening.up()
        await broker.close()
        await until(lambda: listening.lost)
    assert broker.state == "closed"
    assert await lost_reason(broker) == "closed"
    await until(lambda: not any("paho" in thread.name for thread in threading.enumerate()))


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("mqtt://broker", BrokerAddress("broker", 1883, False, None)),
        ("mqtts://broker", BrokerAddress("broker", 8883, True, None)),
        ("mqtt://gw@10.0.0.2:1884/", BrokerAddress("10.0.0.2", 1884, False, "gw")),
        ("mqtt://g%40w@[::1]:1884", BrokerAddress("::1", 1884, False, "g@w")),
    ],
)
def test_broker_urls(url: str, address: BrokerAddress) -> None:
    assert BrokerAddress.parse(url) == address


@pytest.mark.parametrize(
    "url", ["mqtt://u:hunter2@host", "http://host", "host:1883", "mqtt://", "mqtt://h/topic", "mqtt://h:99999", ""]
)
def test_broker_urls_that_are_none_are_refused_without_a_password(url: str) -> None:
    with pytest.raises(ValueError, match=r"URL|[Pp]ort") as refused:
        BrokerAddress.parse(url)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("topic", ["a", "a/b", "a/b/c", "b", "$SYS/a", "a/", "/a", "a.b", "ab", "a/b\n", ""])
@pytest.mark.parametrize("filters", [["#"], ["a/#"], ["a/+"], ["+/b"], ["+"], ["a"], ["a.b"], ["a/#", "b"], ["a/+/c"]])
def test_topics_match_filters_as_paho_says(topic: str, filters: list[str]) -> None:
    expected = any(paho.topic_matches_sub(each, topic) for each in filters)
    assert bool(matcher(filters)(topic)) is expected


class publisher:  # noqa: N801 - reads as a function
    """A client of its own, as a reader is."""

    def __init__(self, server: Mosquitto) -> None:
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        self._client.max_inflight_messages_set(1000)
        self._port = server.port

    def __enter__(self) -> paho.Client:
        self._client.connect("127.0.0.1", self._port)
        self._client.loop_start()
        return self._client

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def keep(server: Mosquitto, count: int) -> None:
    """Has the broker keep a message on so many topics."""
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", server.port)
    client.loop_start()
    for number in range(count):
        client.publish(f"a/{number}", "old", retain=True)
    told = client.publish("a/0", "old", qos=1, retain=True)
    told.wait_for_publish(30)
    client.disconnect()
    client.loop_stop()


async def test_what_a_broker_has_kept_keeps_nobody_from_what_is_said_now() -> None:
    with mosquitto(extra="max_queued_messages 0\nmax_queued_bytes 0") as server:
        await asyncio.to_thread(keep, server, MOST_RETAINED + 2_000)
        async with Broker(server.url) as broker, Listening(broker, "a/#") as listening:
            await listening.up()
            await until(lambda: broker.rejected[RETAINED] >= 2_000, within=30)
            await broker.publish("a/live", "now")
            await until(lambda: any(m.payload == b"now" for m in listening.messages))
            assert broker.state == "up"
            assert sum(m.retained for m in listening.messages) <= MOST_RETAINED
        assert broker.rejected[RETAINED] == 2_000, "told"


async def test_a_payload_of_megabytes_is_told_and_costs_no_other(server: Mosquitto) -> None:
    async with Broker(server.url) as broker, Listening(broker, "a/#") as listening:
        await listening.up()
        await broker.publish("a/1", "before")
        await broker.publish("a/2", bytes(3_000_000))
        await broker.publish("a/3", "after")
        await until(lambda: len(listening.messages) == 2)
        assert [m.payload for m in listening.messages] == [b"before", b"after"]
        assert broker.rejected == {TOO_LARGE: 1}
