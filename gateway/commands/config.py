"""``moments config export``, ``diff`` and ``import``: the settings as a file that goes from hand to hand."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.commands import alone
from gateway.commands.ending import fail
from gateway.events.event import News
from gateway.events.times import new_id
from gateway.operations.control import GatewayRefused, NotRunning, ask
from gateway.operations.live_settings import is_ours, mark
from gateway.records.new import is_new
from gateway.settings import added, changes, toml_file
from gateway.settings.mistakes import BadConfig
from gateway.settings.venue import VenueConfig

ANEW = "taken up when the gateway is started anew: {}"
NOT_OURS = "{} was written by hand: it is changed with --yes alone. Comments that the new file has are kept"


def export(config: Path, file: Path | None) -> None:
    """Writes the settings as they are, with their comments, to a file or to the screen; ends with 2 for bad ones."""
    text, _ = _checked(config, config)
    if file is None:
        click.echo(text, nl=False)
        return
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(text)
    except OSError as error:
        fail(f"{file} cannot be written: {(error.strerror or str(error)).lower()}")


def diff(config: Path, file: Path) -> None:
    """Shows what would be another with this file, and what of that would wait; ends with 2 for a bad one."""
    (before, old), (after, new) = _checked(config, config), _checked(file, config)
    _show(before, after)
    if waits := changes.waits(old, new):
        click.echo(ANEW.format(", ".join(waits)), err=True)


def take_in(config: Path, data: Path, file: Path, *, yes: bool, dry_run: bool) -> None:
    """Puts this file in place of the settings: through the gateway where one runs, which takes it up at once."""
    text, new = _checked(file, config)
    before, old = _checked(config, config) if config.exists() else ("", new)
    _show(before, text)
    if dry_run or text == before:
        return
    body = {"text": text, "leave": yes}
    try:
        made = ask(data, "POST", "/api/settings/changes", body)
    except NotRunning:
        _write(config, data, before, text, changes.tables(old, new), yes=yes)
        click.echo("a gateway that is started now goes by it", err=True)
        return
    except GatewayRefused as refused:
        fail("\n".join([str(refused), *refused.problem.get("mistakes", [])]), 1)
    if waits := made["waits"]:
        click.echo(ANEW.format(", ".join(waits)), err=True)


def _checked(file: Path, place: Path) -> tuple[str, VenueConfig]:
    """The text of a file and its settings as they would be in ``place``."""
    try:
        text = toml_file.text_of(file)
        return text, changes.checked(text, place)
    except BadConfig as bad:
        fail("\n".join(f"{file}: {mistake}" for mistake in bad.mistakes), 2)


def _show(before: str, after: str) -> None:
    if shown := changes.difference(changes.hunks(before, after)):
        click.echo(shown)


def _write(config: Path, data: Path, before: str, text: str, tables: list[str], *, yes: bool) -> None:
    """Nobody runs: the file is written here, and what changed is recorded where there is a house."""
    if before and not yes and not is_ours(data, before):
        fail(NOT_OURS.format(config))
    lines = [{"at": h.at, "before": list(h.before), "after": list(h.after)} for h in changes.hunks(before, text)]
    facts = {
        "change": new_id(), "because": "command", "undoes": None, "tables": tables, "waits": [], "lines": lines,
    }  # fmt: skip
    try:
        if config.exists():
            added.write(config, text)
        else:
            added.beside(config, text, 0o644).replace(config)
        if is_new(data):
            return
        mark(data, text)
        with alone.opened(data) as records:
            records.record([News("settings.changed", changes.checked(text, config).venue.id, facts)])
    except OSError as error:
        fail(f"{config} cannot be written: {(error.strerror or str(error)).lower()}")
    except alone.REFUSED as refused:
        fail(f"it is written and not recorded: {refused}")
