"""JSON that says something twice is refused: one program would read the first, and another the last."""

from __future__ import annotations

import json
from typing import Any

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.console import problems

LONGEST_NAME = 60  # letters of a member that are told again


class Twice(Exception):
    """A member stands there twice; its name."""


class SaidOnce:
    """Refuses bodies of JSON in which an object has a member twice; everything else passes as it came."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _is_json(dict(scope["headers"])):
            await self._app(scope, receive, send)
            return
        body, ended, late = bytearray(), False, None
        messages: list[Message] = []
        while not ended:
            try:
                message = await receive()
            except HTTPException as fault:  # too large, or too slow: said where the application reads it
                late = fault
                break
            messages.append(message)
            body += message.get("body", b"")
            ended = message["type"] != "http.request" or not message.get("more_body", False)
        twice = said_twice(bytes(body)) if late is None else None
        if twice is not None:
            words = f"body: {twice!r} stands there twice"
            await problems.answer(422, words, errors=[{"at": "body", "reason": words}])(scope, receive, send)
            return

        async def again() -> Message:
            if not messages and late is not None:
                raise late
            return messages.pop(0) if messages else await receive()

        await self._app(scope, again, send)


def _is_json(headers: dict[bytes, bytes]) -> bool:
    kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    return kind == b"application/json" or kind.endswith(b"+json")


def said_twice(body: bytes) -> str | None:
    """The member that an object of this text has twice; None where there is none, and where it is no JSON."""
    try:
        json.loads(body, object_pairs_hook=_once)
    except Twice as twice:
        return str(twice)
    except (ValueError, RecursionError):
        pass  # which is said where it is read
    return None


def _once(pairs: list[tuple[str, Any]]) -> None:
    seen = set[str]()
    for name, _ in pairs:
        if name in seen:
            raise Twice(name[:LONGEST_NAME])
        seen.add(name)
