"""The command line: what is let go after its time."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import click

from gateway.cli_options import DATA
from gateway.events.kinds import Kind


@click.group()
def retention() -> None:
    """What is let go after its time, and by whose clock."""


@retention.command("show")
@DATA
def retention_show(data: Path) -> None:
    """Who vouches for the clock, each class of records, and which customers are to be erased within a week."""
    from gateway.commands.retention import show

    show(data)


@retention.command("confirm")
@click.argument("kinds", nargs=-1, required=True, type=click.Choice(get_args(Kind)))
@DATA
def retention_confirm(kinds: tuple[str, ...], data: Path) -> None:
    """For a day lets all go that is over, of classes of which more was over than a run takes by itself."""
    from gateway.commands.retention import confirm

    confirm(data, kinds)


@retention.command("confirm-clock")
@click.option("--yes", is_flag=True, help="You have looked at the time already, and it is right.")
@DATA
def retention_confirm_clock(yes: bool, data: Path) -> None:
    """You have looked at the clock, and it is right: where no time server keeps it, nothing is deleted before that."""
    from gateway.commands.retention import confirm_clock

    confirm_clock(data, yes=yes)
