"""One paho client per broker, shared by all its drivers: paho's thread on one side, batches on the other."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import threading
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterable
from types import TracebackType
from typing import Any, Literal

from reader_drivers.driver import ReaderLost
from reader_drivers.inbox import Inbox, Message
from reader_drivers.mqtt_packets import Publish
from reader_drivers.mqtt_wire import BY_THE_SYSTEM, BrokerAddress, News, Trust, Will, Wire
from reader_drivers.raw import TAP
from reader_drivers.steady import steady

log = logging.getLogger(__name__)

LARGEST_PAYLOAD = 262_144  # bytes; a sighting has 200, a batch of a Zebra up to 256,000
LONGEST_TOPIC = 1024  # bytes
KEEPALIVE = 4  # seconds: asked after 4, given up after 8, so that the floor knows within 10
STUCK_AFTER = 3  # keepalives without a turn of paho's loop, which turns every second: its thread is dead or hangs
PATIENCE = 5  # times that while it connects: finding a host may take long
BURST = 2000  # messages given out in one go, so that the loop is never held for more than some 2 ms


OVERFLOW = "overflow: the oldest of too many waiting messages"
TOO_LARGE = "payload: more than 256 kB"
MOST_RETAINED = 10_000  # a node keeps some ten of them, and a house has some hundred nodes
RETAINED = "retained: more messages than a house's readers keep"

State = Literal["new", "connecting", "up", "lost", "closed"]


class _Listener:
    """Who listens for what, and what has come for it."""

    def __init__(self, who: str, filters: tuple[str, ...]) -> None:
        self.who = who
        self.filters = filters
        self.matches = matcher(filters)
        self.pending = Inbox()
        self.wanted = asyncio.Event()
        self.told_up = False
        self.lost: str | None = None


class Broker:
    """A connection to one MQTT broker that mends itself; an async context.

    ``url`` is ``mqtt://[user@]host[:port]`` or ``mqtts://…``, never with a password in it; ``trust`` is for the latter;
    ``will`` is what the broker tells, retained, when it has lost us.
    """

    def __init__(
        self,
        url: str,
        *,
        username: str | None = None,
        password: str | None = None,
        client_id: str | None = None,
        trust: Trust = BY_THE_SYSTEM,
        keepalive: int = KEEPALIVE,
        will: Will | None = None,
    ) -> None:
        self.address = BrokerAddress.parse(url)
        self.client_id = client_id or f"moments-{secrets.token_hex(4)}"
        self.state: State = "new"
        self.reason: str | None = None
        """Why the broker is lost, for a person; None while it is up."""
        self.rejected: Counter[str] = Counter()
        """Messages thrown away before anyone decoded them, by reason."""
        self._username = username or self.address.user
        self._password = password
        self._trust = trust
        self._keepalive = keepalive
        self._will = will
        self._inbox = Inbox()
        self._retained = 0
        self._woken = False
        self._listeners: list[_Listener] = []
        self._told: set[str] = set()
        self._wire: Wire | None = None
        self._watchdog: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Broker:
        self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def unread(self) -> int:
        """Bytes from the broker that wait to be read: for seconds many where more come than can be read."""
        return self._wire.unread if self._wire else 0

    def open(self) -> None:
        """Begins to connect, in the background; to be called on the loop, once or more."""
        if self.state != "new":
            return
        self._loop = asyncio.get_running_loop()
        fault = self._trust.fault(str(self.address)) if self.address.tls else None
        if fault is not None:
            self._to("lost", fault)
            return
        self.state = "connecting"
        self._connect()
        self._watchdog = self._loop.create_task(self._watch(), name=f"watch {self.address}")

    def follow(self, url: str) -> None:
        """The broker is found here from now on; nothing happens where it is found there already."""
        address = BrokerAddress.parse(url)
        if address == self.address or self.state in ("new", "closed"):
            self.address = address
            return
        self.address, wire = address, self._wire
        if wire is not None:
            threading.Thread(target=wire.abandon, daemon=True).start()
        self._to("lost", f"the broker has moved to {address}")
        self._connect()

    async def close(self) -> None:
        """Says goodbye to the broker; whoever still listens is told ReaderLost."""
        if self._watchdog:
            self._watchdog.cancel()
        self._to("closed", "closed")
        if self._wire:
            ended = asyncio.Event()
            wire = self._wire

            def end() -> None:
                wire.end()
                self._soon(ended.set)

            # Not the loop's own threads: they are waited for at the end, and paho may be in the midst of connecting.
            threading.Thread(target=end, daemon=True).start()
            await _wait(ended, 2.0)

    async def publish(self, topic: str, payload: bytes | str, *, qos: int = 0, retain: bool = False) -> None:
        """Hands one message to paho's thread; ReaderLost while the broker is not there."""
        if self._wire is None or self.state != "up":
            raise ReaderLost(self.reason or f"not connected to {self.address}")
        if self._wire.client.publish(topic, payload, qos, retain).rc:
            raise ReaderLost(f"{self.address} takes no more messages")

    async def listen(self, *filters: str, who: str, every: float | None = None) -> AsyncGenerator[list[Message], None]:
        """Messages on these topic filters for ``who``, in batches, until ReaderLost says why the broker was lost.

        The first batch may be empty: the broker has taken the subscription. After it an empty batch says that ``every``
        seconds have passed without a message. ``who`` is told once of each loss: asking again waits for the broker.
        """
        self.open()
        if self.state == "closed" or (self.state == "lost" and who not in self._told):
            self._told.add(who)
            raise ReaderLost(self.reason or "closed")
        listener = _Listener(who, filters)
        tap = TAP.get()
        self._listeners.append(listener)
        try:
            if self.state == "up":
                self._subscribe(filters)
            while True:
                await _wait(listener.wanted, every if listener.told_up else None)
                listener.wanted.clear()
                batch = listener.pending.take()
                if tap:
                    for message in batch:
                        tap(message.topic, message.payload)
                if batch or listener.lost is None:
                    yield batch
                if listener.lost is not None:
                    raise ReaderLost(listener.lost)
        finally:
            self._listeners.remove(listener)
            unused = set(filters).difference(*(each.filters for each in self._listeners))
            if unused and self.state == "up" and self._wire:
                self._wire.client.unsubscribe(sorted(unused))

    # --- on paho's thread: nothing may be raised here, and nothing but these is touched ------------------------------

    def _messages(self, messages: list[Publish]) -> None:
        at, good = steady(), list[Message]()
        for name, payload, retained in messages:
            try:
                topic = name.decode()
            except UnicodeDecodeError:
                self.rejected["topic: not UTF-8"] += 1
                continue
            if len(payload) > LARGEST_PAYLOAD:
                self.rejected[TOO_LARGE] += 1
            elif len(name) > LONGEST_TOPIC:
                self.rejected["topic: more than 1 kB"] += 1
            elif not retained or self._takes_retained():
                good.append(Message(topic, payload, at, retained))
        if gone := self._inbox.put_all(good):
            self.rejected[OVERFLOW] += gone
        if not self._woken:
            self._woken = True
            self._soon(self._distribute)

    def _takes_retained(self) -> bool:
        """Whether one more kept message is heard: too many of them only keep the living ones away."""
        self._retained += 1
        if self._retained > MOST_RETAINED:
            self.rejected[RETAINED] += 1
        return self._retained <= MOST_RETAINED

    def _too_large(self, count: int) -> None:
        self.rejected[TOO_LARGE] += count

    def _soon(self, call: Any, *arguments: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, *arguments)

    # --- on the loop -------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        wire = self._wire = Wire(
            self.address,
            client_id=self.client_id,
            username=self._username,
            password=self._password,
            trust=self._trust,
            keepalive=self._keepalive,
            will=self._will,
        )
        wire.on_messages = self._messages
        wire.on_too_large = self._too_large
        wire.on_news = lambda news, reason: self._soon(self._news, wire, news, reason)
        wire.start()

    def _news(self, wire: Wire, news: News, reason: str) -> None:
        if wire is not self._wire or self.state == "closed":
            return
        if news == "up":
            self.state, self.reason = "up", None
            self._retained = 0
            self._told.clear()
            self._subscribe(sorted({each for listener in self._listeners for each in listener.filters}))
        elif news == "subscribed":
            for listener in self._listeners:
                if not listener.told_up and reason in listener.filters:
                    listener.told_up = True
                    listener.wanted.set()
        elif news == "refused":
            for listener in self._listeners:
                if reason in listener.filters:
                    _tell(listener, f"{self.address} does not let us listen to {reason}")
        else:
            self._to("lost", reason)

    def _subscribe(self, filters: Iterable[str]) -> None:
        wanted = list(filters)
        if wanted and self._wire:
            self._wire.subscribe(wanted)

    def _to(self, state: Literal["lost", "closed"], reason: str) -> None:
        self.state, self.reason = state, reason
        for listener in self._listeners:
            if state == "closed" or listener.who not in self._told:
                self._told.add(listener.who)
                _tell(listener, reason)

    def _distribute(self) -> None:
        self._woken = False
        inbox, listeners = self._inbox, self._listeners
        messages = inbox.take(BURST)
        for listener in listeners:
            share = [message for message in messages if listener.matches(message.topic)]
            if share and (gone := listener.pending.put_all(share)):
                self.rejected[OVERFLOW] += gone
        for listener in listeners:
            if len(listener.pending):
                listener.wanted.set()
        if len(inbox) and not self._woken:
            self._woken = True
            self._loop.call_soon(self._distribute)

    async def _watch(self) -> None:
        limit = STUCK_AFTER * self._keepalive
        while True:
            await asyncio.sleep(self._keepalive)
            wire = self._wire
            if wire and time.monotonic() - wire.turned_at > limit * (1 if self.state == "up" else PATIENCE):
                log.error("%s: paho's thread does not turn: a new one takes its place", self.address)
                threading.Thread(target=wire.abandon, daemon=True).start()
                self._to("lost", f"the connection to {self.address} hung")
                self._connect()


def matcher(filters: Iterable[str]) -> Callable[[str], object]:
    """A test whether a topic is covered by one of these MQTT topic filters."""
    patterns = []
    for each in filters:
        # Wildcards do not reach topics of the broker itself, which begin with $.
        guard = r"(?!\$)" if each[:1] in ("+", "#") else ""
        pattern = "/".join("[^/]*" if level == "+" else re.escape(level) for level in each.split("/"))
        if each == "#":
            pattern = ".*"
        elif each.endswith("/#"):
            pattern = pattern.removesuffix(re.escape("/#")) + "(?:/.*)?"
        patterns.append(guard + pattern)
    return re.compile("|".join(patterns), re.DOTALL).fullmatch


def _tell(listener: _Listener, reason: str) -> None:
    if listener.lost is None:
        listener.lost = reason
        listener.wanted.set()


async def _wait(event: asyncio.Event, seconds: float | None) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
