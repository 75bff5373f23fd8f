"""``moments join`` and ``moments leave``."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from pathlib import Path

import click
from pydantic import ValidationError

from gateway.commands.ending import fail, settings
from gateway.joined import boxes, signing
from gateway.joined.calling import Answered, Unreached, trust
from gateway.records.errors import Damaged
from gateway.records.master_key import MASTER_FILE
from gateway.records.sqlite_file import private_folder
from gateway.records.store import RECORDS_FILE
from gateway.settings.joining import Joined


def join(config: Path, data: Path, url: str, code: str) -> None:
    """Joins a hub by an invitation, and keeps this box's keys."""
    venue = settings(config)
    at = _address(url, venue.hub)
    try:
        before = boxes.read(data)
        if before is not None:
            fail(f"this box has joined {before.url} already, as {before.id}; moments leave ends that")
        context = trust(at, venue.hub.ca if venue.hub else None)
        keys = boxes.new_keys()
        names = venue.venue.name.by_language()
        name = names.get("en") or next(iter(names.values()))
        joined = asyncio.run(
            signing.join(at, code, venue.venue.id, name[:200], keys, context=context, now=time.time())
        )  # fmt: skip
        private_folder(data)
        boxes.keep(data, joined)
    except ValueError as unfit:
        fail(str(unfit), 2)
    except signing.AnotherHub as other:
        fail(f"{other}: nothing was kept; ask the hub for a new invitation, and compare its address")
    except Answered as refused:
        fail(str(refused))
    except (Unreached, Damaged, OSError) as error:
        fail(str(error))
    click.echo(f"{venue.venue.id} has joined {joined.hub} as {joined.id}")
    if venue.hub is None:
        click.echo(f'{config} has no [hub] yet: add url = "{at}" and brand = "…", and start the gateway anew', err=True)


def back_from(config: Path, data: Path, url: str, code: str) -> None:
    """Joins the hub as a box that was put back: what it lost comes back once the gateway runs."""
    if not (data / RECORDS_FILE).exists() and not (data / MASTER_FILE).exists():
        fail(
            f"{data} holds neither records nor a master key, without which nothing that the hub keeps can be opened:"
            " bring a copy back with it (moments restore COPY --from-hub …), or put the venue's master key into"
            f" {data / MASTER_FILE}"
        )
    with suppress(Damaged):
        before = boxes.read(data)
        if before is not None:
            click.echo(f"at the hub, end the box that this one was: moments hub revoke {before.id}", err=True)
    boxes.leave(data)
    join(config, data, url, code)
    click.echo(
        "once the gateway runs, what customers said, carried and were promised since comes back from the hub; visits,"
        " staff and settings come from a copy alone"
    )


def _address(url: str, known: Joined | None) -> str:
    if known is not None and known.url == url.rstrip("/"):
        return known.url
    try:
        return Joined(url=url, brand=known.brand if known else "any").url
    except ValidationError as bad:
        fail(f"{url}: {bad.errors()[0]['msg']}", 2)


def leave(data: Path) -> None:
    """Ends that this box is of a house: its keys are destroyed here."""
    try:
        known = boxes.read(data)
    except Damaged:
        known = None
    if not boxes.leave(data):
        fail(f"{data}: this box has joined no hub")
    click.echo("this box is of no house any more; whom others lent is forgotten within seconds, or at the next start")
    if known is not None:
        click.echo(f"at the hub, say so too: moments hub revoke {known.id}")
