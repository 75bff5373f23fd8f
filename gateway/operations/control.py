"""The gateway's own door for the command line: its HTTP application on a Unix socket in the data folder.

Who may open the file (mode 0600) owns the records, and may do what a manager and IT may. While the disk under the
folder takes nothing, the door is in the folder's stand-in in memory.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from gateway.records import in_memory

SOCKET_FILE = "control.sock"
LOCAL = "moments.local"
"""The member of an ASGI scope that marks a request as one from this socket; no bytes of a request can set it."""
BACKLOG = 64
ANSWER_WITHIN = 120.0  # seconds


class NotRunning(Exception):
    """No gateway answers in this data folder."""


class GatewayRefused(RuntimeError):
    """The gateway said no; the text is why, ``status`` the answer's (0: none came), ``problem`` all that it said."""

    def __init__(self, why: str, status: int = 0, problem: dict[str, Any] | None = None) -> None:
        super().__init__(why)
        self.status = status
        self.problem = problem or {}


@contextmanager
def local_socket(folder: Path) -> Iterator[socket.socket]:
    """A listening socket in ``folder`` that its owner alone may open; gone with the block. Raises OSError."""
    path = folder / SOCKET_FILE
    path.unlink(missing_ok=True)
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        before = os.umask(0o177)
        try:
            with _short(path) as name:
                bound.bind(name)
        finally:
            os.umask(before)
        bound.listen(BACKLOG)
        bound.setblocking(False)
        yield bound
    finally:
        bound.close()
        path.unlink(missing_ok=True)


def ask(
    folder: Path,
    method: str,
    path: str,
    body: Any = None,
    *,
    kind: str = "application/json",
    within: float | None = ANSWER_WITHIN,
    raw: bool = False,
) -> Any:
    """What the gateway that runs in ``folder`` answers: JSON, or None where it has none; with ``raw`` its bytes.

    ``body`` is sent as JSON, or as it is where it is bytes, of this ``kind``. Raises NotRunning and GatewayRefused.
    """
    opened = _connect(folder, within)
    from http.client import HTTPConnection, HTTPException  # 30 ms, for nothing where no gateway runs

    connection = HTTPConnection("localhost")
    connection.sock = opened
    sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    try:
        connection.request(method, path, sent, {} if sent is None else {"Content-Type": kind})
        answer = connection.getresponse()
        said = answer.read()
    except TimeoutError:
        raise GatewayRefused(f"the gateway did not answer within {within:g} s") from None
    except (HTTPException, OSError):
        raise GatewayRefused("the gateway stopped while it was asked") from None
    finally:
        connection.close()
    if answer.status >= 400:
        raise _refused(answer.status, said)
    return said if raw else json.loads(said) if said else None


def _connect(folder: Path, within: float | None) -> socket.socket:
    for place in _places(folder):
        opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        opened.settimeout(within)
        try:
            with _short(place / SOCKET_FILE) as name:
                opened.connect(name)
        except OSError:
            opened.close()
            continue
        return opened
    raise NotRunning(f"no gateway runs in {folder}")


def _places(folder: Path) -> Iterator[Path]:
    """Where the door of this folder's gateway may be; what somebody else made in memory is no door of ours."""
    yield folder
    with suppress(OSError):
        there = in_memory.of(folder)
        if in_memory.is_of(there, folder.stat().st_uid):
            yield there


def _refused(status: int, said: bytes) -> GatewayRefused:
    """The problem (RFC 9457) that was answered."""
    try:
        problem = json.loads(said)
        return GatewayRefused(problem["detail"], status, problem)
    except (ValueError, TypeError, KeyError):
        return GatewayRefused(f"the gateway answered {status}", status)


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """The same file under a name that fits: a socket's address has 107 bytes, a data folder's path may have more."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
