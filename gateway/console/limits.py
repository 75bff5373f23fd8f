"""What a request may weigh, and under which names we answer."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection
from ipaddress import ip_address

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.addresses import network_of
from gateway.console import problems
from gateway.console.said_once import SaidOnce
from gateway.operations.control import LOCAL

HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^][:@,/\\\s]+)(?::\d{1,5})?")  # a name or an address, and a port
BIGGEST_BODY = 256 * 1024
BIGGEST_OF_STRANGERS = 16 * 1024  # of whom we do not know; a PIN, a code or a word on one's own page is shorter
BIGGEST = {"/api/customers/import": 16 * 1024 * 1024}  # everything about one person, with what they signed
LONGEST_LENGTH = 12  # digits of a Content-Length; Python reads none of thousands
WATCHED = frozenset({"/health", "/metrics"})  # monitors see a full house
BODY_WITHIN = 30.0  # seconds; the largest takes one on the slowest Wi-Fi
BIGGEST_LOCAL = 256 * 1024 * 1024  # the file of a million customers
OF_STRANGERS = f"before anybody has signed in a body may have {BIGGEST_OF_STRANGERS} bytes"


class Limits:
    """Refuses foreign Host names (DNS rebinding) and bodies over 256 kB (16 of strangers) before anybody looks at them.

    On the data folder's own socket there is no name to rebind, and a body may be the file of all customers.
    """

    def __init__(self, app: ASGIApp, *, hosts: Collection[str]) -> None:
        self._app = SaidOnce(app)
        self._hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        local = LOCAL in scope
        if not local and not self._known(headers.get(b"host", b"").decode("latin-1")):
            answer = problems.answer(400, "unknown host name; the setting [console] hosts lists those allowed")
            if scope["type"] == "http":
                await answer(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 4403})
            return
        if b"transfer-encoding" in headers and b"content-length" in headers:
            # Where a proxy goes by the one and we by the other, what follows would be a request of its own.
            words = "a request says by Content-Length or by Transfer-Encoding how long it is, and not by both"
            await problems.answer(400, words, {"Connection": "close"})(scope, receive, send)
            return
        biggest = BIGGEST_LOCAL if local else BIGGEST.get(scope["path"], BIGGEST_BODY)
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or len(length) > LONGEST_LENGTH or int(length) > biggest:
            await problems.answer(413, f"a body may have {biggest} bytes")(scope, receive, send)
            return
        if not local and _may_be_large(length, headers) and _nobody(scope):
            if int(length) > BIGGEST_OF_STRANGERS:
                await problems.answer(413, OF_STRANGERS, {"Connection": "close"})(scope, receive, send)
                return
            biggest = BIGGEST_OF_STRANGERS
        if local:
            await self._app(scope, _counted(receive, biggest), send)
        elif _only_managers(scope):
            words = "too many are connected: only managers who are signed in are let in just now"
            await problems.answer(503, words, {"Retry-After": "10"})(scope, receive, send)
        else:
            body = _in_time(scope, _counted(receive, biggest)) if scope["type"] == "http" else receive
            await self._app(scope, body, send)

    def _known(self, host: str) -> bool:
        found = HOST.fullmatch(host)
        name = found[1].strip("[]").lower() if found is not None else ""
        return name in self._hosts or _is_address(name)


def _may_be_large(length: bytes, headers: dict[bytes, bytes]) -> bool:
    """Whether a body is longer than a stranger's may be, or does not say how long it is."""
    return int(length) > BIGGEST_OF_STRANGERS or b"transfer-encoding" in headers


def _nobody(scope: Scope) -> bool:
    """Whether whoever sends this has not signed in and has no token; a cookie's key is looked at with the body."""
    return scope["type"] == "http" and scope["app"].state.sessions.who(HTTPConnection(scope)) is None


def _is_address(name: str) -> bool:
    """An address cannot be rebound to another; only names can."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _only_managers(scope: Scope) -> bool:
    """Whether the house is so full that only managers are let in, and this is none."""
    state = scope["app"].state
    if state.gate is None or not state.gate.crowded or scope["path"] in WATCHED:
        return False
    who = state.sessions.who(HTTPConnection(scope))
    return who is None or not who.lead


def _in_time(scope: Scope, receive: Receive) -> Receive:
    """Gives a body up that does not come to an end."""
    loop = asyncio.get_running_loop()
    deadline, whole = loop.time() + BODY_WITHIN, False

    async def waiting() -> Message:
        nonlocal whole
        if whole:
            return await receive()
        try:
            async with asyncio.timeout_at(deadline):
                message = await receive()
        except TimeoutError:
            client = scope.get("client")
            scope["app"].state.overruns.note("slow", network_of(client[0] if client else None))
            words = f"the body of a request must be here within {BODY_WITHIN:g} s"
            raise HTTPException(408, words, {"Connection": "close"}) from None
        whole = not message.get("more_body", False)
        return message

    return waiting


def _counted(receive: Receive, biggest: int) -> Receive:
    """Cuts a body off that is longer than it said, or said nothing."""
    seen = 0

    async def counting() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > biggest:
                raise HTTPException(413, f"a body may have {biggest} bytes")  # FastAPI makes a 400 of any other
        return message

    return counting
