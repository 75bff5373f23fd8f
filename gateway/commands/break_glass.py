"""``moments break-glass``: what two people opened, who, why, and when it was over."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from gateway.commands.alone import REFUSED
from gateway.commands.ending import fail
from gateway.events.event import Event
from gateway.events.times import iso
from gateway.records import journal_search
from gateway.records.store import reading

MOST = 10_000


def run(data: Path) -> None:
    """Prints each request, the newest first: when, for what, who asked and confirmed, how it ended, and why."""
    try:
        with closing(reading(data)) as reader, closing(reader.keyring):
            events = journal_search.newest(reader, ("glass.asked", "glass.opened", "glass.ended"), MOST)
    except REFUSED as error:
        fail(str(error))
    opened = {e.subject: e for e in events if e.type == "glass.opened"}
    ended = {e.subject: e for e in events if e.type == "glass.ended"}
    asked = [e for e in events if e.type == "glass.asked"]
    for event in asked:
        click.echo("  ".join(_words(event, opened.get(event.subject), ended.get(event.subject))))
    if not asked:
        click.echo("nothing was asked for", err=True)


def _words(asked: Event, opened: Event | None, ended: Event | None) -> list[str]:
    data = asked.data
    if not data:
        return [iso(asked.time), "it can no longer be read"]
    by = f"confirmed by {opened.data['b']} {iso(opened.time)}" if opened is not None else "not confirmed"
    end = f"{ended.data['because']} {iso(ended.time)}" if ended is not None else "no end is written down"
    return [iso(asked.time), f"{data['kind']} {data['about']}", f"asked by {data['a']}", by, end, data["reason"]]
