"""``moments demo``: the whole product on one machine, with nothing to set up."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import tomlkit

from gateway.commands.demo_day import Day
from gateway.commands.demo_devices import DRIVERS, Hardware
from gateway.commands.demo_insight import fill_insight, work_out
from gateway.commands.demo_records import fill
from gateway.commands.ending import fail
from gateway.commands.recovery import made_once
from gateway.commands.serve import REFUSED
from gateway.events import venue_time
from gateway.operations.live_settings import mark
from gateway.pins import random_pin
from gateway.records import belonging
from gateway.resources import config_folder
from gateway.running import Running
from gateway.runtime import Runtime
from gateway.service.floor import Floor
from gateway.settings.venue import VenueConfig, parse


def run(port: int, pin: str | None, data: Path | None, readers: Sequence[str], *, lively: bool) -> None:
    """Runs the demo until Ctrl-C; ``readers`` are changes like ``door=thingmagic``."""
    venue = tomllib.loads((config_folder() / "demo.toml").read_text("utf-8"))
    venue["console"]["listen"] = f"127.0.0.1:{port}"
    _exchange(venue, readers)
    if data is not None and belonging.is_demo(data) is False:
        fail(f"{data} is a real house, and the demo brings invented people: give it a folder of its own")
    try:
        with TemporaryDirectory(prefix="moments-demo-") as temporary:
            asyncio.run(_demo(Path(temporary), data or Path(temporary) / "data", venue, pin, lively=lively))
    except REFUSED as refused:
        fail(str(refused))
    except KeyboardInterrupt:
        return


def run_one_of(config: Path, data: Path, pin: str, turn: int, *, at_home: bool, lively: bool) -> None:
    """Runs one venue of a house until it is ended; guests are enrolled in the one where they are ``at_home``."""
    venue = tomllib.loads(config.read_text("utf-8"))
    try:
        with TemporaryDirectory(prefix="moments-demo-") as temporary:
            asyncio.run(_one_of(Path(temporary), data, venue, pin, turn, at_home=at_home, lively=lively))
    except REFUSED as refused:
        fail(str(refused))
    except KeyboardInterrupt:
        return


def _exchange(venue: dict[str, Any], readers: Sequence[str]) -> None:
    """Gives readers of the demo another driver; ends with 2 where there is no such reader or driver."""
    tables = {reader["id"]: reader for reader in venue["readers"]}
    for change in readers:
        reader, _, driver = change.partition("=")
        if reader not in tables:
            fail(f"--reader: there is no reader {reader!r}; the demo has {', '.join(tables)}", 2)
        if driver not in DRIVERS:
            fail(f"--reader: there is no driver {driver!r}; the demo has a device for {', '.join(DRIVERS)}", 2)
        tables[reader]["driver"] = driver


async def _one_of(
    temporary: Path, data: Path, venue: dict[str, Any], pin: str, turn: int, *, at_home: bool, lively: bool
) -> None:
    async with AsyncExitStack() as stack:
        hardware, config = await _built(temporary, venue, stack)
        await asyncio.to_thread(fill, data, config, lambda: pin, guests=at_home, shared=True)
        await asyncio.to_thread(fill_insight, data, config)
        belonging.mark_as_demo(data)

        async def then(running: Running) -> None:
            async with AsyncExitStack() as more:
                await _live(running, hardware, more, turn, lively=lively)

        await Runtime(config, data, demo=True, file=_file(temporary, venue, data)).run(then)


async def _built(temporary: Path, venue: dict[str, Any], stack: AsyncExitStack) -> tuple[Hardware, VenueConfig]:
    """The simulated readers of a venue, and its settings with the links to them."""
    devices = temporary / "dev"
    devices.mkdir()
    hardware = Hardware(devices)
    for reader in venue["readers"]:
        await hardware.build(reader, stack)
    config = parse(venue, config_folder() / "demo.toml")
    venue_time.use(config.venue.timezone)
    return hardware, config


def _file(temporary: Path, venue: dict[str, Any], data: Path) -> Path:
    """The settings of the demo in a file of their own, to be changed on the screen; gone with it."""
    file, text = temporary / "venue.toml", tomlkit.dumps(venue)
    file.write_text(text, "utf-8")
    mark(data, text)
    return file


async def _live(running: Running, hardware: Hardware, stack: AsyncExitStack, turn: int = 0, *, lively: bool) -> None:
    """Guests come and go, until it is cancelled."""
    if running.embedded is not None:
        await hardware.connect(running.embedded, stack)
    await asyncio.to_thread(work_out, running.gateway.store.folder)
    if lively:
        floor = running.gateway.memory.floor
        day = Day(hardware.spots, config_folder() / "customers.demo.csv", lambda: _watched(floor), turn=turn)
        await day.live()
    await asyncio.Event().wait()


async def _demo(temporary: Path, data: Path, venue: dict[str, Any], pin: str | None, *, lively: bool) -> None:
    async with AsyncExitStack() as stack:
        hardware, config = await _built(temporary, venue, stack)
        pins = await asyncio.to_thread(fill, data, config, lambda: pin or random_pin(6))
        await asyncio.to_thread(fill_insight, data, config)
        words = await asyncio.to_thread(made_once, data)
        belonging.mark_as_demo(data)
        then = _then(config, hardware, pins, data, words, lively=lively)
        await Runtime(config, data, demo=True, file=_file(temporary, venue, data)).run(then)


def _then(
    config: VenueConfig,
    hardware: Hardware,
    pins: dict[str, tuple[str, str]],
    data: Path,
    words: list[str],
    *,
    lively: bool,
) -> Callable[[Running], Awaitable[None]]:
    async def then(running: Running) -> None:
        _welcome(config, running, pins, data, words)
        async with AsyncExitStack() as stack:
            await _live(running, hardware, stack, lively=lively)

    return then


def _watched(floor: Floor) -> bool:
    """Whether anybody has signed in and looks at a tablet."""
    return any(floor.connected(member.id) for member in floor.members())


def _welcome(
    config: VenueConfig, running: Running, pins: dict[str, tuple[str, str]], data: Path, words: list[str]
) -> None:
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
        "  A customer comes seconds after somebody has signed in. Everything here is simulated but the product:",
        "  readers speak their real protocols on pseudo-terminals and MQTT. Ctrl-C ends it.",
        "",
        f"  Data folder, for other commands of moments: --data {data}",
        *(["  Recovery key of its backups, printed once:"] if words else []),
        *(f"    {' '.join(words[at : at + 12])}" for at in range(0, len(words), 12)),
        "",
    ]
    broker = running.embedded
    if broker is None:
        lines[-1:-1] = ["  mosquitto is missing, so no phones are heard: sudo apt-get install mosquitto"]
    else:
        lines[-1:-1] = [f"  Beacons of your own may publish to espresense/# at {broker.found_at}:{broker.port}."]
    click.echo("\n".join(lines))
