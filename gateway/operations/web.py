"""The web server: uvicorn as one task among ours, not as the owner of the process."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.operations.control import LOCAL
from gateway.settings.venue import Console

STOP_WITHIN = 3  # seconds for requests under way
# A tablet that lost its Wi-Fi hangs up on nobody: within 20 s it counts as gone, and no card rings with it any more.
PING_EVERY, PONG_WITHIN = 10.0, 10.0  # seconds


class CannotListen(Exception):
    """The console's address cannot be had; the text says why."""


def listen(console: Console) -> socket.socket:
    """A bound socket for the console; raises CannotListen."""
    family = socket.AF_INET6 if ":" in console.host else socket.AF_INET
    # asyncio sets TCP_NODELAY only where the protocol is said; without it every answer to a write waits 40 ms.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((console.host, console.port))
    except OSError as error:
        bound.close()
        raise CannotListen(
            f"[console] listen: {console.listen} cannot be had ({(error.strerror or str(error)).lower()})"
        ) from None
    bound.listen(512)
    bound.setblocking(False)
    return bound


class Server(uvicorn.Server):
    """A uvicorn that leaves signals to us: its own handling ends the process before the journal is flushed."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Captures none."""
        yield


def make_server(app: FastAPI, console: Console) -> Server:
    """The server of this application for the network, not started."""
    return _server(
        app,
        date_header=True,
        limit_concurrency=1000,
        ssl_certfile=console.tls.cert if console.tls else None,
        ssl_keyfile=console.tls.key if console.tls else None,
        proxy_headers=console.behind_proxy,
    )


def make_local_server(app: FastAPI) -> Server:
    """The server of the same application for the data folder's own socket, not started."""
    return _server(_as_local(app), proxy_headers=False)


def _as_local(app: ASGIApp) -> ASGIApp:
    async def marked(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, LOCAL: True}, receive, send)

    return marked


def _server(app: ASGIApp, **more: Any) -> Server:
    return Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            ws="websockets-sansio",
            ws_max_size=16 * 1024,
            ws_ping_interval=PING_EVERY,
            ws_ping_timeout=PONG_WITHIN,
            ws_per_message_deflate=False,  # halves the memory a tablet takes; messages are small
            timeout_graceful_shutdown=STOP_WITHIN,
            timeout_keep_alive=30,
            h11_max_incomplete_event_size=32 * 1024,
            **more,
        )
    )
