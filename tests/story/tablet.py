"""A tablet: a live socket that remembers everything it was sent, in order, and can wait for what matters."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.shapes import frame_mistakes

WITHIN = 40.0  # seconds; two on a machine that is not busy, twelve where the gateway is stopped 95 % of the time
Event = dict[str, Any]


class Tablet:
    """One live socket; ``events`` are the CloudEvents in the order in which they came, ticks left out."""

    def __init__(self, url: str, headers: dict[str, str], *, name: str, trusts: ssl.SSLContext | None = None) -> None:
        self._url = url
        self._trusts = trusts
        self._headers = headers
        self._name = name
        self._socket: ClientConnection | None = None
        self._listening: asyncio.Task[None] | None = None
        self._news = asyncio.Condition()
        self._taken: set[int] = set()
        self.hello: dict[str, Any] = {}
        self.events: list[Event] = []
        self.ticks: list[dict[str, Any]] = []
        self.covers: list[dict[str, Any]] = []
        """What it was told behind its cover."""
        self.close_code: int | None = None
        self._wrong: list[str] = []

    @property
    def told_of(self) -> set[str]:
        """Whose coming and going it was told of, and nobody else's; hints name nobody, and nobody has two of them."""
        visits = [e for e in self.events if e["type"].startswith("visit.")]
        whose = {e["subject"] for e in visits if e["type"] != "visit.hinted"}
        assert sum(e["type"] == "visit.hinted" for e in visits) <= len(whose)
        return whose

    async def __aenter__(self) -> Self:
        self._socket = await connect(
            self._url.replace("http", "ws", 1), additional_headers=self._headers, compression=None, proxy=None,
            ssl=self._trusts,
        )  # fmt: skip
        self.hello = json.loads(await asyncio.wait_for(self._socket.recv(), WITHIN))
        assert self.hello["type"] in ("hello", "covered"), self.hello
        if self.hello["type"] == "covered":
            self.covers.append(self.hello)
        self._check(self.hello)
        self._listening = asyncio.create_task(self._listen(self._socket))
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._socket is not None:
            await self._socket.close()
        if self._listening is not None:
            await self._listening
        self._all_right()

    async def _listen(self, socket: ClientConnection) -> None:
        with suppress(ConnectionClosed):
            async for text in socket:
                message = json.loads(text)
                self._check(message)
                async with self._news:
                    kept = {"tick": self.ticks, "covered": self.covers}.get(message["type"], self.events)
                    kept.append(message)
                    self._news.notify_all()
        async with self._news:
            self.close_code = socket.close_code
            self._news.notify_all()

    def _check(self, message: dict[str, Any]) -> None:
        """Keeps what is wrong with a frame; of who is no person, or sent no snapshot, only members too many."""
        state = self.hello.get("state")
        part = state is None or not {"floor", "crew", "manager"}.intersection(state["me"]["roles"])
        self._wrong += [f"{message['type']}: {mistake}" for mistake in frame_mistakes(message, part=part)]

    def _all_right(self) -> None:
        assert not self._wrong, f"{self._name} was sent what is not as documented: {'; '.join(self._wrong)}"

    # --- what it shows ---------------------------------------------------------------------------------------------

    @property
    def state(self) -> dict[str, Any]:
        """The snapshot that came with the hello."""
        assert self.hello["state"] is not None, "the tablet was not sent a snapshot"
        state: dict[str, Any] = self.hello["state"]
        return state

    @property
    def sequence(self) -> int:
        """The last number it has, with which it would come back."""
        return int(self.events[-1]["sequence"] if self.events else self.hello["sequence"])

    def seen(self, type_: str, **facts: Any) -> list[Event]:
        """The events of this type so far whose data holds these facts."""
        return [e for e in self.events if e["type"] == type_ and _holds(e, facts)]

    async def expect(self, type_: str, *, within: float = WITHIN, **facts: Any) -> Event:
        """The next event of this type that holds these facts; an event is handed out once."""

        def fresh() -> Event | None:
            return next((e for e in self.seen(type_, **facts) if e["sequence"] not in self._taken), None)

        await self._until(lambda: fresh() is not None or self.close_code is not None, within)
        event = fresh()
        if event is None:
            raise AssertionError(f"{self._name} was not sent {type_} {facts or ''} within {within} s; {self._told()}")
        self._taken.add(event["sequence"])
        self._all_right()
        return event

    async def tick(self, *, within: float = WITHIN) -> dict[str, Any]:
        """The next tick."""
        before = len(self.ticks)
        await self._until(lambda: len(self.ticks) > before or self.close_code is not None, within)
        assert len(self.ticks) > before, f"{self._name}: no tick within {within} s; {self._told()}"
        return self.ticks[-1]

    async def closed(self, *, within: float = WITHIN) -> int:
        """The close code with which the gateway ends this socket."""
        await self._until(lambda: self.close_code is not None, within)
        assert self.close_code is not None, f"{self._name} is still open after {within} s; {self._told()}"
        return self.close_code

    async def send(self, text: str) -> None:
        """Says something to the gateway."""
        assert self._socket is not None
        await self._socket.send(text)

    async def _until(self, condition: Callable[[], bool], within: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(within), self._news:
                await self._news.wait_for(condition)

    def _told(self) -> str:
        lines = [f"  {e['sequence']} {e['type']} {e['subject']} {_short(e['data'])}" for e in self.events[-15:]]
        closed = f" and was closed with {self.close_code}" if self.close_code else ""
        return "\n".join([f"it heard {len(self.events)} events{closed}, at last:", *lines])


def _holds(event: Event, facts: dict[str, Any]) -> bool:
    return all(event["data"].get(key, event.get(key)) == value for key, value in facts.items())


def _short(data: dict[str, Any]) -> str:
    return str({k: v for k, v in data.items() if k in ("customer", "zone", "state", "to", "by", "reader", "reason")})
