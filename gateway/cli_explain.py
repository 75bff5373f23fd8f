"""The command line: why somebody was told what they were told."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli_options import DATA


@click.command()
@click.argument("alert", metavar="ALERT")
@DATA
def explain(alert: str, data: Path) -> None:
    """The story of one alert: the first read, the evidence, who was passed over and why, the paint on each tablet."""
    from gateway.commands import explain as explaining

    explaining.explain(alert, data)
