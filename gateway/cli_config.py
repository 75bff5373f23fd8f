"""The command line: the settings as a file."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli_options import CONFIG, DATA

FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.group()
def config() -> None:
    """The venue's settings, as a file that goes from hand to hand."""


@config.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@CONFIG
@DATA
def export(file: Path | None, config: Path, data: Path) -> None:
    """Writes the settings with their comments into a new FILE, or to the screen."""
    from gateway.commands.config import export as run

    run(config, file)


@config.command("diff")
@click.argument("file", type=FILE)
@CONFIG
@DATA
def diff(file: Path, config: Path, data: Path) -> None:
    """What would be another with FILE, checked as a gateway checks it; nothing is changed."""
    from gateway.commands.config import diff as run

    run(config, file)


@config.command("import")
@click.argument("file", type=FILE)
@click.option("--yes", is_flag=True, help="Also over settings that somebody wrote by hand.")
@click.option("--dry-run", is_flag=True, help="Only show what would be another.")
@CONFIG
@DATA
def take_in(file: Path, yes: bool, dry_run: bool, config: Path, data: Path) -> None:
    """Puts FILE in place of the settings; a gateway that runs takes it up at once, and its screen takes it back."""
    from gateway.commands.config import take_in as run

    run(config, data, file, yes=yes, dry_run=dry_run)
