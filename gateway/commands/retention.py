"""``moments retention``: what is let go after its time, what waits for a person, and whether the clock is right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gateway.commands.ending import fail
from gateway.operations.control import GatewayRefused, NotRunning, ask

NOBODY = "no gateway runs on this folder: start it first"


def show(data: Path) -> None:
    """Prints who vouches for the clock, each class of records, and who is to be erased within a week."""
    found = _ask(data, "GET", "")
    click.echo(f"time {found['now']}, vouched for by {found['vouched_by'] or 'nobody'}")
    if found["why"]:
        click.echo(found["why"])
    click.echo(f"last run {found['last_run'] or 'never'}")
    for each in found["kinds"]:
        waits = f"; waits: moments retention confirm {each['kind']}" if each["waits"] else ""
        over = f"{each['candidates']} over, at most {each['most']} a day"
        click.echo(f"  {each['kind']:<10} {each['rule']:>7}  rows {each['rows']}, {over}{waits}")
    for each in found["leaving"]:
        click.echo(f"  {each['id']}: no live consent since {each['since']}, erased after {each['erased_after']}")


def confirm(data: Path, kinds: tuple[str, ...]) -> None:
    """Has all go for a day that is over, of these classes."""
    _ask(data, "POST", "/allowed", {"kinds": list(kinds)})
    click.echo(f"for a day all goes that is over of: {', '.join(kinds)}")


def confirm_clock(data: Path, *, yes: bool) -> None:
    """Says that the house's time is right, once somebody has looked at it."""
    now = _ask(data, "GET", "")["now"]
    if not yes and not click.confirm(f"The house's clock says {now} (UTC). Is that right?"):
        fail("the clock was not confirmed: set it, and nothing is deleted meanwhile")
    _ask(data, "POST", "/clock", {"time": now})
    click.echo("the clock is vouched for; what is over is let go once it has run steadily for ten minutes")


def _ask(data: Path, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    try:
        return ask(data, method, f"/api/retention{path}", body)
    except NotRunning:
        fail(NOBODY)
    except GatewayRefused as refused:
        fail(str(refused))
