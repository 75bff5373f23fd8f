"""The web server: uvicorn as one task among ours, not as the owner of the process."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.operations.asking import Asking
from gateway.operations.control import LOCAL
from gateway.operations.entrance import Entrance
from gateway.operations.gate import Gate
from gateway.operations.presented import Presented
from gateway.settings.venue import Console

STOP_WITHIN = 3  # seconds for requests under way
# A tablet that lost its Wi-Fi hangs up on nobody: within 20 s it counts as gone, and no card rings with it any more.
PING_EVERY, PONG_WITHIN = 10.0, 10.0  # seconds


class Server(uvicorn.Server):
    """A uvicorn that leaves signals to us: its own handling ends the process before the journal is flushed.

    With a ``gate`` it lets in who passes it; without one everybody, as on the data folder's own socket. ``tls`` says
    how to speak TLS with who comes next.
    """

    def __init__(
        self, config: uvicorn.Config, gate: Gate | None = None, tls: Callable[[], ssl.SSLContext] | None = None
    ) -> None:
        super().__init__(config)
        self._gate = gate
        self._tls = tls

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begins to accept connections."""
        gate = self._gate
        if gate is None or sockets is None:
            await super().startup(sockets)
            return
        await self.lifespan.startup()
        make = partial(Asking, self, gate)
        self.servers = [Entrance(gate, each, make, self._tls) for each in sockets]  # type: ignore[misc]
        self.started = True

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Captures none."""
        yield


def make_server(app: FastAPI, console: Console, gate: Gate, presented: Presented | None) -> Server:
    """The server of this application for the network, not started; ``gate`` says who may come in.

    ``presented`` is the certificate that it shows where it speaks TLS itself.
    """
    tls = (lambda: presented.context) if presented is not None and console.speaks_tls else None
    return _server(app, gate, tls, date_header=True, proxy_headers=console.behind_proxy)


def make_trust_server(app: ASGIApp, gate: Gate) -> Server:
    """The server of the page that says how to trust this house, without TLS, not started."""
    return _server(app, gate, None, proxy_headers=False)


def make_page_server(app: ASGIApp, gate: Gate, presented: Presented | None) -> Server:
    """The server of the page on which a machine becomes a house, over TLS where there is a certificate, not started."""
    tls = (lambda: presented.context) if presented is not None else None
    return _server(app, gate, tls, proxy_headers=False)


def make_local_server(app: ASGIApp) -> Server:
    """The server of the same application for the data folder's own socket, not started."""
    return _server(_as_local(app), None, None, proxy_headers=False)


def _as_local(app: ASGIApp) -> ASGIApp:
    async def marked(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, LOCAL: True}, receive, send)

    return marked


def _server(app: ASGIApp, gate: Gate | None, tls: Callable[[], ssl.SSLContext] | None, **more: Any) -> Server:
    return Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            http="h11",
            ws="websockets-sansio",  # of who comes past the gate: LiveSocket
            ws_max_size=16 * 1024,
            ws_ping_interval=PING_EVERY,
            ws_ping_timeout=PONG_WITHIN,
            ws_per_message_deflate=False,  # halves the memory a tablet takes; messages are small
            timeout_graceful_shutdown=STOP_WITHIN,
            timeout_keep_alive=30,
            h11_max_incomplete_event_size=32 * 1024,
            **more,
        ),
        gate,
        tls,
    )
