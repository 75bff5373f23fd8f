"""The command line: insight."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def insight() -> None:
    """What customers are worth, who may leave, what was spent, who knows whom."""


@insight.command()
@click.argument("world", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def fold(world: Path) -> None:
    """Folds a house in one JSON file by the plain rules and prints what is known of it; needs no data folder.

    WORLD holds as_of, settings, customers, visits, gatherings, introductions, families, entries, lost and what_if.
    Exit 2 names every mistake in it: where, what was given, what was expected.
    """
    from gateway.commands.insight_fold import run

    run(world)
