"""``moments tablet pair``."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import segno

from gateway.commands.ending import fail
from gateway.operations.control import GatewayRefused, NotRunning, ask
from reader_drivers.texts import Unfit, one_line

LONGEST = 200


def pair(name: str, data: Path) -> None:
    """Prints the link of a one-time code, on a terminal with a picture that the tablet's camera reads."""
    try:
        name = one_line(name)
    except Unfit as unfit:
        fail(f"NAME: {unfit}", 2)
    if not 0 < len(name) <= LONGEST:
        fail(f"NAME: expected 1 to {LONGEST} characters that can be seen", 2)
    try:
        link = ask(data, "POST", "/api/tablets/codes", {"name": name})["link"]
    except NotRunning as error:
        fail(f"{error}: a tablet is paired with a gateway that runs")
    except GatewayRefused as error:
        fail(str(error))
    if sys.stdout.isatty():
        segno.make(link, error="m").terminal(compact=True)
    click.echo(link)
    click.echo("open it on the tablet within ten minutes; it is good for one", err=True)
