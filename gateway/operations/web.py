"""The web server: uvicorn as one task among ours, not as the owner of the process."""

from __future__ import annotations

import contextlib
import resource
import socket
from collections.abc import Iterator
from functools import partial
from typing import Any

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.operations.control import LOCAL
from gateway.operations.entrance import Asking, Entrance
from gateway.operations.gate import Gate
from gateway.operations.overruns import Overruns
from gateway.settings.venue import Console

THIS_MACHINE = frozenset({"127.0.0.1", "::1"})
FILES = 8_192  # open at once: live sockets, readers, the broker's door twice, and what SQLite needs
STOP_WITHIN = 3  # seconds for requests under way
# A tablet that lost its Wi-Fi hangs up on nobody: within 20 s it counts as gone, and no card rings with it any more.
PING_EVERY, PONG_WITHIN = 10.0, 10.0  # seconds


class CannotListen(Exception):
    """The console's address cannot be had; the text says why."""


def listen(console: Console) -> socket.socket:
    """A bound socket for the console, and files enough for whom it lets in; raises CannotListen."""
    _more_files()
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


def gate_of(console: Console, overruns: Overruns) -> Gate:
    """Who may come in: as many of one address as one may have, where a proxy does not hide whose they are."""
    return Gate(overruns, trusts=None if console.behind_proxy else THIS_MACHINE)


def _more_files() -> None:
    """Lets this process hold as many connections as its gates let in, as far as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(hard, FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class Server(uvicorn.Server):
    """A uvicorn that leaves signals to us: its own handling ends the process before the journal is flushed.

    With a ``gate`` it lets in who passes it; without one everybody, as on the data folder's own socket.
    """

    def __init__(self, config: uvicorn.Config, gate: Gate | None = None) -> None:
        super().__init__(config)
        self._gate = gate

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begins to accept connections."""
        gate = self._gate
        if gate is None or sockets is None:
            await super().startup(sockets)
            return
        await self.lifespan.startup()
        make = partial(Asking, self, gate)
        self.servers = [Entrance(gate, each, make, self.config.ssl) for each in sockets]  # type: ignore[misc]
        self.started = True

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Captures none."""
        yield


def make_server(app: FastAPI, console: Console, gate: Gate) -> Server:
    """The server of this application for the network, not started; ``gate`` says who may come in."""
    return _server(
        app,
        gate,
        date_header=True,
        ssl_certfile=console.tls.cert if console.tls else None,
        ssl_keyfile=console.tls.key if console.tls else None,
        proxy_headers=console.behind_proxy,
    )


def make_local_server(app: FastAPI) -> Server:
    """The server of the same application for the data folder's own socket, not started."""
    return _server(_as_local(app), None, proxy_headers=False)


def _as_local(app: ASGIApp) -> ASGIApp:
    async def marked(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, LOCAL: True}, receive, send)

    return marked


def _server(app: ASGIApp, gate: Gate | None, **more: Any) -> Server:
    return Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            http="h11",
            ws="websockets-sansio",
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
    )
