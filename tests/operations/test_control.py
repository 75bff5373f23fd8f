"""What the command line asks of a gateway that runs, and how it is told that none does."""

from __future__ import annotations

import asyncio
import socket
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from gateway.console import problems
from gateway.console.problems import Problem
from gateway.operations.control import LOCAL, SOCKET_FILE, GatewayRefused, NotRunning, ask, local_socket
from gateway.operations.web import make_local_server


def application() -> FastAPI:
    """A small application with a gateway's manners."""
    app = FastAPI()
    problems.install(app)

    @app.post("/echo")
    async def echo(request: Request) -> dict[str, Any]:
        kind, sent = request.headers.get("content-type"), await request.body()
        return {
            "kind": kind,
            "sent": sent.decode(),
            "local": LOCAL in request.scope,
            "query": str(request.query_params),
        }

    @app.get("/no")
    async def no() -> None:
        raise Problem(409, "somebody was quicker", held_by="anna")

    @app.get("/odd")
    async def odd() -> Response:
        return JSONResponse(["no problem at all"], 500)

    @app.get("/long")
    async def long() -> None:
        await asyncio.sleep(3600)

    @app.delete("/nothing", status_code=204)
    async def nothing() -> None:
        return None

    return app


@asynccontextmanager
async def door(folder: Path) -> AsyncIterator[None]:
    """The application on the socket of this folder."""
    with local_socket(folder) as at:
        server = make_local_server(application())
        server.config.timeout_graceful_shutdown = 0
        serving = asyncio.create_task(server.serve(sockets=[at]))
        try:
            yield
        finally:
            server.should_exit = True
            await serving


async def asks(folder: Path, method: str, path: str, body: Any = None, **more: Any) -> Any:
    """Asks from another thread, as another process would."""
    return await asyncio.to_thread(ask, folder, method, path, body, **more)


async def test_what_is_asked_is_answered(tmp_path: Path) -> None:
    async with door(tmp_path):
        asked = {"file": "人.csv", "partial": True}
        answer = await asks(tmp_path, "POST", "/echo?a=1", asked)
        assert answer["kind"] == "application/json"
        assert answer["sent"].encode().decode("unicode_escape").find("人.csv") > 0
        assert (answer["local"], answer["query"]) == (True, "a=1")
        raw = await asks(tmp_path, "POST", "/echo", "é,1\n".encode(), kind="text/csv")
        assert (raw["kind"], raw["sent"]) == ("text/csv", "é,1\n")
        assert await asks(tmp_path, "DELETE", "/nothing") is None
        answers = await asyncio.gather(*(asks(tmp_path, "POST", "/echo", number) for number in range(10)))
        assert [a["sent"] for a in answers] == [str(number) for number in range(10)]


async def test_a_no_is_told_in_the_gateway_s_words(tmp_path: Path) -> None:
    async with door(tmp_path):
        with pytest.raises(GatewayRefused, match="somebody was quicker") as refused:
            await asks(tmp_path, "GET", "/no")
        assert (refused.value.status, refused.value.problem["held_by"]) == (409, "anna")
        with pytest.raises(GatewayRefused, match="the gateway answered 500"):
            await asks(tmp_path, "GET", "/odd")
        with pytest.raises(GatewayRefused, match="Not Found"):
            await asks(tmp_path, "GET", "/nowhere")
        with pytest.raises(GatewayRefused, match="did not answer within"):
            await asks(tmp_path, "GET", "/long", within=0.05)


async def test_a_gateway_that_stops_meanwhile_says_so(tmp_path: Path) -> None:
    async with door(tmp_path):
        asking = asyncio.create_task(asks(tmp_path, "GET", "/long"))
        while not asking.done() and not _connections(tmp_path):
            await asyncio.sleep(0.01)
    with pytest.raises(GatewayRefused, match=r"stopped while it was asked|answered 500"):
        await asking


def _connections(folder: Path) -> int:
    """How many ends of this socket are connected."""
    return sum(SOCKET_FILE in line and " 03 " in line for line in Path("/proc/net/unix").read_text().splitlines())


async def test_only_its_owner_may_ask_and_nothing_is_left_behind(tmp_path: Path) -> None:
    async with door(tmp_path):
        assert stat.S_IMODE((tmp_path / SOCKET_FILE).stat().st_mode) == 0o600
    assert not (tmp_path / SOCKET_FILE).exists()
    with pytest.raises(NotRunning, match=str(tmp_path)):
        ask(tmp_path, "GET", "/no")
    with pytest.raises(NotRunning):
        ask(tmp_path / "never made", "GET", "/no")


async def test_a_socket_that_a_killed_gateway_left_is_no_gateway_and_no_hindrance(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / SOCKET_FILE))
    with pytest.raises(NotRunning):
        ask(tmp_path, "GET", "/no")
    async with door(tmp_path):
        assert (await asks(tmp_path, "POST", "/echo", 1))["sent"] == "1"


async def test_a_data_folder_with_a_very_long_name_can_be_asked_too(tmp_path: Path) -> None:
    folder = tmp_path / ("long-" * 30)
    folder.mkdir()
    async with door(folder):
        assert (await asks(folder, "POST", "/echo", 1))["sent"] == "1"


@pytest.mark.parametrize("said", [b"\n", b"[]\n", b"{\n", b"\xff\n", b"GET\r\n\r\n", b""])
async def test_nonsense_harms_nobody_and_the_next_is_heard(tmp_path: Path, said: bytes) -> None:
    async with door(tmp_path):
        reader, writer = await asyncio.open_unix_connection(tmp_path / SOCKET_FILE)
        writer.write(said)
        writer.write_eof()
        await asyncio.wait_for(reader.read(), 10)
        writer.close()
        await writer.wait_closed()
        assert (await asks(tmp_path, "POST", "/echo", 1))["sent"] == "1"
