"""Tablets that are there and are not: one whose Wi-Fi is gone without a word, and one that never reads."""

from __future__ import annotations

import asyncio
import base64
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from gateway.console import live
from gateway.events.event import News
from gateway.operations import web
from tests.console.served import Served, served
from tests.reader_drivers.readers import until

LARGE = ["x" * 4_000] * 10


@asynccontextmanager
async def mute(house: Served) -> AsyncIterator[socket.socket]:
    """Anna's tablet, from which nothing comes any more once it is connected, and which reads nothing."""
    to = urlsplit(house.url)
    with socket.socket() as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.setblocking(False)
        await asyncio.get_running_loop().sock_connect(wire, (to.hostname, to.port))
        key = base64.b64encode(os.urandom(16)).decode()
        said = (
            f"GET /live HTTP/1.1\r\nHost: {to.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
            f"Authorization: Bearer {await house.token('floor', 'anna')}\r\n\r\n"
        )
        await asyncio.get_running_loop().sock_sendall(wire, said.encode())
        await until(lambda: house.gateway.memory.floor.connected("anna"))
        yield wire


async def test_a_tablet_whose_wifi_is_gone_rings_with_no_card_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "PING_EVERY", 0.2)
    monkeypatch.setattr(web, "PONG_WITHIN", 0.2)
    async with served(tmp_path) as house:
        await house.hire("anna")
        async with mute(house):
            await until(lambda: not house.gateway.memory.floor.connected("anna"))
            assert len(house.running.live) == 0


async def test_a_tablet_that_never_reads_is_closed_and_the_others_hear_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "SEND_TIMEOUT", 3.0)
    async with served(tmp_path) as house:
        await house.hire("anna", "ben")
        await house.enrol("chen")
        chen = house.whose("chen")
        bens = {"Authorization": f"Bearer {await house.token('floor', 'ben')}"}
        async with house.tablet(bens) as tablet, mute(house):
            news = News("wish.changed", chen, {"customer": chen, "wishes": LARGE, "was": []})
            sent = 0
            while len(house.running.live) == 2:
                house.gateway.note([news])
                sent += 1
                assert sent < 2_000, "it is kept for ever"
                await asyncio.sleep(0.03)
            await until(lambda: not house.gateway.memory.floor.connected("anna"), within=30)
            await until(lambda: len(tablet.seen("wish.changed")) == sent, within=30)
