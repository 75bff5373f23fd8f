"""``moments demo``: the whole product on one machine, with nothing to set up."""

from __future__ import annotations

import asyncio
import secrets
import tomllib
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from gateway.commands.demo_day import Day, Devices
from gateway.commands.demo_records import fill
from gateway.commands.ending import fail
from gateway.commands.serve import REFUSED
from gateway.config import VenueConfig, parse
from gateway.resources import config_folder
from gateway.runtime import Running, Runtime
from reader_drivers.simulated import SimulatedEm4100, SimulatedEspresense, SimulatedM100

SERIAL = {"m100": SimulatedM100, "em4100": SimulatedEm4100}


def run(port: int, pin: str | None, data: Path | None, *, lively: bool) -> None:
    """Runs the demo until Ctrl-C."""
    try:
        with TemporaryDirectory(prefix="moments-demo-") as temporary:
            asyncio.run(_demo(Path(temporary), data or Path(temporary) / "data", port, pin, lively=lively))
    except REFUSED as refused:
        fail(str(refused))
    except KeyboardInterrupt:
        return


async def _demo(temporary: Path, data: Path, port: int, pin: str | None, *, lively: bool) -> None:
    venue = tomllib.loads((config_folder() / "demo.toml").read_text("utf-8"))
    venue["console"]["listen"] = f"127.0.0.1:{port}"
    devices = temporary / "dev"
    devices.mkdir()
    async with AsyncExitStack() as stack:
        serial: dict[str, SimulatedM100 | SimulatedEm4100] = {}
        for reader in venue["readers"]:
            if reader["driver"] in SERIAL:
                device = SERIAL[reader["driver"]](devices / reader["id"])
                reader["link"] = str(device.link)
                serial[reader["id"]] = await stack.enter_async_context(device)
        config = parse(venue, config_folder() / "demo.toml")
        pins = await asyncio.to_thread(fill, data, config, lambda: pin or f"{secrets.randbelow(10**6):06d}")
        runtime = Runtime(config, data, demo=True)
        await runtime.run(_then(config, venue, serial, pins, lively=lively))


def _then(
    config: VenueConfig,
    venue: dict[str, Any],
    serial: dict[str, SimulatedM100 | SimulatedEm4100],
    pins: dict[str, tuple[str, str]],
    *,
    lively: bool,
) -> Callable[[Running], Awaitable[None]]:
    async def then(running: Running) -> None:
        _welcome(config, running, pins)
        async with AsyncExitStack() as stack:
            phones = None
            if running.embedded is not None:
                rooms = next(r["rooms"] for r in venue["readers"] if r["driver"] == "espresense")
                login = running.embedded.reader_credentials
                phones = await stack.enter_async_context(
                    SimulatedEspresense(
                        running.embedded.url, list(rooms), username=login.username, password=login.password
                    )
                )
            if lively:
                await Day(Devices(serial, phones), config_folder() / "customers.demo.csv").live()
            await asyncio.Event().wait()

    return then


def _welcome(config: VenueConfig, running: Running, pins: dict[str, tuple[str, str]]) -> None:
    name = config.venue.name.by_language()
    lines = [
        "",
        f"  {name['en']} · {name['zh-CN']}",
        "",
        f"  Open   {running.url}   and   {running.url.replace('127.0.0.1', 'localhost')}",
        "  in two browser windows and sign in as two people: each address keeps its own sign-in.",
        "",
        *(f"    {who:<8} PIN {pin}   {roles}" for who, (pin, roles) in pins.items()),
        "",
        "  The first customer comes within seconds. Everything here is simulated but the product:",
        "  readers speak their real protocols on pseudo-terminals and MQTT. Ctrl-C ends it.",
        "",
    ]
    broker = running.embedded
    if broker is None:
        lines[-1:-1] = ["  mosquitto is missing, so no phones are heard: sudo apt-get install mosquitto"]
    else:
        lines[-1:-1] = [f"  Beacons of your own may publish to espresense/# at {broker.found_at}:{broker.port}."]
    click.echo("\n".join(lines))
