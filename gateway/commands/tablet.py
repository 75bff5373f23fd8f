"""``moments tablet pair``, ``list`` and ``lost``."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import click
import segno

from gateway.commands.alone import REFUSED, opened
from gateway.commands.ending import fail
from gateway.events.event import News
from gateway.events.times import iso
from gateway.operations.control import GatewayRefused, NotRunning, ask
from gateway.records import tablets
from gateway.records.store import reading
from gateway.records.tablets import Tablet
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


def listed(data: Path) -> None:
    """Prints the tablets, one a line: those that are paired, then those that were let go and whether they are empty."""
    paired, gone = _known(data)
    for each in paired:
        held = "own key" if each.key is not None else "no key"
        click.echo(f"{each.id}  {each.name:<20}  paired {iso(each.paired_at)}  seen {iso(each.last_seen)}  {held}")
    for each in gone:
        wiped = f"wiped {iso(each.wiped_at)}" if each.wiped_at is not None else "not heard since"
        click.echo(f"{each.id}  {each.name:<20}  let go {iso(each.revoked_at or 0.0)}  {wiped}")
    if not paired and not gone:
        click.echo("no tablet was ever paired", err=True)


def lost(name: str, data: Path) -> None:
    """Lets a lost tablet go, by its name or its id, through the gateway where one runs.

    Ends with 1 where none is called so, and with 2 where several are: their ids are named.
    """
    paired, gone = _known(data)
    found = [each for each in paired if each.id == name] or [each for each in paired if each.name == name]
    if len(found) > 1:
        fail(
            f"{len(found)} tablets are called {name!r}; say which by its id: {', '.join(each.id for each in found)}", 2
        )
    if not found and any(name in (each.id, each.name) for each in gone):
        fail(f"{name!r} was let go already; moments tablet list says whether it has wiped itself")
    if not found:
        fail(f"no tablet is called {name!r}; moments tablet list names them")
    _let_go(found[0], data)
    click.echo(
        f"{found[0].name} ({found[0].id}) is let go: nobody is signed in on it, and it wipes itself when it is heard"
    )
    click.echo("draft the notice: moments privacy breach --from … --until … (72 hours)", err=True)


def _let_go(tablet: Tablet, data: Path) -> None:
    try:
        try:
            ask(data, "DELETE", f"/api/tablets/{quote(tablet.id, safe='')}?lost=true")
        except NotRunning:
            with opened(data) as alone:
                facts = {"tablet": tablet.id, "name": tablet.name, "lost": True}
                alone.record([News("tablet.revoked", tablet.id, facts)])
    except REFUSED as error:
        fail(str(error))


def _known(data: Path) -> tuple[list[Tablet], list[Tablet]]:
    """The tablets that are paired, and those that were let go."""
    try:
        with closing(reading(data)) as reader, closing(reader.keyring):
            return tablets.every(reader), tablets.let_go(reader)
    except REFUSED as error:
        fail(str(error))
