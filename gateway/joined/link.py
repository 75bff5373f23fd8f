"""The link to the hub, in a thread and a loop of its own: what it waits for, nobody who is served waits for.

It signs in, converses until that ends, and comes back, spread over the seconds that the hub asks for: many venues may
have been cut off at once. Where sockets are cut on the way it exchanges messages by HTTP.
"""

from __future__ import annotations

import asyncio
import json
import random
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.typing import Subprotocol

from gateway.hub.wire import Message
from gateway.joined.boxes import Box
from gateway.joined.calling import Answered, Unreached, in_words, line, post
from gateway.joined.signing import sign_in
from gateway.joined.talk import LIVE_S, VenueTalk
from gateway.records.compact import compact

SUBPROTOCOL = "moments.hub.1"
LARGEST = 4 * 1024 * 1024  # bytes of one message
OPEN_WITHIN = 15.0
EXCHANGE_WAIT = 20
"""Seconds that an exchange waits at the hub while there is nothing to say."""
BY_EXCHANGE_S = 600.0
"""So long messages are exchanged by HTTP, once sockets were cut, before a socket is tried again."""
CUTS = 3
"""So many sockets in a row that were cut before the hub had greeted, and another way is tried."""
MOST_S = 300.0
MOVED = "moved"


@dataclass(slots=True)
class Pause:
    """How long to wait before another try; ``chance`` answers a number from 0 to 1."""

    chance: Callable[[], float] = random.random
    tries: int = 0

    def after(self, spread_s: float, at_least: float = 0.0) -> float:
        """Seconds: at first uniform over the spread that the hub said, then over twice as much each time."""
        most: float = min(MOST_S, max(0.2, spread_s) * float(2 ** min(self.tries, 12)))
        self.tries += 1
        return at_least + self.chance() * most

    def begin(self) -> None:
        """It worked: the next cut is the first again."""
        self.tries = 0


@dataclass(slots=True)
class Way:
    """What the last tries have taught of the way to the hub: how often in a row a socket was cut before a greeting."""

    cuts: int = 0
    socket_again: float = 0.0

    def cut(self) -> None:
        """A socket did not come through."""
        self.cuts += 1
        if self.cuts >= CUTS:
            self.cuts = 0
            self.socket_again = time.monotonic() + BY_EXCHANGE_S


class _Straight(connect):
    """To where it was told and nowhere else: what answers there sends nobody on to another place."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """No redirect is followed."""
        return exc


@dataclass(slots=True)
class Line:
    """One conversation's way to the hub."""

    url: str
    box: Box
    boot: str
    build: str
    context: ssl.SSLContext | None
    now: Callable[[], float]
    way: Way
    inbox: asyncio.Queue[str | object] = field(default_factory=asyncio.Queue)
    """Texts from the hub, and a word when the records have moved."""

    async def converse(self, talk: VenueTalk, heard: Callable[[VenueTalk], None]) -> None:
        """One conversation; raises Ended, Unreached, or Answered where signing in was refused."""
        token = await sign_in(self.url, self.box, self.boot, self.build, context=self.context, now=self.now())
        if time.monotonic() < self.way.socket_again:
            await self._exchange(talk, heard, token)
            return
        try:
            socket = await self._open(token)
        except InvalidStatus as refused:
            raise self._refused(refused) from None
        except (OSError, TimeoutError, InvalidHandshake, EOFError, ConnectionClosed) as error:
            self.way.cut()
            raise Unreached(in_words(error, self.now())) from error
        async with socket:
            talk.standing.by = "link"
            await self._over(socket, talk, heard)

    def _refused(self, refused: InvalidStatus) -> Exception:
        try:
            body = json.loads(refused.response.body or b"")
        except (ValueError, RecursionError):
            body = None
        if isinstance(body, dict) and str(body.get("type", "")).startswith("urn:moments:"):
            return Answered(refused.response.status_code, body)
        self.way.cut()
        return Unreached(f"a socket is refused on the way ({refused.response.status_code})")

    async def _open(self, token: str) -> ClientConnection:
        address = self.url.replace("http", "ws", 1) + "/hub/v1/link"
        parts = urlsplit(self.url)
        async with asyncio.timeout(OPEN_WITHIN):
            there = await line(parts.hostname or "", parts.port, self.context)
        return await _Straight(
            address, sock=there, subprotocols=[Subprotocol(SUBPROTOCOL)], compression=None, max_size=LARGEST,
            proxy=None, additional_headers={"Authorization": f"Bearer {token}"}, open_timeout=OPEN_WITHIN,
            ping_interval=None, close_timeout=1, ssl=self.context,
        )  # fmt: skip

    def moved(self, loop: asyncio.AbstractEventLoop) -> None:
        """From any thread: the records have moved."""
        with suppress(RuntimeError):  # its loop has ended
            loop.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        if self.inbox.empty():
            self.inbox.put_nowait(MOVED)

    # --- over a socket ------------------------------------------------------------------------------------------------

    async def _over(self, socket: ClientConnection, talk: VenueTalk, heard: Callable[[VenueTalk], None]) -> None:
        self.inbox = asyncio.Queue()
        receiving = asyncio.create_task(self._receive(socket))
        try:
            await self._send(socket, await talk.begin(self.now()))
            looked = time.monotonic()
            while True:
                text = await self._next(looked)
                if isinstance(text, str):
                    answers = await talk.hear(_read(text), time.monotonic(), self.now())
                    heard(talk)
                    await self._send(socket, answers)
                if self.inbox.empty() or time.monotonic() - looked >= LIVE_S:
                    looked = time.monotonic()
                    await self._send(socket, await talk.look(looked, self.now()))
                    if talk.is_behind:  # half of the time is the gateway's
                        await asyncio.sleep(min(LIVE_S, time.monotonic() - looked))
                if talk.quiet(time.monotonic()):
                    raise Unreached("the hub has said nothing for 25 seconds")
        except ConnectionClosed as closed:
            if talk.heard_at is None:
                self.way.cut()
            else:
                self.way.cuts = 0
            raise Unreached("the link was cut") from closed
        finally:
            receiving.cancel()
            await asyncio.gather(receiving, return_exceptions=True)

    async def _next(self, looked: float) -> object:
        """A text of the hub, or None when it is time to look: 50 ms after the last look where the records moved."""
        try:
            async with asyncio.timeout(1.0):
                item = await self.inbox.get()
        except TimeoutError:
            return None
        if isinstance(item, BaseException):
            raise item
        if item is MOVED:
            await asyncio.sleep(max(0.0, LIVE_S - (time.monotonic() - looked)))
            return None
        return item

    async def _receive(self, socket: ClientConnection) -> None:
        try:
            while True:
                text = await socket.recv()
                while self.inbox.qsize() > 64:  # what is not heard yet waits at the hub  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
                self.inbox.put_nowait(text)
        except ConnectionClosed as closed:
            self.inbox.put_nowait(closed)

    @staticmethod
    async def _send(socket: ClientConnection, messages: Sequence[Message]) -> None:
        for message in messages:
            await socket.send(encoded(message))

    # --- by exchange --------------------------------------------------------------------------------------------------

    async def _exchange(self, talk: VenueTalk, heard: Callable[[VenueTalk], None], token: str) -> None:
        """The same by HTTP: what there is to say goes up, what there is to hear comes down, one after the other."""
        talk.standing.by = "exchange"
        saying = await talk.begin(self.now())
        wait = 0
        while time.monotonic() < self.way.socket_again:
            url = f"{self.url}/hub/v1/exchange?wait={wait}"
            body = {"messages": saying}
            answer = await post(
                url, body, context=self.context, now=self.now(), token=token, within=EXCHANGE_WAIT + 20
            )  # fmt: skip
            said = answer.get("messages")
            saying = []
            for message in said if isinstance(said, list) else []:
                saying += await talk.hear(message, time.monotonic(), self.now())
                heard(talk)
            saying += await talk.look(time.monotonic(), self.now())
            wait = 0 if saying or said else await self._idle()
            if talk.quiet(time.monotonic()):
                raise Unreached("the hub has said nothing for 25 seconds")

    async def _idle(self) -> int:
        """Waits until the records move, for a second at most; how long the hub may wait then."""
        with suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                while await self.inbox.get() is not MOVED:
                    pass
                return 0
        return 1


def encoded(message: Message) -> str:
    """A message as it is sent; its rows one by one, since nobody else has a turn while one is encoded."""
    wires = message.get("rows")
    if not isinstance(wires, list) or not wires:
        return compact(message)
    others = compact({name: value for name, value in message.items() if name != "rows"})
    return f'{others[:-1]},"rows":[{",".join(map(compact, wires))}]}}'


def _read(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
