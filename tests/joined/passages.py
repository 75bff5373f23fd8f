"""A proxy as hotels have it: requests go through, and a socket is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tests.hub.proxy import until_one_ends


class Passage:
    """Between a box and the hub; ``refused`` counts sockets."""

    def __init__(self, target: int) -> None:
        self._target = target
        self.refused = 0
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        with suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            if b"upgrade: websocket" in head.lower():
                self.refused += 1
                writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                await writer.drain()
            else:
                there = await asyncio.open_connection("127.0.0.1", self._target)
                there[1].write(head)
                await until_one_ends(self._carry(reader, there[1]), self._carry(there[0], writer))
                there[1].close()
        writer.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await reader.read(65_536):
                writer.write(chunk)
                await writer.drain()


@asynccontextmanager
async def without_sockets(target: int) -> AsyncIterator[Passage]:
    """A way to a port of this machine on which no socket gets through."""
    passage = Passage(target)
    server = await asyncio.start_server(passage.serve, "127.0.0.1", 0)
    passage.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield passage
    finally:
        server.close()
