"""``moments learnt``: what the venue has learnt of its rooms, shown, taken along and brought in."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from gateway.commands.alone import REFUSED, opened
from gateway.commands.ending import fail, settings
from gateway.operations.control import GatewayRefused, NotRunning, ask

LEARNT = "/api/learnt"
DOCUMENT = "/api/learnt/document"
UNFIT = 422


def show(data: Path) -> None:
    """What it is worth, by the venue's own days; asks the gateway that runs."""
    try:
        worth = ask(data, "GET", LEARNT)
    except (NotRunning, GatewayRefused) as error:
        fail(str(error))
    for line in lines(worth):
        click.echo(line)


def lines(worth: dict[str, Any]) -> list[str]:
    """A line for each zone, for each pair of zones that are taken for each other, and for each changed reader."""
    said = [f"{z['zone']}: {_zone(z)}" for z in worth["zones"]]
    for pair in worth["pairs"]:
        one, other = pair["zones"]
        move = ": move the reader" if pair["move"] else ""
        said.append(f"{one} and {other} are told apart {pair['apart']:.0f} % of {pair['labels']} times{move}")
    for reader in worth["readers"]:
        how = "learnt anew" if reader["anew"] else "look at its antenna"
        said.append(f"{reader['reader']}: hears {reader['db']:+.0f} dB against what it did: {how}")
    return said


def _zone(zone: dict[str, Any]) -> str:
    if zone["right"] is not None:
        return f"{zone['right']:.0f} % right in {zone['labels']} greetings"
    if zone["labels"]:
        return f"{zone['labels']} greeting{'' if zone['labels'] == 1 else 's'} so far: too few to tell"
    return "taught, and nobody greeted there yet" if zone["spots"] else "nothing learnt yet"


def export_file(data: Path, out: Path | None) -> None:
    """Writes all of it as JSON, from the gateway that runs or from the records; nothing in it is about a person."""
    try:
        document = _document(data)
    except REFUSED as error:
        fail(str(error))
    written = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    if out is None:
        click.echo(written, nl=False)
        return
    try:
        out.write_text(written, "utf-8")
    except OSError as error:
        fail(f"{out}: {error.strerror or error}")
    click.echo(f"{out}: {_size(document)}", err=True)


def _document(data: Path) -> dict[str, Any]:
    try:
        return dict(ask(data, "GET", DOCUMENT))
    except NotRunning:
        pass
    from gateway.records import house_documents
    from gateway.records.store import reading

    with closing(reading(data)) as reader, closing(reader.keyring):
        kept = house_documents.get(reader, house_documents.ROOMS)
    if kept is None:
        fail("nothing was learnt yet")
    return dict(kept)


def import_file(config: Path, data: Path, file: Path) -> None:
    """Brings a document in, in place of what was learnt; ends with 2 and why where it is none of this venue's."""
    try:
        document = json.loads(file.read_text("utf-8"))
    except OSError as error:
        fail(f"{file}: {error.strerror or error}", 2)
    except (ValueError, RecursionError) as bad:
        fail(f"{file}: not JSON: {bad}", 2)
    if not isinstance(document, dict):
        fail(f"{file}: not a document of what a venue has learnt: expected an object", 2)
    try:
        taken = _bring_in(config, data, document)
    except GatewayRefused as refused:
        fail(f"{file}: {refused}", 2 if refused.status == UNFIT else 1)
    except REFUSED as error:
        fail(str(error))
    click.echo(_size(taken))


def _bring_in(config: Path, data: Path, document: dict[str, Any]) -> dict[str, Any]:
    try:
        return dict(ask(data, "PUT", DOCUMENT, document))
    except NotRunning:
        pass
    from gateway.core.actions.learnt import imported, of_this_venue
    from gateway.core.state import plan_of
    from gateway.events.event import News
    from gateway.recognition.learnt import BadLearnt

    venue = settings(config)
    try:
        taken = of_this_venue(plan_of(venue), document)
    except BadLearnt as bad:
        raise GatewayRefused(str(bad), UNFIT) from None
    with opened(data, venue.venue.id) as alone:
        alone.record([News("rooms.learnt", venue.venue.id, imported(taken))])
    return taken


def _size(document: dict[str, Any]) -> str:
    zones = {zone for rooms in document["rooms"].values() for zone in rooms}
    said = round(sum(n for _, _, n in document["said"]))
    many = "" if len(zones) == 1 else "s"
    return f"{len(zones)} zone{many}, known by {said} words of staff" if zones else "nothing learnt yet"
