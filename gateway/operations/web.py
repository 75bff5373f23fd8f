"""The web server: uvicorn as one task among ours, not as the owner of the process."""

from __future__ import annotations

import contextlib
import resource
import socket
import ssl
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.operations.control import LOCAL
from gateway.operations.entrance import Asking, Entrance
from gateway.operations.gate import MOST, Gate
from gateway.operations.overruns import Overruns
from gateway.operations.presented import Presented
from gateway.settings.venue import Console

THIS_MACHINE = frozenset({"127.0.0.1", "::1"})
FILES = 8_192  # open at once: live sockets, readers, the broker's door twice, and what SQLite needs
SPARE = 24  # descriptors that no connection takes: readers, a copy that is made, a reader of the records
LEAST = 8  # connections, however few descriptors there are
STOP_WITHIN = 3  # seconds for requests under way
# A tablet that lost its Wi-Fi hangs up on nobody: within 20 s it counts as gone, and no card rings with it any more.
PING_EVERY, PONG_WITHIN = 10.0, 10.0  # seconds


class CannotListen(Exception):
    """The console's address cannot be had; the text says why."""


def listen(console: Console) -> socket.socket:
    """A bound socket for the console, and files enough for whom it lets in; raises CannotListen."""
    _more_files()
    return _bound(console.host, console.port, f"[console] listen: {console.listen}")


def listen_for_trust(console: Console) -> socket.socket | None:
    """A bound socket for the page that says how to trust us; None where there is none. Raises CannotListen."""
    where = console.trust_listen
    return None if where is None else _bound(*where, f"[console] trust_page: {where[0]}:{where[1]}")


def _bound(host: str, port: int, words: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sets TCP_NODELAY only where the protocol is said; without it every answer to a write waits 40 ms.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise CannotListen(f"{words} cannot be had ({(error.strerror or str(error)).lower()})") from None
    bound.listen(512)
    bound.setblocking(False)
    return bound


def gate_of(console: Console, overruns: Overruns) -> Gate:
    """Who may come in: as many of one address as one may have, where a proxy does not hide whose they are."""
    return Gate(overruns, most=_most(), trusts=None if console.behind_proxy else THIS_MACHINE)


def _most() -> int:
    """How many connections there is a descriptor for, when readers, records and copies have theirs."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    there = Path("/proc/self/fd")
    if soft == resource.RLIM_INFINITY or not there.is_dir():
        return MOST
    return max(LEAST, min(MOST, soft - len(list(there.iterdir())) - SPARE))


def _more_files() -> None:
    """Lets this process hold as many connections as its gates let in, as far as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(hard, FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


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


def make_local_server(app: FastAPI) -> Server:
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
