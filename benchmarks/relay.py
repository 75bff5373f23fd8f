"""The barest thing that brings a read to many sockets: what the machine can do just then, with no product between."""

from __future__ import annotations

import json
import os
import selectors
import socket
import termios
import tty
from pathlib import Path

from benchmarks.customers import customer
from benchmarks.radio import FRAME, Pipe

TAG = b"\xbb\x02\x22"  # how a frame that tells a tag begins
NUMBER = slice(10, 20)  # of the frame: the customer's number in the EPC, behind its header
WEIGHT = 700  # bytes of an arrival's event


def relay(pipe: Pipe, desk: Path, sockets: int) -> None:
    """Reads tags from a pty and sends one WebSocket message for each to every socket; runs in a process of its own.

    Says its port, then ``"ready"`` when so many sockets are there; ends at the first word.
    """
    descriptor = os.open(desk, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    tty.setraw(descriptor)
    termios.tcflush(descriptor, termios.TCIFLUSH)
    with socket.create_server(("127.0.0.1", 0), backlog=sockets) as server:
        pipe.send(server.getsockname()[1])
        tablets = [_accept(server) for _ in range(sockets)]
    pipe.send("ready")
    held = b""
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        selector.register(pipe.fileno(), selectors.EVENT_READ)
        while not pipe.poll():
            if any(key.fd == descriptor for key, _ in selector.select()):
                held += os.read(descriptor, 4096)
                while (start := held.find(TAG)) >= 0 and len(held) >= start + FRAME:
                    message = _message(held[start : start + FRAME])
                    held = held[start + FRAME :]
                    for tablet in tablets:
                        tablet.sendall(message)
    os.close(descriptor)
    for tablet in tablets:
        tablet.close()


def _accept(server: socket.socket) -> socket.socket:
    tablet, _ = server.accept()
    tablet.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += tablet.recv(4096)
    tablet.sendall(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
    return tablet


def event_of(frame: bytes) -> str:
    """What is told of a frame that tells a tag, as JSON of an arrival's weight."""
    event = {"type": "visit.arrived", "subject": customer(int(frame[NUMBER].hex(), 16))}
    return json.dumps(event).ljust(WEIGHT)


def _message(frame: bytes) -> bytes:
    body = event_of(frame).encode()
    return b"\x81\x7e" + len(body).to_bytes(2, "big") + body
