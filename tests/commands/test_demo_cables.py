"""The cables of the demo's house: what is cut carries nothing, and what is mended does again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx2
import pytest

from gateway.commands.demo_cables import Cable, Shown, page

WITHIN = 20.0  # seconds; the machine may be busy


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Says what it hears."""
    with suppress(ConnectionError):
        while line := await reader.readline():
            writer.write(line)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def laid() -> AsyncIterator[tuple[Cable, int]]:
    """A cable to somebody who says what they hear, and its port."""
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    cable = Cable(server.sockets[0].getsockname()[1])
    try:
        yield cable, await cable.lay()
    finally:
        await cable.close()
        server.close()


async def said(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, word: bytes) -> bytes:
    """What comes back; nothing where the way is cut."""
    async with asyncio.timeout(WITHIN):
        try:
            writer.write(word + b"\n")
            return await reader.readline()
        except ConnectionError:
            return b""


async def test_what_is_cut_carries_nothing_and_what_is_mended_does_again() -> None:
    async with laid() as (cable, port):
        held = await asyncio.open_connection("127.0.0.1", port)
        assert await said(*held, b"one") == b"one\n"
        cable.cut()
        assert await said(*held, b"two") == b""
        fresh = await asyncio.open_connection("127.0.0.1", port)
        assert await said(*fresh, b"three") == b""
        cable.mend()
        again = await asyncio.open_connection("127.0.0.1", port)
        assert await said(*again, b"four") == b"four\n"
        for _, writer in (held, fresh, again):
            writer.close()


async def test_the_page_shows_each_venue_with_its_link_and_cuts_its_cable() -> None:
    async def link() -> dict[str, Any]:
        return {"connected": True, "behind": 3}

    name = {"zh-CN": "厅", "en": "Lounge"}
    async with laid() as (cable, _):
        app = page(name, [Shown("lounge", name, "http://127.0.0.1:1", cable, link)])
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            assert "<h1" in (await client.get("/")).text
            (row,) = (await client.get("/state")).json()["venues"]
            assert (row["venue"], row["whole"], row["link"]) == ("lounge", True, {"connected": True, "behind": 3})
            assert (await client.put("/cables/lounge", json={"whole": False})).json()["whole"] is False
            assert cable.whole is False
            assert (await client.get("/state")).json()["venues"][0]["whole"] is False
            assert (await client.put("/cables/lounge", json={"whole": True})).is_success
            assert cable.whole


@pytest.mark.parametrize(("venue", "body", "kind"), [
    ("lounge", '{"whole": false}', "text/plain"), ("lounge", "{}", "application/json"),
    ("lounge", '{"whole": "no"}', "application/json"), ("bar", '{"whole": false}', "application/json"),
    ("lounge", "[", "application/json"),
])  # fmt: skip
async def test_what_a_foreign_page_could_send_and_what_means_nothing_cuts_nothing(
    venue: str, body: str, kind: str
) -> None:
    async with laid() as (cable, _):
        shown = Shown("lounge", {"en": "Lounge"}, "", cable, None)  # type: ignore[arg-type]
        transport = httpx2.ASGITransport(app=page({"en": "House"}, [shown]))
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            answer = await client.put(f"/cables/{venue}", content=body, headers={"Content-Type": kind})
        assert answer.status_code == 422
        assert cable.whole
