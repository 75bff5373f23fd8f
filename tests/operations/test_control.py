"""What the command line asks of a gateway that runs, and how it is told that none does."""

from __future__ import annotations

import asyncio
import socket
import stat
from pathlib import Path
from typing import Any

import pytest

from gateway.operations.control import SOCKET_FILE, Control, NotRunning, ask


async def echo(asked: dict[str, Any]) -> dict[str, Any]:
    return {"heard": asked}


async def broken(_: dict[str, Any]) -> dict[str, Any]:
    raise OSError("the disk is gone")


HANDLERS = {"echo": echo, "broken": broken}


async def asks(folder: Path, command: str, **facts: Any) -> dict[str, Any]:
    """Asks from another thread, as another process would."""
    return await asyncio.to_thread(ask, folder, command, **facts)


async def test_what_is_asked_is_answered_and_a_failure_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with Control(tmp_path, HANDLERS):
        assert await asks(tmp_path, "echo", file="人.csv", partial=True) == {
            "heard": {"file": "人.csv", "partial": True}
        }
        with pytest.raises(RuntimeError, match="the disk is gone"):
            await asks(tmp_path, "broken")
        with pytest.raises(RuntimeError, match="not understood"):
            await asks(tmp_path, "no such command")
        answers = await asyncio.gather(*(asks(tmp_path, "echo", number=n) for n in range(10)))
        assert [a["heard"]["number"] for a in answers] == list(range(10))
    assert "a command failed" in caplog.text


async def test_only_its_owner_may_ask_and_nothing_is_left_behind(tmp_path: Path) -> None:
    async with Control(tmp_path, HANDLERS):
        assert stat.S_IMODE((tmp_path / SOCKET_FILE).stat().st_mode) == 0o600
    assert not (tmp_path / SOCKET_FILE).exists()
    with pytest.raises(NotRunning, match=str(tmp_path)):
        ask(tmp_path, "echo")


async def test_a_socket_that_a_killed_gateway_left_is_no_gateway_and_no_hindrance(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / SOCKET_FILE))
    with pytest.raises(NotRunning):
        ask(tmp_path, "echo")
    async with Control(tmp_path, HANDLERS):
        assert await asks(tmp_path, "echo", a=1) == {"heard": {"a": 1}}


async def test_a_data_folder_with_a_very_long_name_can_be_asked_too(tmp_path: Path) -> None:
    folder = tmp_path / ("long-" * 30)
    folder.mkdir()
    async with Control(folder, HANDLERS):
        assert await asks(folder, "echo", a=1) == {"heard": {"a": 1}}


@pytest.mark.parametrize("said", [b"\n", b"[]\n", b'"x"\n', b"{\n", b"\xff\n", b"{}\n", b""])
async def test_nonsense_is_answered_and_the_next_is_heard(tmp_path: Path, said: bytes) -> None:
    async with Control(tmp_path, HANDLERS):
        reader, writer = await asyncio.open_unix_connection(tmp_path / SOCKET_FILE)
        writer.write(said)
        writer.write_eof()
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        await writer.wait_closed()
        assert b'"error"' in answer
        assert await asks(tmp_path, "echo", a=1) == {"heard": {"a": 1}}
