"""The way in: connections are counted as they come, and each has so long to say what it wants."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from gateway.operations.gate import Gate, Guest
from gateway.operations.straight import LiveSocket

log = logging.getLogger(__name__)

HELLO_WITHIN = 10.0  # seconds for a TLS handshake
HEAD_WITHIN = 10.0  # seconds from its first byte for a request's head, and for a connection that says nothing at all
READ_WITHIN = 30.0  # seconds for an answer's next part to be taken: who asks and never reads holds a place for nothing
LINGER = 1.0  # seconds to hear out who is refused: a connection that is cut while they talk loses them our words
WARN_AGAIN = 60.0  # seconds
AGAIN_AFTER = 0.2  # seconds until the next try, where the system has no file descriptor left


class Asking(H11Protocol):
    """HTTP/1.1 whose heads must come to an end; what is refused before the application sees it has words too."""

    def __init__(self, server: uvicorn.Server, gate: Gate, guest: Guest) -> None:
        super().__init__(server.config, server.server_state, server.lifespan.state)
        self.gate = gate
        self.guest = guest
        self.ws_protocol_class = partial(Live, gate, guest)  # type: ignore[assignment]  # called like the class
        self._deadline: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._heard = self._refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begins to wait for the first request."""
        super().connection_made(transport)
        self.guest.close = transport.abort
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over."""
        self._no_deadline()
        self._is_read()
        self.gate.leave(self.guest)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """It does not take its answer: not for long."""
        super().pause_writing()
        self._unread = self.loop.call_later(READ_WITHIN, self._never_read)

    def resume_writing(self) -> None:
        """It takes its answer again."""
        super().resume_writing()
        self._is_read()

    def _is_read(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _never_read(self) -> None:
        self.gate.slow(self.guest)
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Some bytes of a request: its head must be whole in time, however slowly they come."""
        if self._refused:
            return
        self._heard = True
        super().data_received(data)
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self._await_head()

    def handle_events(self) -> None:
        """As it is; whoever has asked is silent no longer."""
        super().handle_events()
        if self.conn.their_state is not h11.IDLE:
            self._no_deadline()
            self.gate.speaks(self.guest)

    def on_response_complete(self) -> None:
        """The answer is given."""
        self._heard = False
        super().on_response_complete()
        if self.conn.their_state is h11.IDLE:
            self.gate.rests(self.guest)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """The connection becomes a live socket, and is counted as one."""
        self._no_deadline()
        self.gate.speaks(self.guest)
        super().handle_websocket_upgrade(event)

    def send_400_response(self, msg: str) -> None:
        """What cannot be read is refused in words."""
        head_too_long = self.conn.their_state is h11.ERROR and self._too_long()
        status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE if head_too_long else HTTPStatus.BAD_REQUEST
        words = "the head of a request may have 32 kB" if head_too_long else "this is no HTTP request that can be read"
        self._refuse(status, words)

    def _too_long(self) -> bool:
        buffered, _ = self.conn.trailing_data
        return len(buffered) > (self.config.h11_max_incomplete_event_size or 0)

    def _await_head(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(HEAD_WITHIN, self._late)

    def _no_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _late(self) -> None:
        self._deadline = None
        if self.transport.is_closing():
            return
        if self._heard:
            self.gate.slow(self.guest)
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, f"the head of a request must be here within {HEAD_WITHIN:g} s")
        else:
            self.transport.close()

    def _refuse(self, status: HTTPStatus, words: str) -> None:
        self._refused = True
        self.transport.write(refusal(status, words))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(LINGER, self.transport.close)


class Live(LiveSocket):
    """A live socket, counted until it ends."""

    def __init__(self, gate: Gate, guest: Guest, **more: Any) -> None:
        super().__init__(**more)
        self.gate = gate
        self.guest = guest

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Takes over from the request that became it."""
        super().connection_made(transport)
        self.guest.close = self.transport.abort

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over."""
        self.gate.leave(self.guest)
        super().connection_lost(exc)


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
