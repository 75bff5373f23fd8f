"""Whoever opens connections without end is closed out, and nobody else: there is always a place for a manager."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from gateway.console import limits
from gateway.operations import asking, entrance
from gateway.operations.gate import MOST, RESERVED, SILENT_EACH, Gate
from gateway.operations.overruns import Overruns
from tests.certificates import Authority
from tests.console.served import Served, config, served
from tests.story.venue import answered

THIEF = "127.0.0.66"
HALF_BODY = (
    b"POST /api/sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
)
HALF = b"GET /api/session HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "


async def raw(house: Served, said: bytes = b"", address: str = "127.0.0.1") -> Any:
    """A bare connection that says this much."""
    to = urlsplit(house.url)
    reader, writer = await asyncio.open_connection(to.hostname, to.port, local_addr=(address, 0))
    writer.write(said)
    await writer.drain()
    return reader, writer


@asynccontextmanager
async def many(house: Served, count: int, said: bytes, address: str = "127.0.0.1") -> AsyncIterator[list[Any]]:
    """So many of them at once."""
    held = [await raw(house, said, address) for _ in range(count)]
    try:
        yield held
    finally:
        for _, writer in held:
            writer.close()


@pytest.mark.parametrize("said", [b"", HALF, b"G", HALF + b"x" * 4000])
@pytest.mark.parametrize("address", ["127.0.0.1", THIEF])
async def test_a_thousand_connections_that_never_ask_keep_nobody_out(tmp_path: Path, said: bytes, address: str) -> None:
    async with served(tmp_path) as house:
        await house.hire("anna")
        async with many(house, 1_100, said, address):
            started = time.monotonic()
            browser = await house.signs_in("anna")
            await answered(browser.get("/api/session"))
            told = (await (await house.client()).get("/health")).json()["why"]
            assert time.monotonic() - started < 5
            assert any("connections" in why for why in told)
        assert len(house.gateway_gate) < MOST


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (HALF, 408),
        (HALF + b"x" * 40_000, 431),
        (b"\x16\x03\x01 this is no HTTP\r\n\r\n", 400),
        (HALF_BODY, 408),
    ],
)  # fmt: skip
async def test_what_never_ends_or_is_too_long_is_given_up_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: bytes, status: int
) -> None:
    monkeypatch.setattr(asking, "HEAD_WITHIN", 0.3)
    monkeypatch.setattr(limits, "BODY_WITHIN", 0.3)
    async with served(tmp_path) as house:
        reader, writer = await raw(house, said)
        async with asyncio.timeout(40):
            answer = await reader.read()
        writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"application/problem+json" in head
    problem = json.loads(body)
    assert problem["status"] == status
    assert len(problem["detail"]) > 20


async def test_a_head_that_trickles_is_given_up_however_steadily_it_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "HEAD_WITHIN", 0.5)
    async with served(tmp_path) as house:
        reader, writer = await raw(house, HALF)
        ended = asyncio.create_task(reader.read())
        async with asyncio.timeout(40):
            while not ended.done():
                writer.write(b"x")
                await asyncio.sleep(0.02)
        assert (await ended).startswith(b"HTTP/1.1 408 ")
        writer.close()


async def test_a_second_request_on_one_connection_has_to_end_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "HEAD_WITHIN", 0.5)
    async with served(tmp_path) as house:
        reader, writer = await raw(house, b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
        await asyncio.sleep(0.1)
        writer.write(HALF)
        async with asyncio.timeout(40):
            assert b"HTTP/1.1 408 " in await reader.read()
        writer.close()


async def test_a_thousand_who_begin_no_tls_keep_nobody_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority(tmp_path)
    paper = authority.vouch("the console")
    tls = {"listen": "127.0.0.1:0", "tls": {"cert": str(paper.cert), "key": str(paper.key)}}
    async with served(tmp_path / "data", config(console=tls)) as house:
        trusts = ssl.create_default_context(cafile=str(authority.file))
        async with many(house, 1_100, b"\x16\x03\x01"), httpx2.AsyncClient(verify=trusts, trust_env=False) as client:
            assert (await client.get(f"{house.url}/health")).status_code == 200
        monkeypatch.setattr(entrance, "HELLO_WITHIN", 0.3)
        reader, writer = await raw(house, b"\x16\x03\x01")
        async with asyncio.timeout(40):
            with suppress(ConnectionResetError):
                assert await reader.read() == b""
        writer.close()
        assert len(house.gateway_gate) <= 1


async def test_one_waiter_with_a_thousand_live_sockets_shuts_nobody_out(tmp_path: Path) -> None:
    async with served(tmp_path) as house, AsyncExitStack() as stack:
        await house.hire("anna", "ben")
        headers = {"Authorization": f"Bearer {await house.token('floor', 'anna')}"}
        refused: list[InvalidStatus] = []
        boss = await stack.enter_async_context(
            house.tablet({"Authorization": f"Bearer {await house.token('manager')}"})
        )

        async def open_one() -> None:
            try:
                await stack.enter_async_context(
                    connect(f"{house.url}/live".replace("http", "ws", 1), additional_headers=headers, proxy=None)
                )
            except InvalidStatus as no:
                refused.append(no)

        for _ in range(20):
            await asyncio.gather(*(open_one() for _ in range(51)))
        assert len(refused) > 850
        body = refused[0].response.body
        assert refused[0].response.status_code == 429
        assert body is not None
        assert "live screens" in json.loads(body)["detail"]
        assert (await boss.expect("limit.reached", kind="live"))["data"]["who"] == "anna"
        bens = {"Authorization": f"Bearer {await house.token('floor', 'ben')}"}
        async with house.tablet(bens) as tablet:
            await tablet.tick()
            limit = (
                (await tablet.expect("limit.reached", kind="live"))["data"] if tablet.seen("limit.reached") else None
            )
            assert limit is None or limit["who"] == "anna"


async def test_in_a_full_house_managers_who_are_signed_in_are_let_in(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await house.hire("anna")
        await house.hire("mei", roles=("manager",))
        anna, mei = await house.signs_in("anna"), await house.signs_in("mei")
        gate: Gate = house.gateway_gate
        guests = [gate.enter(f"10.0.{n // 250}.{n % 250}") for n in range(MOST - RESERVED - len(gate) + 1)]
        for guest in guests:
            assert guest is not None
            gate.speaks(guest)
        refused = await anna.get("/api/session")
        assert (refused.status_code, "managers" in refused.json()["detail"]) == (503, True)
        assert (await mei.get("/api/session")).status_code == 200
        for guest in guests:
            assert guest is not None
            gate.leave(guest)
        assert (await anna.get("/api/session")).status_code == 200


# --- the gate alone ---------------------------------------------------------------------------------------------------


def gate(**more: Any) -> tuple[Gate, list[tuple[str, str]]]:
    told: list[tuple[str, str]] = []
    overruns = Overruns(lambda: 0.0)
    overruns.tell = lambda kind, who, _: told.append((kind, who))
    return Gate(overruns, **more), told


def closing(closed: list[str], name: str) -> Callable[[], None]:
    return lambda: closed.append(name)


def test_the_longest_silent_of_an_address_makes_room_for_its_next() -> None:
    door, told = gate()
    closed: list[str] = []
    for n in range(SILENT_EACH + 3):
        guest = door.enter("10.0.0.9")
        assert guest is not None
        guest.close = closing(closed, f"{n}")
    assert closed == ["0", "1", "2"]
    assert told == [("silent", "10.0.0.9")]
    assert len(door) == SILENT_EACH


def test_who_has_asked_and_waits_for_the_next_request_is_not_silent() -> None:
    door, told = gate(trusts=None)
    for _ in range(3 * SILENT_EACH):
        guest = door.enter("10.0.0.9")
        assert guest is not None
        door.speaks(guest)
        door.rests(guest)
    assert (len(door), told) == (3 * SILENT_EACH, [])


def test_a_network_of_one_house_is_one_address() -> None:
    door, _ = gate()
    for n in range(5_000):
        door.enter(f"2001:db8:1:2::{n:x}")
    assert len(door) == SILENT_EACH


def test_a_full_house_closes_the_silent_ones_of_whoever_has_most() -> None:
    door, _ = gate(most=50)
    closed: list[str] = []
    for _ in range(40):
        guest = door.enter("10.0.0.9")
        assert guest is not None
        guest.close = closing(closed, "thief")
    for n in range(30):
        guest = door.enter(f"10.0.1.{n}")
        assert guest is not None
        guest.close = closing(closed, "guest")
    assert set(closed) == {"thief"}
    assert len(door) == 50
