"""A TCP proxy that is a bad line: it delays, sends in halves, and cuts in the middle of anything."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any


async def until_one_ends(*ways: Coroutine[Any, Any, None]) -> None:
    """Both ways of a connection, until either has ended."""
    tasks = [asyncio.create_task(way) for way in ways]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class BadLine:
    """Between a box and the hub; ``cuts`` counts how often it was cut."""

    def __init__(self, target: int, chance: random.Random) -> None:
        self._target = target
        self._chance = chance
        self.cuts = 0
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side ends it or it is cut after some bytes."""
        there = await asyncio.open_connection("127.0.0.1", self._target)
        # The first cannot even greet, after each cut the line carries about twice as much, in the end all there is.
        left = [int(300 * 2 ** min(self.cuts, 12) * self._chance.uniform(1, 2))]
        await until_one_ends(self._carry(reader, there[1], left), self._carry(there[0], writer, left))
        for each in (writer, there[1]):
            each.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, left: list[int]) -> None:
        with suppress(OSError):
            while chunk := await reader.read(self._chance.choice((7, 900, 16_384))):
                left[0] -= len(chunk)
                if left[0] <= 0:
                    writer.write(chunk[: len(chunk) // 2])
                    await writer.drain()
                    self.cuts += 1
                    return
                if self._chance.random() < 0.02:
                    await asyncio.sleep(0.02)
                writer.write(chunk)
                await writer.drain()


@asynccontextmanager
async def bad_line(target: int, seed: int) -> AsyncIterator[BadLine]:
    """A bad line to a port of this machine, on a port of its own."""
    line = BadLine(target, random.Random(seed))
    server = await asyncio.start_server(line.serve, "127.0.0.1", 0)
    line.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield line
    finally:
        server.close()
