"""The way in: connections are counted as they come, and who finds no place is told so."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import ssl
from asyncio.sslproto import SSLProtocol
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http import HTTPStatus

from gateway.operations.gate import Gate, Guest

log = logging.getLogger(__name__)

HELLO_WITHIN = 10.0  # seconds for a TLS handshake
WARN_AGAIN = 60.0  # seconds
AGAIN_AFTER = 0.2  # seconds until the next try, where the system has no file descriptor left
READ_AT_ONCE = 32 * 1024  # bytes, two records of TLS

# asyncio writes zeros over so much memory for each connection that speaks TLS, before it says a word: 256 kB by itself,
# by which three thousand of them were more than the service may have.
SSLProtocol.max_size = READ_AT_ONCE


def refusal(status: HTTPStatus, words: str) -> bytes:
    """A whole answer that is a problem (RFC 9457), for who is refused before the application is asked."""
    problem = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": words}
    body = json.dumps(problem).encode()
    head = f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: application/problem+json\r\nConnection: close\r\n"
    head += (
        "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nContent-Security-Policy: default-src 'none'\r\n"
    )
    retry = "Retry-After: 10\r\n" if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE) else ""
    return f"{head}{retry}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _give_up(task: asyncio.Task[None]) -> None:
    task.cancel()


class Entrance:
    """Accepts connections of one listening socket; ``make`` makes the protocol of a guest.

    ``tls`` is asked how to speak TLS at each greeting, so that a renewed certificate is shown from then on. ``says`` is
    what is said to who finds no place; None: in HTTP that it is too many.
    """

    def __init__(
        self, gate: Gate, listening: socket.socket, make: Callable[[Guest], asyncio.Protocol],
        tls: Callable[[], ssl.SSLContext] | None = None, *, says: bytes | None = None,
    ) -> None:  # fmt: skip
        words = "too many connections from this address: close some and try again"
        self._says = b"" if tls else refusal(HTTPStatus.TOO_MANY_REQUESTS, words) if says is None else says
        self._gate = gate
        self._listening = listening
        self._make = make
        self._tls = tls
        self._greeting: set[asyncio.Task[None]] = set()
        self._accepting = asyncio.create_task(self._accept(), name="entrance")

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        warned_at = float("-inf")
        while True:
            try:
                connection, peer = await loop.sock_accept(self._listening)
            except OSError as error:
                if loop.time() - warned_at > WARN_AGAIN:
                    warned_at = loop.time()
                    log.warning("no more connections can be taken just now: %s", error.strerror)
                await asyncio.sleep(AGAIN_AFTER)
                continue
            guest = self._gate.enter(peer[0] if isinstance(peer, tuple) else None)
            if guest is None:
                self._turn_away(connection)
                continue
            task = asyncio.create_task(self._greet(connection, guest))
            self._greeting.add(task)
            task.add_done_callback(self._greeting.discard)
            guest.close = partial(_give_up, task)
            await asyncio.sleep(0)  # who had to go for this one has gone before the next is taken

    async def _greet(self, connection: socket.socket, guest: Guest) -> None:
        loop = asyncio.get_running_loop()
        tls = self._tls() if self._tls else None
        within = HELLO_WITHIN if tls else None
        try:
            await loop.connect_accepted_socket(
                lambda: self._make(guest), connection, ssl=tls, ssl_handshake_timeout=within
            )
        except (OSError, ssl.SSLError, TimeoutError):  # whoever speaks no TLS, or not in time
            connection.close()
            self._gate.leave(guest)
        except asyncio.CancelledError:
            connection.close()
            self._gate.leave(guest)
            raise

    def _turn_away(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.send(self._says)

    def close(self) -> None:
        """Accepts nobody any more."""
        self._accepting.cancel()
        for task in list(self._greeting):
            task.cancel()

    async def stop(self) -> None:
        """Accepts nobody any more, and lets go of the listening socket."""
        self.close()
        await self.wait_closed()
        self._listening.close()

    async def wait_closed(self) -> None:
        """Returns when nobody is being greeted any more."""
        await asyncio.gather(self._accepting, *self._greeting, return_exceptions=True)
