"""A call to the hub over HTTP: one message, one answer, and words where there is none."""

from __future__ import annotations

import asyncio
import http.client
import io
import json
import socket
import ssl
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from gateway.hub.wire import Message
from gateway.operations import outward

LARGEST = 16 * 1024 * 1024  # bytes of an answer: eight messages of 1 MiB, and what JSON adds
WITHIN = 20.0  # seconds
CONNECTS = 10.0  # seconds, for each address that a name leads to
EXPIRED, NOT_YET = 10, 9  # what X.509 calls them


class Unreached(Exception):
    """The hub is not there, or is not the one it is said to be; the text says why. Another try may do."""


class Answered(Exception):
    """The hub refused: ``code`` of the problem, empty where the answer is none of the hub's, and all that it said."""

    def __init__(self, status: int, body: Message) -> None:
        self.status = status
        self.body = body
        self.code = str(body.get("type", "")).rpartition(":")[2] if str(body.get("type", "")).startswith("urn:") else ""
        super().__init__(str(body.get("detail") or f"it answered {status}, which is no answer of a hub"))


def trust(url: str, ca: str | None) -> ssl.SSLContext | None:
    """Whom to believe that they are the hub: the system's authorities, or ours alone; None where it speaks no TLS."""
    if urlsplit(url).scheme != "https":
        return None
    return ssl.create_default_context(cafile=ca)


async def post(
    url: str, body: object, *, context: ssl.SSLContext | None, now: float, token: str | None = None,
    within: float = WITHIN,
) -> Message:  # fmt: skip
    """The answer to ``body``; raises Answered, Unreached. ``now``: this box's time, for words about certificates."""
    return (await call("POST", url, body, context=context, now=now, token=token, within=within))[1]


async def call(
    method: str, url: str, body: object = None, *, context: ssl.SSLContext | None, now: float,
    token: str | None = None, within: float = WITHIN,
) -> tuple[int, Message]:  # fmt: skip
    """The same by another method, with the status of what was not refused."""
    parts = urlsplit(url)
    try:
        async with asyncio.timeout(within):
            request = _request(method, url, body, token)
            status, raw = await _exchanged(parts.hostname or "", parts.port, request, context)
    except (OSError, TimeoutError, http.client.HTTPException, ValueError) as error:
        raise Unreached(in_words(error, now)) from error
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        found = None
    if status not in (200, 201) or not isinstance(found, dict):
        raise Answered(status, found if isinstance(found, dict) else {})
    return status, found


def _request(method: str, url: str, body: object, token: str | None) -> bytes:
    parts = urlsplit(url)
    content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
    lines = [
        f"{method} {parts.path}{'?' + parts.query if parts.query else ''} HTTP/1.1", f"Host: {parts.netloc}",
        "Content-Type: application/json", f"Content-Length: {len(content)}", "Connection: close",
        "Accept: application/json",
    ]  # fmt: skip
    if token is not None:
        lines.append(f"Authorization: Bearer {token}")
    return "\r\n".join([*lines, "", ""]).encode() + content


async def line(host: str, port: int | None, context: ssl.SSLContext | None) -> socket.socket:
    """A connection to the hub, before TLS; raises OSError, also ``outward.Inside``: its name leads into this box."""
    to = (host, port or (443 if context else 80))
    return await asyncio.to_thread(outward.connect, to, CONNECTS)


async def _exchanged(host: str, port: int | None, request: bytes, context: ssl.SSLContext | None) -> tuple[int, bytes]:
    there = await line(host, port, context)
    reader, writer = await asyncio.open_connection(
        sock=there, ssl=context, server_hostname=host if context is not None else None
    )
    try:
        writer.write(request)
        await writer.drain()
        raw = bytearray()
        while chunk := await reader.read(65_536):
            raw += chunk
            if len(raw) > LARGEST:
                raise ValueError("its answer is longer than any of a hub's")
    finally:
        writer.transport.abort()
    answer = http.client.HTTPResponse(_Received(bytes(raw)))  # type: ignore[arg-type]
    answer.begin()
    return answer.status, answer.read()


class _Received:
    """What came, as ``http.client`` reads it."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def makefile(self, _mode: str) -> io.BytesIO:
        """It, as a file."""
        return io.BytesIO(self._raw)


def in_words(error: BaseException, now: float) -> str:
    """Why the hub was not reached, for a person."""
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code in (EXPIRED, NOT_YET):
            day = datetime.fromtimestamp(now, UTC).date().isoformat()
            return f"The hub's certificate is not valid at this box's time ({day}). Is the clock right?"
        return f"the hub's certificate is not to be trusted: {error.verify_message.strip('.')}"
    if isinstance(error, TimeoutError):
        return "the hub does not answer"
    if isinstance(error, OSError):
        return f"the hub is not reached: {(error.strerror or type(error).__name__).lower()}"
    return f"what answers there is no hub: {error}"


def problem_of(body: dict[str, Any]) -> tuple[float, float | None]:
    """After how many seconds a refusal lets us come back, and over how many all venues do, if it says so."""

    def seconds(name: str) -> float | None:
        value = body.get(name)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 else None

    return min(3600.0, seconds("retry_after_s") or 0.0), seconds("spread_s")
