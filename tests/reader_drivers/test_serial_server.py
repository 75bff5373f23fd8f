"""Every serial driver behind a serial server: ser2net, a Moxa box, a reader with a network port of its own."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from gateway.commands.demo_devices import SETTINGS
from reader_drivers import DRIVERS
from tests.reader_drivers.contract import CARRIED, READER, listening, stand
from tests.reader_drivers.readers import until

SERIAL = [name for name, driver in DRIVERS.items() if driver.over == "serial"]


@asynccontextmanager
async def served(port: str) -> AsyncIterator[tuple[str, list[asyncio.StreamWriter]]]:
    """A serial server before this port: its URL, and who is connected to it."""
    clients: list[asyncio.StreamWriter] = []
    line = os.open(port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)

    def from_the_line() -> None:
        with suppress(BlockingIOError):
            data = os.read(line, 4096)
            for each in clients:
                each.write(data)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        clients.append(writer)
        while data := await reader.read(4096):
            os.write(line, data)
        clients.remove(writer)
        writer.close()

    asyncio.get_running_loop().add_reader(line, from_the_line)
    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        async with server:
            yield f"socket://127.0.0.1:{server.sockets[0].getsockname()[1]}", clients
    finally:
        asyncio.get_running_loop().remove_reader(line)
        os.close(line)


@pytest.mark.parametrize("name", SERIAL)
async def test_it_works_through_a_serial_server_and_tells_its_loss(name: str, tmp_path: Path) -> None:
    made: Any = DRIVERS[name]
    async with stand(name, tmp_path) as one, served(one.device.link) as (url, clients):
        driver = made(READER, url, made.settings.model_validate(SETTINGS.get(name, {})))
        async with listening(driver) as session:
            await until(lambda: session.batches, within=20)
            one.present()
            await until(lambda: len(session.sightings) >= 3, within=20)
            for each in clients:
                each.transport.abort()
            await until(lambda: session.lost)
    assert {each.identifier for each in session.sightings} <= CARRIED
    assert not driver.status.rejected
    assert session.lost == f"{url} closed the connection"
