"""``moments catalogue check``: whether a file of values may be part of the catalogue."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gateway.commands.ending import fail
from gateway.records.venue_values import problems


def check(file: Path) -> None:
    """Says what is wrong with a file of values, a line each, and ends with 1 then."""
    try:
        document = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as wrong:
        fail(f"{file}: {wrong}")
    rows = document.get("values") if isinstance(document, dict) else document
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        fail(f"{file}: expected a list of values, or an object whose values is one")
    found = list(problems(rows))
    for each in found:
        click.echo(f"{file}: {each}", err=True)
    if found:
        fail(f"{len(found)} things are wrong in {len(rows)} values")
    click.echo(f"{len(rows)} values are fit for the catalogue")
