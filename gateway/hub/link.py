"""The everyday door: a WebSocket on which a box and the hub tell each other what is new."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from contextlib import suppress

from starlette.responses import JSONResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from gateway.hub.database import StoreLost
from gateway.hub.house import House, now_ms
from gateway.hub.members import Signed
from gateway.hub.problems import MEDIA_TYPE, HubProblem
from gateway.hub.talk import TICK_S, HubTalk
from gateway.hub.wire import Message
from gateway.records.compact import compact

log = logging.getLogger(__name__)

SUBPROTOCOL = "moments.hub.1"


def bearer(headers: Mapping[str, str]) -> str:
    """The token of a request; raises HubProblem where there is none."""
    kind, _, token = headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise HubProblem("session")
    return token.strip()


class Link:
    """Serves links, each by two tasks: one hears and one speaks, and neither cuts into the other."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def serve(self, socket: WebSocket) -> None:
        """One link, from its handshake to its end."""
        try:
            signed = await self._signed(socket)
        except HubProblem as problem:
            self._house.refused(problem)
            answer = JSONResponse(problem.body(), problem.kind.status, media_type=MEDIA_TYPE)
            await socket.send_denial_response(answer)
            return
        await socket.accept(SUBPROTOCOL)
        problem_or_none = await self._speak_and_hear(socket, signed)
        with suppress(StoreLost):
            await self._house.store.members.gone(signed)
        with suppress(RuntimeError, WebSocketDisconnect):
            if problem_or_none is not None:
                await socket.send_text(compact(problem_or_none.message()))
                await socket.close(problem_or_none.kind.close, problem_or_none.code)

    async def _signed(self, socket: WebSocket) -> Signed:
        if SUBPROTOCOL not in socket.scope.get("subprotocols", []):
            raise HubProblem("too-old")
        try:
            signed = await self._house.store.members.session(bearer(socket.headers), now_ms())
            await self._house.store.members.heard(signed, now_ms())
        except StoreLost as lost:
            raise HubProblem("store", retry_after_s=5, spread_s=self._house.spread_s) from lost
        return signed

    async def _speak_and_hear(self, socket: WebSocket, signed: Signed) -> HubProblem | None:
        """Serves until the box hangs up (None) or is refused."""
        talk, turn, awake = self._house.talk(signed.box), asyncio.Lock(), asyncio.Event()
        ended: asyncio.Future[HubProblem | None] = asyncio.get_running_loop().create_future()

        def end(problem: HubProblem | None) -> None:
            if not ended.done():
                ended.set_result(problem)

        self._house.links.open(signed, end)
        tasks = [
            asyncio.create_task(self._hear(socket, talk, turn, awake)),
            asyncio.create_task(self._speak(socket, talk, turn, awake, signed.until)),
        ]
        for task in tasks:
            task.add_done_callback(lambda done: end(_outcome(done)))
        try:
            return await ended
        finally:
            self._house.links.close(signed)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _hear(self, socket: WebSocket, talk: HubTalk, turn: asyncio.Lock, awake: asyncio.Event) -> None:
        while True:
            frame = await socket.receive()
            if frame["type"] == "websocket.disconnect":
                return
            message = _read(frame.get("text"))
            async with turn:
                answers = await self._house.hear(talk, message)
                await _send(socket, answers)
            awake.set()

    async def _speak(
        self, socket: WebSocket, talk: HubTalk, turn: asyncio.Lock, awake: asyncio.Event, until: int
    ) -> None:
        ticked = time.monotonic()
        while True:
            if now_ms() >= until:
                raise HubProblem("session")
            async with turn:
                try:
                    news = await talk.news(self._house.heads)
                except StoreLost as lost:
                    raise HubProblem("store", retry_after_s=5, spread_s=self._house.spread_s) from lost
                await _send(socket, news)
            if news:
                continue
            if talk.greeted and time.monotonic() - ticked >= TICK_S:
                ticked = time.monotonic()
                async with turn:
                    await _send(socket, [talk.tick(self._house.heads, now_ms())])
            await self._moved(awake, TICK_S - (time.monotonic() - ticked))

    async def _moved(self, awake: asyncio.Event, within_s: float) -> None:
        """Returns when a feed has more to say, when the box said something, or after so many seconds."""
        waits = [
            asyncio.create_task(self._house.moved(max(0.01, within_s))),
            asyncio.create_task(awake.wait()),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            awake.clear()
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)


class _HungUp(Exception):
    """The box is gone: there is nobody to tell."""


def _read(text: str | None) -> object:
    if text is None:
        raise HubProblem("message", why="bytes came where text was expected")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise HubProblem("message", why="that is no JSON") from None


async def _send(socket: WebSocket, messages: list[Message]) -> None:
    for message in messages:
        try:
            await socket.send_text(compact(message))
        except (RuntimeError, WebSocketDisconnect) as error:
            raise _HungUp from error


def _outcome(done: asyncio.Task[None]) -> HubProblem | None:
    """How a link ended: refused, or hung up."""
    if done.cancelled():
        return None
    error = done.exception()
    if error is None or isinstance(error, HubProblem):
        return error
    if not isinstance(error, _HungUp):
        log.error("hub: a link ended by a fault of ours", exc_info=error)
        return HubProblem("store", retry_after_s=5)
    return None
