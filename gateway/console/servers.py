"""The doors of a house and where each listens: the console, the data folder's own socket, the page for new tablets."""

from __future__ import annotations

import logging
import socket
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI

from gateway.console.trust_page import trust_page
from gateway.operations.control import local_socket
from gateway.operations.gate import Gate
from gateway.operations.overruns import Overruns
from gateway.operations.presented import Presented
from gateway.operations.reached import found_at, in_url
from gateway.operations.tls_folder import GIVEN, TLS
from gateway.operations.web import Server, make_local_server, make_server, make_trust_server
from gateway.settings.venue import Console

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Doors:
    """The servers, not started, with their bound sockets."""

    servers: dict[Server, socket.socket]
    trust_url: str | None
    """Where a tablet that does not trust the house yet finds how to; None where there is no need."""
    presented: Presented | None
    """The certificate that is shown; None where nothing speaks TLS."""


def doors_of(
    console: Console, folder: Path, app: FastAPI, gate: Gate, bound: socket.socket, first: socket.socket | None,
    presented: Presented | None, overruns: Overruns, stack: AsyncExitStack,
) -> Doors:  # fmt: skip
    """All doors of the house of this data folder; ``bound`` is the console's socket, ``first`` that for new tablets."""
    servers = {make_server(app, console, gate, presented): bound}
    servers[make_local_server(app)] = stack.enter_context(local_socket(folder))
    url = None
    if first is not None:
        url = _trust_page(console, folder, first, bound, presented, overruns, servers)
    app.state.doors = doors = Doors(servers, url, presented)
    return doors


def _trust_page(
    console: Console, folder: Path, first: socket.socket, bound: socket.socket, presented: Presented | None,
    overruns: Overruns, servers: dict[Server, socket.socket],
) -> str | None:  # fmt: skip
    authority = (folder / TLS / GIVEN).read_bytes if console.acme is None else None
    tokens = presented.tokens if presented is not None else None
    page = trust_page(authority, lambda: int(bound.getsockname()[1]), tokens.under if tokens is not None else None)
    servers[make_trust_server(page, Gate(overruns))] = first
    if authority is None:
        return None  # what an authority of the world has signed, tablets trust without being told
    host, port = first.getsockname()[:2]
    url = f"http://{in_url(console.hosts[0] if console.hosts else found_at(host))}:{port}/"
    log.info("how tablets come to trust this house: %s", url)
    return url
