"""Options that several commands take."""

from __future__ import annotations

from pathlib import Path

import click

LONGEST = 10_000_000.0  # seconds that anything is waited for: four months
CONFIG = click.option(
    "--config",
    "config",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("/etc/moments/venue.toml"),
    show_default=True,
    envvar="MOMENTS_CONFIG",
    help="The venue's settings.",
)
DATA = click.option(
    "--data",
    "data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("/var/lib/moments"),
    show_default=True,
    envvar="MOMENTS_DATA",
    help="The data folder.",
)


def seconds(_: click.Context, __: click.Parameter, value: float | None) -> float | None:
    """So many seconds, as a command is told; raises BadParameter for what nobody waits for."""
    if value is not None and not 0 <= value <= LONGEST:
        raise click.BadParameter(f"expected 0 to {LONGEST:g} seconds")
    return value
