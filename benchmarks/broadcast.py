"""The barest thing that tells many WebSockets one message in asyncio: the ``broadcast`` of ``websockets``."""

from __future__ import annotations

import asyncio
import os
import termios
import tty
from pathlib import Path

from websockets.asyncio.server import ServerConnection, broadcast, serve

from benchmarks.radio import FRAME, Pipe
from benchmarks.relay import TAG, event_of


def broadcaster(pipe: Pipe, desk: Path, sockets: int) -> None:
    """Reads tags from a pty and broadcasts one message for each; runs in a process of its own.

    Says its port, then ``"ready"`` when so many sockets are there; ends at the first word.
    """
    asyncio.run(_serve(pipe, desk, sockets))


async def _serve(pipe: Pipe, desk: Path, sockets: int) -> None:
    loop, there, told = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
    descriptor = os.open(desk, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    tty.setraw(descriptor)
    termios.tcflush(descriptor, termios.TCIFLUSH)
    tablets: set[ServerConnection] = set()
    held = b""

    async def tablet(socket: ServerConnection) -> None:
        tablets.add(socket)
        if len(tablets) == sockets:
            there.set()
        await socket.wait_closed()

    def heard() -> None:
        nonlocal held
        held += os.read(descriptor, 4096)
        while (start := held.find(TAG)) >= 0 and len(held) >= start + FRAME:
            broadcast(tablets, event_of(held[start : start + FRAME]))
            held = held[start + FRAME :]

    async with serve(tablet, "127.0.0.1", 0, compression=None, ping_interval=None, close_timeout=0.1) as server:
        pipe.send(server.sockets[0].getsockname()[1])
        await there.wait()
        loop.add_reader(descriptor, heard)
        loop.add_reader(pipe.fileno(), told.set)
        pipe.send("ready")
        await told.wait()
        loop.remove_reader(descriptor)
        loop.remove_reader(pipe.fileno())
    os.close(descriptor)
