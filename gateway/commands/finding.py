"""``moments readers find`` and ``add``: what is plugged in, and into ``venue.toml`` with it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import tomlkit

from gateway.commands.ending import fail, settings
from gateway.operations import finding
from gateway.operations.finding import FoundReader, LeftAlone
from gateway.operations.linux_ports import Linux
from gateway.settings import added
from gateway.settings.mistakes import BadConfig
from gateway.settings.venue import VenueConfig, mqtt_password, trust_of
from reader_drivers import DRIVERS
from reader_drivers.mqtt_link import Broker


def find(config: Path, ports: Sequence[str], *, asks: bool, seconds: float) -> None:
    """Looks at every serial port and at the broker, and says what speaks there; exits 1 where nothing does."""
    venue = settings(config)
    found = asyncio.run(_look(venue, ports or Linux().ports(), asks=asks, seconds=seconds))
    for number, each in enumerate(found, 1):
        beside = "".join(f" --set {key}={value}" for key, value in each.settings.items())
        where = "--room NAME=ZONE" if DRIVERS[each.driver].over == "mqtt" else "--zone ZONE"
        said = f"--driver {each.driver} --link {each.link}{beside} --role ROLE {where}"
        click.echo(f"\nmoments readers add {_free(venue, each.driver, number)} {said}")
    if not found:
        fail("no reader was found that venue.toml does not name")
    click.echo("\nROLE: outer, inner, exit, zone or tap. It is put into venue.toml; moments check tries it", err=True)


async def _look(venue: VenueConfig, ports: Sequence[str], *, asks: bool, seconds: float) -> list[FoundReader]:
    found: list[FoundReader] = []
    known = [each.link for each in venue.readers]
    if not ports:
        click.echo("no serial adapter is plugged in")
    async for each in finding.on_ports(ports, known, asks=asks):
        if isinstance(each, LeftAlone):
            click.echo(f"     {each.link}: {each.reason}")
            continue
        click.echo(f"new  {each.link}: something speaks {each.driver} ({each.words})")
        found.append(each)
    if venue.mqtt is not None and not venue.mqtt.embedded:  # who speaks to our own is heard while the gateway runs
        async with Broker(venue.mqtt.url, password=mqtt_password(), trust=trust_of(venue.mqtt)) as broker:
            there = [(each.driver, each.link) for each in venue.readers]
            for each in await finding.on_broker(broker, there, seconds):
                click.echo(f"new  {each.link}: something publishes as {each.driver} does ({each.words})")
                found.append(each)
    return found


def add(config: Path, reader: dict[str, Any], *, dry_run: bool) -> None:
    """Puts a reader into the settings, checked, and shows what is another; ends with 2 and every mistake in words."""
    settings(config)
    given = {key: value for key, value in reader.items() if value not in (None, {})}
    try:
        text = added.with_reader(config, given)
        click.echo(added.difference(config, text), nl=False)
        if not dry_run:
            added.write(config, text)
    except (BadConfig, tomlkit.exceptions.TOMLKitError) as bad:
        fail(str(bad), 2)
    except OSError as error:
        fail(f"{config} cannot be written: {(error.strerror or str(error)).lower()}")
    if not dry_run:
        click.echo("moments check tries it; a gateway that runs takes it up under Admin → Venue", err=True)


def _free(venue: VenueConfig, driver: str, number: int) -> str:
    taken = {each.id for each in venue.readers}
    return next(name for at in range(number, 10_000) if (name := f"{driver}-{at}") not in taken)
