"""Many live sockets, read as cheaply as can be: raw bytes with the time they came, understood afterwards."""

from __future__ import annotations

import base64
import json
import os
import selectors
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.served import Failed

TEXT, PING, PONG = 0x1, 0x9, 0xA
PINGED = bytes((0x80 | PING, 4))  # how the gateway's ping begins; four bytes follow that its answer repeats


@dataclass(slots=True)
class Tablet:
    """One live socket and what has come over it."""

    socket: socket.socket
    chunks: list[tuple[float, bytes]] = field(default_factory=list)
    open: bool = True


class Tablets:
    """``count`` live sockets, spread over bearer tokens."""

    def __init__(self, port: int, tokens: Sequence[str], count: int) -> None:
        self.all = [Tablet(_connect(port, tokens[n % len(tokens)])) for n in range(count)]
        self._selector = selectors.DefaultSelector()
        for tablet in self.all:
            self._selector.register(tablet.socket, selectors.EVENT_READ, tablet)

    def read(self, seconds: float, enough: Callable[[], bool] = lambda: False) -> None:
        """Reads for so long, or until it is ``enough``; asked every 50 ms."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not enough():
            for key, _ in self._selector.select(min(left, 0.05)):
                tablet: Tablet = key.data
                chunk = tablet.socket.recv(262_144)
                tablet.chunks.append((time.time(), chunk))
                if not chunk:
                    tablet.open = False
                    self._selector.unregister(tablet.socket)
                elif (ping := chunk.find(PINGED)) >= 0:  # no JSON holds these two bytes
                    tablet.socket.sendall(_masked(PONG, chunk[ping + 2 : ping + 6]))

    def events(self) -> Iterator[tuple[float, dict[str, Any]]]:
        """Every message of every socket with the time its last byte came, seconds since 1970 UTC; forgets them."""
        for tablet in self.all:
            chunks, tablet.chunks = tablet.chunks, []
            yield from _messages(chunks)

    def close(self) -> None:
        """Hangs up."""
        self._selector.close()
        for tablet in self.all:
            tablet.socket.close()


def deaf(port: int, token: str) -> socket.socket:
    """A live socket with little room, of which nobody reads a byte after the handshake."""
    return _connect(port, token, room=4096)


def _connect(port: int, token: str, room: int | None = None) -> socket.socket:
    connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if room is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)  # before it connects, or it has no effect
    connection.settimeout(30)
    connection.connect(("127.0.0.1", port))
    key = base64.b64encode(os.urandom(16)).decode()
    connection.sendall(
        f"GET /live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    )
    head = b""
    while not head.endswith(b"\r\n\r\n"):  # byte by byte: what follows the head belongs to the first message
        byte = connection.recv(1)
        if not byte:
            raise Failed(f"the live socket was refused: {head[:200]!r}")
        head += byte
    if b" 101 " not in head.partition(b"\r\n")[0]:
        raise Failed(f"the live socket was refused: {head[:200]!r}")
    return connection


def _masked(opcode: int, body: bytes) -> bytes:
    return bytes((0x80 | opcode, 0x80 | len(body))) + bytes(4) + body


def _messages(chunks: Sequence[tuple[float, bytes]]) -> Iterator[tuple[float, dict[str, Any]]]:
    held = b""
    for at, chunk in chunks:
        held += chunk
        while (frame := _frame(held)) is not None:
            opcode, body, held = frame
            if opcode == TEXT:
                yield at, json.loads(body)


def _frame(held: bytes) -> tuple[int, bytes, bytes] | None:
    """Opcode and body of the first frame, and what follows it; None while it is not whole. A server masks nothing."""
    if len(held) < 2:
        return None
    length, start = held[1], 2
    if length == 126:
        length, start = int.from_bytes(held[2:4], "big"), 4
    elif length == 127:
        length, start = int.from_bytes(held[2:10], "big"), 10
    if len(held) < start or len(held) < start + length:
        return None
    return held[0] & 0x0F, held[start : start + length], held[start + length :]
