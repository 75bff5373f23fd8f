"""The command line: a second box in the same venue."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli_options import CONFIG, DATA


@click.group()
def standby() -> None:
    """A second box of this venue that takes over from this one."""


@standby.command()
@CONFIG
@DATA
def invite(config: Path, data: Path) -> None:
    """Prints what a second box follows this one by: six groups of four, good once, for fifteen minutes."""
    from gateway.commands.standby import invite as run

    run(config, data)


@standby.command()
@DATA
def show(data: Path) -> None:
    """Which of the two boxes this is, and how it stands; exit 0 only if the second could take over now."""
    from gateway.commands.standby import show as run

    run(data)


@standby.command()
@DATA
def end(data: Path) -> None:
    """At the first box: its second one is none any more. At a standby: it follows no more, and its records stay."""
    from gateway.commands.standby import end as run

    run(data)


@click.command()
@click.argument("url")
@click.argument("code")
@CONFIG
@DATA
def follow(url: str, code: str, config: Path, data: Path) -> None:
    """Makes this box the standby of the one at URL, by its invitation; then start it as always (moments serve)."""
    from gateway.commands.standby import follow as run

    run(config, data, url, code)


@click.command()
@CONFIG
@DATA
def promote(config: Path, data: Path) -> None:
    """Makes this standby the first box, now: its readers and doors are up within seconds."""
    from gateway.commands.standby import promote as run

    run(config, data)


STANDBY = (standby, follow, promote)
