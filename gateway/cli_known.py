"""The command line: what is known of customers, and what can be said of them."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli_options import DATA


@click.group()
def preferences() -> None:
    """What is known of customers."""


@preferences.command("check")
@DATA
def preferences_check(data: Path) -> None:
    """Facts before and after an upgrade, and which are in doubt; exit 0 only if none was lost or changed."""
    from gateway.commands.preferences import check

    check(data)


@click.group()
def catalogue() -> None:
    """The values that facts about customers may have."""


@catalogue.command("check")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def catalogue_check(file: Path) -> None:
    """Whether a file of values may be part of the catalogue; exit 0 only if nothing is wrong."""
    from gateway.commands.catalogue import check

    check(file)
