"""Customers have names of ours within the house, and those that others gave them outside: changed here, at the door."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.console.named import WHOSE
from gateway.core.names import Names

AS_SIGNED = ("/api/me/", "/api/receipts/", "/api/erasures/", "/api/notices/")
"""Paths whose answers are as they were signed, or the customer's own: they name customers by our ids."""
JSON = ("application/json", "application/problem+json")


class OutsideNames:
    """Has each request find whom it names, and each answer in JSON name customers as clients know them."""

    def __init__(self, app: ASGIApp, *, names: Names) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = WHOSE.set(self._names.ours)
        try:
            signed = f"{scope['path']}/".startswith(AS_SIGNED)
            await self._app(scope, receive, send if signed else _Answer(self._names, send))
        finally:
            WHOSE.reset(asked)


class _Answer:
    """One answer on its way out: one in JSON is held until it is whole."""

    def __init__(self, names: Names, send: Send) -> None:
        self._names = names
        self._send = send
        self._start: Message | None = None
        self._body: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_json(message):
            self._start = message
        elif self._start is None or message["type"] != "http.response.body":
            await self._send(message)
        else:
            self._body.append(message.get("body", b""))
            if not message.get("more_body", False):
                await self._whole(self._start)

    async def _whole(self, start: Message) -> None:
        self._start, body = None, b"".join(self._body)
        if b"c-" in body:
            body = self._names.outward(body.decode()).encode()
            rest = [(name, value) for name, value in start["headers"] if name != b"content-length"]
            start = {**start, "headers": [*rest, (b"content-length", str(len(body)).encode())]}
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})


def _is_json(start: Message) -> bool:
    kind = next((value for name, value in start["headers"] if name == b"content-type"), b"")
    return kind.decode("latin-1").partition(";")[0] in JSON
