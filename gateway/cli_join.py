"""The command line: joining the hub of a house, and leaving it."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli_options import CONFIG, DATA


@click.command()
@click.argument("url")
@click.argument("code")
@CONFIG
@DATA
def join(url: str, code: str, config: Path, data: Path) -> None:
    """Joins the hub at URL by an invitation: six groups of four, good once, for fifteen minutes."""
    from gateway.commands.join import join as run

    run(config, data, url, code)


@click.command()
@DATA
def leave(data: Path) -> None:
    """Leaves the hub: this box's keys are destroyed, and what was lent is forgotten."""
    from gateway.commands.join import leave as run

    run(data)


JOINING = (join, leave)
