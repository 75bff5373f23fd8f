"""``moments erasures``: what was erased where, the list that outlives backups, and the end of a quarantine."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from gateway.commands.ending import fail
from gateway.events.times import iso, now
from gateway.operations.control import GatewayRefused, NotRunning, ask
from gateway.records import erasure_list, quarantine
from gateway.records.errors import Damaged, WrongMasterKey
from gateway.records.seal import Keyring

NOBODY = "no gateway runs on this folder: start it first; in quarantine it shows and sends nothing"


def listed(data: Path) -> None:
    """Prints each erasure, and of each place when it was done or heard from last; ends with 1 where one waits."""
    try:
        receipts: list[dict[str, Any]] = ask(data, "GET", "/api/erasures")
    except NotRunning:
        fail(NOBODY)
    except GatewayRefused as refused:
        fail(str(refused))
    open_ones = 0
    for each in receipts:
        click.echo(f"{each['erasure']}  {each['customer']}  {each['at']}  by {each['by']}  {_entry(each)}")
        for place in each["places"]:
            open_ones += place["done_at"] is None
            click.echo(f"    {place['kind']:<8} {place['place']}: {_answered(place)}")
    click.echo(f"erasures {len(receipts)}, places that have not answered {open_ones}")
    if open_ones:
        sys.exit(1)


def verify(data: Path, files: tuple[Path, ...]) -> None:
    """Walks lists of erasures: that of the folder, or these; 1 where one is not what this house wrote."""
    try:
        with closing(Keyring(data, read_only=True)) as keyring:
            hand = keyring.hand
        for path in files or (data / erasure_list.ERASURES_FILE,):
            if not path.exists():
                fail(f"{path}: there is no list yet")
            found = erasure_list.read(path, hand)
            newest = iso(found.newest) if found.lines else "never"
            old = "" if found.newest >= now() - erasure_list.FRESH else "; it is more than two days old"
            click.echo(f"{path}: lines {len(found.lines)}, keys {len(found.keys)}, newest {newest}{old}")
    except (Damaged, WrongMasterKey, OSError) as error:
        fail(str(error))


def merge(data: Path, files: tuple[Path, ...]) -> None:
    """Has the gateway unite these lists with its own, erase whomever they name, and end a quarantine."""
    lists = [path.read_text("utf-8", "replace").split("\n")[:-1] for path in files]
    try:
        taken = ask(data, "POST", "/api/erasures/lists", {"lists": lists})
    except NotRunning:
        fail(NOBODY)
    except GatewayRefused as refused:
        fail(str(refused))
    click.echo(f"erased here by these lists: {taken['erased']}")
    if taken["lifted"]:
        click.echo("the quarantine is over: the house knows its customers again")
    elif (found := quarantine.reason(data)) is not None:
        fail(quarantine.in_words(found))


def sign(data: Path, people: tuple[str, str], reason: str, pins: Path | None) -> None:
    """Has two managers sign that nobody was erased since the copy was made; their PINs are asked for."""
    try:
        given = _pins(people, pins)
        signed = [{"staff": who, "pin": pin} for who, pin in zip(people, given, strict=True)]
        ask(data, "POST", "/api/erasures/signed", {"people": signed, "reason": reason})
    except NotRunning:
        fail(NOBODY)
    except GatewayRefused as refused:
        fail(str(refused))
    click.echo("the quarantine is over: the house knows its customers again; both names are in the journal")


def _pins(people: tuple[str, str], file: Path | None) -> list[str]:
    if file is not None:
        lines = (sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")).split()
        if len(lines) != len(people):
            fail("expected two PINs, one a line, in the order of the names")
        return lines
    if not sys.stdin.isatty():
        fail("PINs are asked for on a terminal, and this is none: give them with --pins FILE, - for standard input")
    return [click.prompt(f"PIN of {who}", hide_input=True, err=True) for who in people]


def _entry(receipt: dict[str, Any]) -> str:
    return f"line {receipt['entry']['n']} of the list" if receipt["entry"] else "on no line of the list"


def _answered(place: dict[str, Any]) -> str:
    if place["done_at"]:
        return f"done {place['done_at']}"
    if place["told_at"]:
        return f"told {place['told_at']}, not done"
    return f"not heard from since {place['not_heard_since']}" if place["not_heard_since"] else "not heard from"
