"""``moments receipt verify``: needs the receipt, and whose keys one trusts; nothing else."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from gateway.commands.console_log import one_line
from gateway.commands.ending import fail
from gateway.consent.canonical import NotCanonical, parse
from gateway.consent.paper import BEGINS
from gateway.consent.trust import BadTrust, Trust
from gateway.consent.trust import read as read_trust
from gateway.consent.verify import EXITS, LARGEST, NoReceipt, read
from gateway.consent.verify import verify as judge

LONGEST_NAME = 255  # characters of a file's name; what is longer is no name


def verify(what: str, trust: Path | None, on: date | None) -> None:
    """Says what the receipt says, and whether it is whole; ends with 0, 1 (changed) or 2 (operator unknown)."""
    try:
        receipt = read(_text(what))
    except NoReceipt as error:
        fail(str(error))
    verdict = judge(receipt, None if trust is None else trusted(trust))
    if verdict.core is not None and verdict.state != "changed":
        _say(verdict.core, on or datetime.now(UTC).date())
    if verdict.state == "good":
        what_is = "whole" if verdict.whole else "the core is whole (paper holds no more)"
        click.echo(f"{what_is}, and signed by a house of {verdict.operator} with a key that was valid that day")
    elif verdict.state == "unknown":
        click.echo("whole, and signed; but whose key this is, is not known here")
        click.echo(f"compare with the sign at the door: {verdict.operator}")
    else:
        for member, why in verdict.changed:
            _line(f"changed: {member}: {why}", err=True)
    sys.exit(EXITS[verdict.state])


def _text(what: str) -> str:
    try:
        if what.strip().startswith(BEGINS):
            return what
        if what == "-":
            return _decoded(sys.stdin.buffer.read(LARGEST + 1))
        path = Path(what)
        if what.lstrip().startswith("{") and (len(what) > LONGEST_NAME or not path.exists()):
            return what
        with path.open("rb") as file:
            return _decoded(file.read(LARGEST + 1))
    except (OSError, ValueError) as error:
        fail(f"this cannot be read: {error}")


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8")


def trusted(path: Path) -> Trust:
    """Whose keys one trusts, by a file; ends with 1 where that is none."""
    try:
        return read_trust(parse(path.read_bytes()))
    except (BadTrust, NotCanonical, OSError) as error:
        fail(f"{path}: {error}")


def _say(core: dict[str, Any], on: date) -> None:
    _line(f"{core['id']}: {core['sub']}, {core['brand'] or 'no brand'}, made {core['at']}")
    for name, day in core["given"].items():
        until = "with no last day" if day is None else f"until the end of {day}"
        over = day is not None and on.isoformat() > day
        _line(f"  {name}: given, {until}" + (f"; on {on} it is over" if over else ""))
    for name in core["refused"]:
        _line(f"  {name}: refused")
    for name in core["ended"]:
        _line(f"  {name}: ended")


def _line(text: str, *, err: bool = False) -> None:
    """A line whose words are whoever's who made the receipt: none of them moves the cursor or begins another."""
    click.echo(one_line(text), err=err)
