"""The command line: readers that run, readers that are found, and readers that are put into the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gateway.cli_options import CONFIG, DATA, seconds


def _pairs(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for value in values:
        name, equals, zone = value.partition("=")
        if not equals or not name or not zone:
            raise click.BadParameter(f"expected two words with = between them, not {value!r}")
        pairs[name] = zone
    return pairs


def _value(text: str) -> int | str:
    """A whole number where it is written as one."""
    return int(text) if text.isascii() and text.isdigit() else text


@click.group(invoke_without_command=True)
@CONFIG
@DATA
@click.option("--watch", is_flag=True, help="Go on until Ctrl-C.")
@click.option("--raw", metavar="READER", help="What this reader sends, as it comes; identifiers are masked.")
@click.pass_context
def readers(context: click.Context, config: Path, data: Path, watch: bool, raw: str | None) -> None:
    """Every reader: firmware, reads a second, last sighting and its strength, what was rejected, quiet or lost."""
    if context.invoked_subcommand is not None:
        return
    from gateway.commands.readers import run

    run(config, data, watch=watch, raw=raw)


@readers.command("find")
@CONFIG
@DATA
@click.option("--port", "ports", multiple=True, help="A serial port; every adapter where it is left out.")
@click.option("--listen-only", is_flag=True, help="Write nothing to any port: only what speaks by itself is found.")
@click.option("--seconds", default=8.0, show_default=True, callback=seconds, help="How long to listen to the broker.")
def find(config: Path, data: Path, ports: tuple[str, ...], listen_only: bool, seconds: float) -> None:
    """Looks at each serial port and at the broker: which readers are there that venue.toml does not name?

    A port that another program has open is not touched, nor a line that says what no driver understands.
    """
    from gateway.commands.finding import find as run

    run(config, ports, asks=not listen_only, seconds=seconds)


@readers.command("add")
@click.argument("id_", metavar="ID")
@CONFIG
@DATA
@click.option("--driver", required=True, help="The name of a driver.")
@click.option("--link", required=True, help="A serial port or URL, or a topic prefix.")
@click.option("--role", required=True, type=click.Choice(["outer", "inner", "exit", "zone", "tap"]))
@click.option("--zone", help="Where it is; of a broker's nodes --room.")
@click.option("--room", "rooms", multiple=True, callback=_pairs, metavar="NAME=ZONE", help="Of a broker's nodes.")
@click.option("--set", "more", multiple=True, callback=_pairs, metavar="KEY=VALUE", help="What else its driver takes.")
@click.option("--dry-run", is_flag=True, help="Only show what would be another.")
def add(
    id_: str, config: Path, data: Path, driver: str, link: str, role: str, zone: str | None, rooms: dict[str, str],
    more: dict[str, str], dry_run: bool,
) -> None:  # fmt: skip
    """Puts a reader into venue.toml, checked; comments and order of the file stay, and what changes is shown."""
    from gateway.commands.finding import add as run

    reader: dict[str, Any] = {"id": id_, "driver": driver, "link": link, "role": role, "zone": zone, "rooms": rooms}
    run(config, {**reader, "settings": {key: _value(text) for key, text in more.items()}}, dry_run=dry_run)
