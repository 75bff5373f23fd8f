"""The gateway's own command socket in its data folder: what the command line asks of a gateway that runs.

One JSON object a line each way. Who may open the file (mode 0600) may ask.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

SOCKET_FILE = "control.sock"
BIGGEST = 64 * 1024 * 1024  # an import of a large venue
ANSWER_WITHIN = 120.0  # seconds; an import of a million rows takes its time

Handler = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


class NotRunning(Exception):
    """No gateway answers in this data folder."""


class Control:
    """Answers the command line while it is entered."""

    def __init__(self, folder: Path, handlers: Mapping[str, Handler]) -> None:
        self._path = folder / SOCKET_FILE
        self._handlers = handlers
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Control:
        self._path.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            with _short(self._path) as path:
                self._server = await asyncio.start_unix_server(self._answer, path, limit=BIGGEST)
        finally:
            os.umask(before)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        self._path.unlink(missing_ok=True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked = json.loads(await reader.readline())
            handler = self._handlers[asked.pop("command")]
            answer = await handler(asked)
        except (ValueError, KeyError, TypeError) as error:
            answer = {"error": f"not understood: {error}"}
        except Exception as error:
            log.exception("a command failed")
            answer = {"error": f"{type(error).__name__}: {error}"}
        try:
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()
        except OSError:
            log.info("a command was given up by who asked")
        finally:
            writer.close()


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """The same file under a name that fits: a socket's address has 107 bytes, a data folder's path may have more."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def ask(folder: Path, command: str, **facts: Any) -> dict[str, Any]:
    """Asks the gateway that runs in ``folder``; raises NotRunning, or RuntimeError with what it answered."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(ANSWER_WITHIN)
        try:
            with _short(folder / SOCKET_FILE) as path:
                line.connect(path)
        except OSError:
            raise NotRunning(f"no gateway runs in {folder}") from None
        line.sendall(json.dumps({"command": command, **facts}).encode() + b"\n")
        with line.makefile("rb") as answers:
            text = answers.readline()
    answer: dict[str, Any] = json.loads(text) if text else {"error": "the gateway stopped while it was asked"}
    if "error" in answer:
        raise RuntimeError(answer["error"])
    return answer
