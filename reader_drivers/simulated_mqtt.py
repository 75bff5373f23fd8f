"""Sources that publish over MQTT, without the hardware: for the demo, the tests and the benches.

Each is an async context with its own connection and last will at a broker, ``url`` being ``mqtt://host:port``. What is
``present`` it tells every ``every_s`` seconds, at a place: an antenna's number, a room, a gateway or a region. The
payloads are built here, apart from the drivers, so that a driver's mistake is not repeated by what tests it.
"""

from __future__ import annotations

import asyncio
import json
import random
import socket
import time
from base64 import b64encode
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, NamedTuple, Self, cast

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from reader_drivers.mqtt_wire import BrokerAddress

KEPT = 100_000  # events during an outage; real readers keep some 150,000


class Post(NamedTuple):
    """One message to publish."""

    topic: str
    payload: bytes | str
    retain: bool = False


class Near(NamedTuple):
    """Where something is, and about how strong it is heard, in dBm."""

    place: int | str
    rssi: float


class SimulatedSource:
    """What the simulated MQTT sources have in common."""

    def __init__(
        self,
        url: str,
        *,
        username: str | None = None,
        password: str | None = None,
        every_s: float = 0.5,
        clock_s: float = 0.0,
        seed: int = 1,
    ) -> None:
        self.address = BrokerAddress.parse(url)
        self.every_s = every_s
        self.clock_s = clock_s
        """How far its clock is ahead of the machine's, in seconds."""
        self.random = random.Random(seed)
        self.placed: dict[str, Near] = {}
        self._login = (username, password)
        self._client: paho.Client | None = None
        self._kept: list[Post] | None = None
        self._life: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self.start()
        self._life = asyncio.get_running_loop().create_task(self._live())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._life:
            self._life.cancel()
            await asyncio.wait([self._life])
        client, self._client = self._client, None
        if client:
            client.disconnect()
            await asyncio.to_thread(client.loop_stop)

    def present(self, identifier: str, place: int | str, rssi: float = -55.0) -> None:
        """Something that is ``scheme:value`` is at ``place``, heard at about ``rssi`` dBm; again, to move it."""
        self.placed[identifier] = Near(place, rssi)

    def remove(self, identifier: str) -> None:
        """Takes something away: most sources just stop telling it."""
        self.placed.pop(identifier, None)

    def start(self) -> None:
        """Switches the source on."""
        if self._client is not None:
            return
        client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv311)
        username, password = self._login
        if username is not None:
            client.username_pw_set(username, password)
        if self.address.tls:
            client.tls_set()
        will = self.will()
        if will:
            client.will_set(will.topic, will.payload, retain=will.retain)

        def connected(*_: object) -> None:
            for each in self.greetings():
                self._publish(each)

        client.on_connect = connected
        client.reconnect_delay_set(1, 4)
        client.connect_async(self.address.host, self.address.port, keepalive=15)
        self._client = client
        client.loop_start()

    async def drop(self) -> None:
        """Takes the source off its power: the broker tells its last will."""
        client, self._client = self._client, None
        if client:
            await asyncio.to_thread(_cut, client)

    def hold(self) -> None:
        """Its network fails: it keeps what it would have sent, with the times of then."""
        self._kept = [] if self._kept is None else self._kept

    def release(self) -> None:
        """Its network is back: it sends everything that it has kept, in order."""
        kept, self._kept = self._kept or [], None
        for each in kept:
            self._publish(each)

    def say(self, topic: str, payload: bytes | str, *, retain: bool = False) -> None:
        """Publishes just this."""
        self._publish(Post(topic, payload, retain))

    def will(self) -> Post | None:
        """Its last will."""
        return None

    def greetings(self) -> Iterable[Post]:
        """What it says whenever it has connected."""
        return ()

    def round(self) -> Iterable[Post]:
        """What it says of everything that is present."""
        raise NotImplementedError

    def heard(self, near: Near) -> int:
        """An RSSI in whole dBm, with the noise of a real one."""
        return round(max(-110.0, near.rssi + self.random.gauss(0, 2.0)))

    def now(self) -> float:
        """The time on its clock, seconds since 1970 UTC."""
        return time.time() + self.clock_s

    async def _live(self) -> None:
        while True:
            for each in self.round():
                self._publish(each)
            await asyncio.sleep(self.every_s * self.random.uniform(0.9, 1.1))

    def _publish(self, post: Post) -> None:
        if self._kept is not None:
            if len(self._kept) < KEPT:
                self._kept.append(post)
        elif self._client is not None and self._client.is_connected():
            self._client.publish(post.topic, post.payload, retain=post.retain)


class SimulatedImpinj(SimulatedSource):
    """An Impinj R700: one topic for events, will and greetings; ``epc:…`` at antenna ports."""

    def __init__(self, url: str, topic: str = "impinj/door", *, in_hex: bool = False, **more: Any) -> None:
        super().__init__(url, **more)
        self.topic = topic
        self.in_hex = in_hex
        self.chips: dict[str, str] = {}
        """The TIDs, in hex, of the tags that tell theirs, by identifier."""

    def will(self) -> Post:
        """The will message that the reader has unless it is told otherwise."""
        return Post(self.topic, "connection lost")

    def greetings(self) -> Iterable[Post]:
        """The connect message, and that the inventory runs."""
        return Post(self.topic, "connected"), self.event("inventoryStatus", {"status": "running"})

    def event(self, kind: str, what: dict[str, Any]) -> Post:
        """One event of this kind."""
        sent = {"timestamp": iso(self.now()), "hostname": "impinj-14-4c-e8", "eventType": kind, f"{kind}Event": what}
        return Post(self.topic, json.dumps(sent, separators=(",", ":")))

    def round(self) -> Iterable[Post]:
        """One report for each tag and antenna."""
        for identifier, near in list(self.placed.items()):
            code = bytes.fromhex(identifier.partition(":")[2])
            read: dict[str, Any] = {"epc": code.hex().upper() if self.in_hex else b64encode(code).decode()}
            if identifier in self.chips:
                read["tidHex"] = self.chips[identifier]
            yield self.event(
                "tagInventory", read | {"antennaPort": near.place, "peakRssiCdbm": self.heard(near) * 100}
            )  # fmt: skip


class SimulatedZebra(SimulatedSource):
    """A Zebra reader: batches of tags on ``<prefix>/data``, heartbeats on ``<prefix>/events``."""

    BEAT = 10.0  # seconds

    def __init__(self, url: str, prefix: str = "zebra/door", *, glued: bool = False, **more: Any) -> None:
        super().__init__(url, **more)
        self.prefix = prefix
        self.glued = glued
        self.beats = True
        self._events = 0
        self._beaten_at = float("-inf")

    def greetings(self) -> Iterable[Post]:
        """A heartbeat."""
        return (self.beat(),)

    def beat(self) -> Post:
        """One heartbeat."""
        self._beaten_at = time.monotonic()
        data = {"radio_control": {"radioActivity": "active", "radioConnection": "connected"}}
        return Post(f"{self.prefix}/events", self._event("heartbeat", data))

    def round(self) -> Iterable[Post]:
        """All tags in one payload, and now and then a heartbeat."""
        if self.beats and time.monotonic() - self._beaten_at > self.BEAT:
            yield self.beat()
        tags = [
            {"format": "epc", "idHex": identifier.partition(":")[2].lower(), "antenna": near.place}
            | {"peakRssi": self.heard(near), "reads": self.random.randrange(1, 9)}
            for identifier, near in list(self.placed.items())
        ]
        rows = [self._event("INVENTORY", tag) for tag in tags]
        if rows:
            yield Post(f"{self.prefix}/data", "".join(rows) if self.glued else f"[{','.join(rows)}]")

    def _event(self, kind: str, data: dict[str, Any]) -> str:
        self._events += 1
        sent = iso(self.now()).replace("Z", "+0000")
        return json.dumps({"data": {"eventNum": self._events, **data}, "timestamp": sent, "type": kind})


class SimulatedJson(SimulatedSource):
    """A reader that somebody built: one object for each read on ``topic``."""

    def __init__(self, url: str, topic: str = "built/door", **more: Any) -> None:
        super().__init__(url, **more)
        self.topic = topic

    def round(self) -> Iterable[Post]:
        """Every identifier whole, as ``scheme:value``."""
        for identifier, near in list(self.placed.items()):
            read = {"id": identifier, "rssi": self.heard(near), "at": near.place, "time": round(self.now() * 1000)}
            yield Post(self.topic, json.dumps(read))


def iso(seconds: float) -> str:
    """ISO 8601 in UTC, with milliseconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _cut(client: paho.Client) -> None:
    connection = cast(socket.socket | None, client.socket())
    if connection:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)  # no goodbye, so that the broker tells the will
    client.loop_stop()
    if connection:
        connection.close()
