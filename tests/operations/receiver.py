"""A program that receives webhooks, on a real socket, and checks what it is sent as its owner would."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

Script = Callable[[dict[str, Any]], int | tuple[int, dict[str, str]]]


class Receiver:
    """Takes POSTs; ``answer`` decides the status, and may add headers or sleep."""

    def __init__(self, secret: bytes, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.events: list[dict[str, Any]] = []
        self.tries: list[dict[str, Any]] = []
        self.faults: list[str] = []
        self.connections: set[tuple[str, int]] = set()
        self.answer: Script = lambda _: 204
        self._secret = secret
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                receiver._open.append(self.request)
                super().setup()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, headers = receiver._take(dict(self.headers.items()), body, self.client_address)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status != 204:
                    self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook?venue=1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        for connection in self._open:  # as when its process ends
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        assert self.faults == [] or kind is not None

    def sequences(self) -> list[int]:
        """The numbers of the events it has accepted, in the order they came."""
        return [each["sequence"] for each in self.events]

    def _take(self, headers: dict[str, str], body: bytes, peer: Any) -> tuple[int, dict[str, str]]:
        event = json.loads(body)
        with self._lock:
            self.connections.add(peer)
            self.tries.append(event)
            self._check({name.lower(): value for name, value in headers.items()}, body, event)
            told = self.answer(event)
            status, more = told if isinstance(told, tuple) else (told, {})
            if 200 <= status < 300:
                self.events.append(event)
        return status, more

    def _check(self, headers: dict[str, str], body: bytes, event: dict[str, Any]) -> None:
        if not headers["content-type"].startswith("application/cloudevents+json"):
            self.faults.append(f"content type {headers['content-type']}")
        if headers["webhook-id"] != event["id"]:
            self.faults.append("another id")
        if abs(time.time() - int(headers["webhook-timestamp"])) > 60:
            self.faults.append("an old time")
        text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        expected = base64.b64encode(hmac.new(self._secret, text, hashlib.sha256).digest()).decode()
        if headers["webhook-signature"] != f"v1,{expected}":
            self.faults.append("a bad signature")
        for attribute in ("specversion", "id", "source", "type"):
            if not event.get(attribute):
                self.faults.append(f"no {attribute}")
