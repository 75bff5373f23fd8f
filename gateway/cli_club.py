"""The command line: the club of several companies."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli_hub import of, places


@click.group("club")
@places
def club(config: Path | None, data: Path | None) -> None:
    """Many companies and one circle of key customers: the books of their common points.

    --config is the hub's settings with club.toml beside them, or club.toml itself; before the command or behind it.
    """


@club.command("check")
@places
@click.pass_context
def check(context: click.Context, config: Path | None, data: Path | None) -> None:
    """Checks club.toml against what was booked by it, and that the books are guarded; exit 0 only if all is well."""
    from gateway.commands.club import check as run

    run(*of(context, config, data))


@club.command("verify")
@places
@click.pass_context
def verify(context: click.Context, config: Path | None, data: Path | None) -> None:
    """Makes chain, balances and statements once more; exit 1 names the first position that is wrong."""
    from gateway.commands.club import verify as run

    run(*of(context, config, data))


@club.command("statement")
@click.argument("id_", metavar="ID")
@click.option("--through", type=click.IntRange(0), metavar="N", help="What it would say, cut at position N.")
@places
@click.pass_context
def statement(context: click.Context, id_: str, through: int | None, config: Path | None, data: Path | None) -> None:
    """Prints the statement ID as it was cut, the same bytes for ever."""
    from gateway.commands.club import statement as run

    run(*of(context, config, data), id_, through)


@club.command("explain")
@click.argument("member")
@places
@click.pass_context
def explain(context: click.Context, member: str, config: Path | None, data: Path | None) -> None:
    """The arithmetic behind what MEMBER has: every lot and every transfer."""
    from gateway.commands.club import explain as run

    run(*of(context, config, data), member)


@club.command("liability")
@places
@click.pass_context
def liability(context: click.Context, config: Path | None, data: Path | None) -> None:
    """What is still open of every partner's points, at its price."""
    from gateway.commands.club import liability as run

    run(*of(context, config, data))


@club.command("replay")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@places
@click.pass_context
def replay(context: click.Context, file: Path, config: Path | None, data: Path | None) -> None:
    """What would these rules have come to? Lines {"now", "method", "path", "body"} on an empty ledger."""
    from gateway.commands.club import replay as run

    run(of(context, config, data)[0], file)
