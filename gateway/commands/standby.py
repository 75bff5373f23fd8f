"""``moments standby``, ``moments follow`` and ``moments promote``."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import NoReturn

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from gateway.commands.ending import fail, settings
from gateway.hub import invitations
from gateway.joined.boxes import Keys
from gateway.joined.calling import Answered, Unreached
from gateway.operations.control import GatewayRefused, NotRunning, ask
from gateway.records.errors import Damaged, DataFolderInUse, DiskFull, NewerSchema, WrongMasterKey
from gateway.records.sqlite_file import private_folder
from gateway.records.store import RECORDS_FILE, take_lock
from gateway.standby import joining, papers
from gateway.standby.names import FILE
from gateway.standby.papers import Paper
from gateway.standby.serving import PROMOTE
from gateway.standby.taking_over import run_program, take_over

REFUSED = (Damaged, DataFolderInUse, DiskFull, NewerSchema, WrongMasterKey, OSError)
BACK_WITHIN = 60.0  # seconds until a box that takes over answers again
AGAIN = 0.1


def invite(config: Path, data: Path) -> None:
    """Makes an invitation, and prints it."""
    venue = settings(config)
    paper = _read(data)
    if paper is not None and paper.role == "standby":
        fail("this box is a standby itself: make the invitation at the first box")
    if not (data / RECORDS_FILE).exists():
        fail(f"{data} holds no records yet: start the gateway once")
    secret = invitations.new_secret()
    made = papers.Invitation(secret, int(time.time() * 1000) + invitations.VALID_MS)
    paper = papers.keep(data, (paper or new_first(venue.venue.id)).but(invitation=made))
    click.echo(invitations.code(secret, paper.keys.public[0]))
    click.echo("good once, for fifteen minutes; at the second box: moments follow URL CODE", err=True)


def new_first(venue: str) -> Paper:
    """Who this box is once there may be a second one."""
    keys = Keys(Ed25519PrivateKey.generate(), X25519PrivateKey.generate())
    return Paper("first", f"{venue}-{os.urandom(4).hex()}", venue, keys)


def follow(config: Path, data: Path, url: str, code: str) -> None:
    """Joins the first box as its standby."""
    venue = settings(config)
    paper = _read(data)
    if paper is not None and paper.role == "first":
        fail("this box is the first of its venue: end that before (moments standby end), or follow from the other one")
    try:
        private_folder(data)
        os.close(take_lock(data))
        if paper is None and (data / RECORDS_FILE).exists():
            fail(f"{data} holds records already: a standby begins with an empty data folder")
        made = asyncio.run(joining.join(url, code, venue.venue.id))
        papers.keep(data, made)
    except ValueError as unfit:
        fail(str(unfit), 2)
    except joining.AnotherBox as other:
        fail(f"{other}: nothing was kept; make a new invitation, and compare the address")
    except (Answered, Unreached, *REFUSED) as refused:
        fail(str(refused))
    click.echo(f"this box follows {made.other.url if made.other else url} as {made.id}: start it (moments serve)")


def promote(config: Path, data: Path) -> None:
    """Makes a standby the first box: the one that runs in this folder, or where none runs the folder itself."""
    paper = _read(data)
    if paper is None or paper.role != "standby":
        fail(f"{data} follows no other box: there is nothing to take over")
    began = time.monotonic()
    try:
        ask(data, "POST", PROMOTE)
    except NotRunning:
        _alone(config, data, paper)
    except GatewayRefused as refused:
        fail(str(refused))
    while time.monotonic() - began < BACK_WITHIN:
        try:
            found = ask(data, "GET", "/health", within=2)
            if "journal" in found:
                click.echo(f"this box is the first of its venue now, after {time.monotonic() - began:.1f} s")
                return
        except (NotRunning, GatewayRefused):
            pass
        time.sleep(AGAIN)
    fail(f"this box takes over, and did not answer within {BACK_WITHIN:g} s: its log says why")


def _alone(config: Path, data: Path, paper: Paper) -> NoReturn:
    venue = settings(config)
    if not joining.whole(data):
        fail("this box has no whole copy of the first one yet: it cannot take over")
    try:
        take_over(venue, data, papers.keep(data, paper.but(taking_over=True)))
    except REFUSED as refused:
        fail(str(refused))
    asyncio.run(run_program(venue.standby.on_promote, data))
    click.echo("this box is the first of its venue now: start it (moments serve)")
    sys.exit(0)


def show(data: Path) -> None:
    """Says how the two boxes stand."""
    paper = _read(data)
    if paper is None:
        fail("this venue has one box: moments standby invite lets a second one in")
    try:
        facts = ask(data, "GET", "/health").get("standby")
    except (NotRunning, GatewayRefused) as silent:
        fail(f"this box is the {paper.role}, in term {paper.term}; {silent}")
    click.echo(json.dumps({"role": paper.role, "term": paper.term, **(facts or {})}, indent=1))
    if not (facts and (facts.get("followed") or (facts.get("ready") and facts.get("fault") is None))):
        sys.exit(1)


def end(data: Path) -> None:
    """Ends that there are two."""
    paper = _read(data)
    if paper is None:
        fail("this venue has one box")
    if paper.role == "first":
        (data / FILE).unlink()
        click.echo("this box has no second one any more; what that one has is to be destroyed there")
        return
    fail(f"this box follows: stop it, and take {data} away; its records are those of the venue, as they were")


def _read(data: Path) -> Paper | None:
    try:
        return papers.read(data)
    except Damaged as damaged:
        fail(str(damaged))
