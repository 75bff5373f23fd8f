"""``moments demo --venues 3``: a lounge, a cabin and a store of one house with their hub, each a process of its own."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
import sys
import tomllib
from contextlib import AsyncExitStack, ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import uvicorn

from gateway.commands import demo, demo_postgres
from gateway.commands.demo_cables import Cable, Shown, page
from gateway.commands.ending import fail
from gateway.joined import boxes
from gateway.operations.web import Server
from gateway.pins import random_pin
from gateway.records import belonging
from gateway.resources import config_folder

VENUES = ("demo.toml", "demo.cabin.toml", "demo.store.toml")
HUB = """[hub]
id = "cloudrest-house"
name = {{ zh-CN = "云栖集团", en = "Cloudrest" }}
listen = "127.0.0.1:{port}"

[[brands]]
id = "cloudrest"
name = {{ zh-CN = "云栖", en = "Cloudrest" }}
"""
HOUSE = {"zh-CN": "云栖集团", "en": "Cloudrest"}
BRAND = "cloudrest"
STARTS_WITHIN = 120.0  # seconds, all of them on a small machine
LOOKS_EVERY = 0.25  # seconds
ENDS_WITHIN = 20.0  # seconds


@dataclass(slots=True, frozen=True)
class Part:
    """One venue of the house: its files, its port, and which turn its guests take."""

    id: str
    name: dict[str, str]
    config: Path
    data: Path
    port: int
    turn: int

    @property
    def url(self) -> str:
        """Its console."""
        return f"http://127.0.0.1:{self.port}"


def run(count: int, port: int, pin: str | None, data: Path | None, *, lively: bool, postgres: bool = False) -> None:
    """Runs the house until Ctrl-C or SIGTERM: consoles on ``port`` and those after it, the page of the house last."""
    if postgres:
        demo_postgres.ready()
    if data is not None and any(belonging.is_demo(each) is False for each in data.glob("*") if each.is_dir()):
        fail(f"{data} holds a real house, and the demo brings invented people: give it a folder of its own")
    try:
        with TemporaryDirectory(prefix="moments-demo-") as temporary:
            folder = data or Path(temporary)
            asyncio.run(_until_ended(count, port, pin or random_pin(6), folder, lively=lively, postgres=postgres))
    except KeyboardInterrupt:
        return


def run_one(settings: Path, pin: str, *, lively: bool) -> None:
    """Runs one venue of the house; ``settings`` is the file that the house wrote for it."""
    said = json.loads(settings.read_text("utf-8"))
    demo.run_one_of(
        Path(said["config"]), Path(said["data"]), pin, said["turn"], at_home=said["turn"] == 0, lively=lively
    )


async def _until_ended(count: int, port: int, pin: str, folder: Path, *, lively: bool, postgres: bool) -> None:
    house = asyncio.create_task(_house(count, port, pin, folder, lively=lively, postgres=postgres))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, house.cancel)
    with suppress(asyncio.CancelledError):
        await house


async def _house(count: int, port: int, pin: str, folder: Path, *, lively: bool, postgres: bool) -> None:
    ports = [port + n for n in range(count + 1)] if port else _free(count + 1)
    async with AsyncExitStack() as stack:
        store = await demo_postgres.database(folder / "hub" / "postgres", stack) if postgres else None
        hub = await _hub(folder / "hub", stack, store)
        parts, shown = [], []
        for turn, file in enumerate(VENUES[:count]):
            cable = Cable(hub.port)
            at = await cable.lay()
            stack.push_async_callback(cable.close)
            part = _part(folder, file, turn, ports[turn], f"http://127.0.0.1:{at}")
            if boxes.read(part.data) is None:
                code = await _said("hub", "invite", part.id, *hub.places)
                words = ("--config", str(part.config), "--data", str(part.data))
                await _said("join", f"http://127.0.0.1:{at}", code.strip(), *words)
            parts.append(part)
            shown.append(Shown(part.id, part.name, part.url, cable, lambda part=part: _link(part)))  # type: ignore[misc]
        await asyncio.gather(*(_starts(folder, part, pin, stack, lively=lively) for part in parts))
        await _serve(page(HOUSE, shown), ports[-1], stack)
        _welcome(parts, f"http://127.0.0.1:{ports[-1]}", pin, folder, " over PostgreSQL" if postgres else "")
        await asyncio.Event().wait()


@dataclass(slots=True, frozen=True)
class _Hub:
    port: int
    places: tuple[str, ...]


async def _hub(folder: Path, stack: AsyncExitStack, store: str | None) -> _Hub:
    """A hub that serves, in this folder, over this PostgreSQL or its own file."""
    (port,) = _free(1)
    where = "" if store is None else f'\n[store]\nurl = "{store}"\n'
    config = _written(folder / "hub.toml", HUB.format(port=port) + where)
    places = ("--config", str(config), "--data", str(folder / "data"))
    process = await _process(folder / "log", stack, "hub", *places)
    await _answers(port, "/hub/v1/health", process, folder / "log")
    return _Hub(port, places)


def _part(folder: Path, file: str, turn: int, port: int, hub: str) -> Part:
    """Writes the settings of one venue."""
    text = (config_folder() / file).read_text("utf-8")
    text = re.sub(r'^listen = ".*"$', f'listen = "127.0.0.1:{port}"', text, flags=re.MULTILINE)
    text += f'\n[hub]\nurl = "{hub}"\nbrand = "{BRAND}"\n'
    venue = tomllib.loads(text)["venue"]
    config = _written(folder / venue["id"] / "venue.toml", text)
    return Part(venue["id"], venue["name"], config, config.parent / "data", port, turn)


async def _starts(folder: Path, part: Part, pin: str, stack: AsyncExitStack, *, lively: bool) -> None:
    settings = {"config": str(part.config), "data": str(part.data), "turn": part.turn}
    said = _written(folder / part.id / "part.json", json.dumps(settings))
    words = ["demo", "--one-of", str(said), "--pin-file", "-", *([] if lively else ["--quiet-venue"])]
    process = await _process(folder / part.id / "log", stack, *words)
    if process.stdin is not None:
        process.stdin.write(f"{pin}\n".encode())
        process.stdin.close()
    await _answers(part.port, "/health", process, folder / part.id / "log")


async def _link(part: Part) -> dict[str, Any] | None:
    """What the venue says of its link with the hub; None while it does not answer."""
    health = await _asked(part.port, "/health")
    found: dict[str, Any] | None = health.get("hub") if health is not None else None
    return found


# --- processes and what they say -------------------------------------------------------------------------------------


async def _process(log: Path, stack: AsyncExitStack, *words: str) -> asyncio.subprocess.Process:
    """One of our own commands, which ends with us; what it says is in ``log``."""
    with log.open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway", *words,
            stdin=asyncio.subprocess.PIPE, stdout=out, stderr=out,
        )  # fmt: skip
    stack.push_async_callback(_ends, process)
    return process


async def _ends(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(ENDS_WITHIN):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


async def _said(*words: str) -> str:
    """What one of our commands prints; ends the demo with its words where it cannot."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", *words,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    if process.returncode:
        fail(f"moments {' '.join(words[:2])}: {err.decode(errors='replace').strip()}")
    return out.decode()


async def _answers(port: int, path: str, process: asyncio.subprocess.Process, log: Path) -> None:
    """Returns once it answers; ends the demo with what it said last where it has ended, or never does."""
    give_up = asyncio.get_running_loop().time() + STARTS_WITHIN
    while True:
        if await _asked(port, path) is not None:
            return
        if process.returncode is not None or asyncio.get_running_loop().time() > give_up:
            fail(f"{log.parent.name} does not start: {_end_of(log)}")
        await asyncio.sleep(LOOKS_EVERY)


def _end_of(log: Path) -> str:
    return log.read_text("utf-8", "replace")[-2000:]


def _written(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return file


async def _asked(port: int, path: str) -> dict[str, Any] | None:
    """What stands at a path of a program on this machine, as JSON; None where it does not answer."""
    try:
        async with asyncio.timeout(5):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
                answer = await reader.read(-1)
            finally:
                writer.close()
        found = json.loads(answer.partition(b"\r\n\r\n")[2])
    except (OSError, TimeoutError, ValueError):
        return None
    return found if isinstance(found, dict) else None


async def _serve(app: Any, port: int, stack: AsyncExitStack) -> None:
    at = socket.create_server(("127.0.0.1", port))  # whoever is told the address is heard from now on
    stack.callback(at.close)
    server = Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    task = asyncio.create_task(server.serve(sockets=[at]))

    async def end() -> None:
        server.should_exit = True
        with suppress(asyncio.CancelledError):
            await task

    stack.push_async_callback(end)


def _free(count: int) -> list[int]:
    """Ports that nobody has, each another."""
    with ExitStack() as held:
        found = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in found:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in found]


def _welcome(parts: list[Part], house: str, pin: str, folder: Path, store: str) -> None:
    width = max(len(part.name["en"]) for part in parts)
    click.echo(
        "\n".join(
            [
                "",
                f"  {HOUSE['en']} · {HOUSE['zh-CN']}: {len(parts)} venues and their hub{store}",
                "",
                *(f"    {part.name['en']:<{width}}   {part.url}   {part.name['zh-CN']}" for part in parts),
                f"    {'Cables':<{width}}   {house}",
                "",
                f"  The same people work in each: anna, ben, lina, marie, tom; PIN {pin}.",
                "  Guests are enrolled in the lounge alone. What is recorded of them there is known in the others",
                "  within seconds, and a stop too. Cut a cable on its page: the venue goes on, and catches up.",
                "",
                f"  Folders, logs beside them: {folder}. Ctrl-C ends it.",
                "",
            ]
        )
    )
