"""Options that several commands take."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.settings.locations import USUAL, settings_of

LONGEST = 10_000_000.0  # seconds that anything is waited for: four months
DATA_FOLDER = Path("/var/lib/moments")


def _where(context: click.Context, _: click.Parameter, value: Path) -> Path:
    return settings_of(value, context.params.get("data") or DATA_FOLDER)


CONFIG = click.option(
    "--config",
    "config",
    type=click.Path(path_type=Path, dir_okay=False),
    default=USUAL,
    show_default=True,
    envvar="MOMENTS_CONFIG",
    callback=_where,
    help="The venue's settings; there is none: those beside the records, where moments setup wrote them.",
)
DATA = click.option(
    "--data",
    "data",
    type=click.Path(path_type=Path, file_okay=False),
    default=DATA_FOLDER,
    show_default=True,
    is_eager=True,
    envvar="MOMENTS_DATA",
    help="The data folder.",
)


def seconds(_: click.Context, __: click.Parameter, value: float | None) -> float | None:
    """So many seconds, as a command is told; raises BadParameter for what nobody waits for."""
    if value is not None and not 0 <= value <= LONGEST:
        raise click.BadParameter(f"expected 0 to {LONGEST:g} seconds")
    return value
