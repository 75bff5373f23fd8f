"""A connection of HTTP/1.1 that has so long to say what it wants, and the live socket that it may become."""

from __future__ import annotations

import asyncio
from functools import partial
from http import HTTPStatus
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from gateway.operations.entrance import refusal
from gateway.operations.gate import Gate, Guest
from gateway.operations.straight import LiveSocket

HEAD_WITHIN = 10.0  # seconds from its first byte for a request's head, and for a connection that says nothing at all
READ_WITHIN = 30.0  # seconds for an answer's next part to be taken: who asks and never reads holds a place for nothing
LINGER = 1.0  # seconds to hear out who is refused: a connection that is cut while they talk loses them our words


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
