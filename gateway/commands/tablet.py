"""``moments tablet pair``."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import segno

from gateway.commands.ending import fail
from gateway.operations.control import GatewayRefused, NotRunning, ask

LONGEST = 200


def pair(name: str, data: Path) -> None:
    """Prints the link of a one-time code, on a terminal with a picture that the tablet's camera reads."""
    if not 0 < len(name.strip()) <= LONGEST:
        fail(f"NAME: expected 1 to {LONGEST} characters", 2)
    try:
        link = ask(data, "POST", "/api/tablets/codes", {"name": name.strip()})["link"]
    except NotRunning as error:
        fail(f"{error}: a tablet is paired with a gateway that runs")
    except GatewayRefused as error:
        fail(str(error))
    if sys.stdout.isatty():
        segno.make(link, error="m").terminal(compact=True)
    click.echo(link)
    click.echo("open it on the tablet within ten minutes; it is good for one", err=True)
