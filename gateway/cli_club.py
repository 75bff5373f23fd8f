"""The command line: the club of several companies."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli_hub import CONFIG, DATA

_CONFIG = click.option(
    "--config", type=click.Path(path_type=Path, dir_okay=False), envvar="MOMENTS_HUB_CONFIG", default=CONFIG,
    show_default=True, help="The hub's settings, with club.toml beside them; or club.toml itself.",
)  # fmt: skip
_DATA = click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), envvar="MOMENTS_HUB_DATA", default=DATA,
    show_default=True, help="The hub's data folder.",
)  # fmt: skip


@click.group("club")
def club() -> None:
    """Many companies and one circle of key customers: the books of their common points."""


@club.command("check")
@_CONFIG
@_DATA
def check(config: Path, data: Path) -> None:
    """Checks club.toml against what was booked by it, and that the books are guarded; exit 0 only if all is well."""
    from gateway.commands.club import check as run

    run(config, data)


@club.command("verify")
@_CONFIG
@_DATA
def verify(config: Path, data: Path) -> None:
    """Makes chain, balances and statements once more; exit 1 names the first position that is wrong."""
    from gateway.commands.club import verify as run

    run(config, data)


@club.command("statement")
@click.argument("id_", metavar="ID")
@click.option("--through", type=click.IntRange(0), metavar="N", help="What it would say, cut at position N.")
@_CONFIG
@_DATA
def statement(id_: str, through: int | None, config: Path, data: Path) -> None:
    """Prints the statement ID as it was cut, the same bytes for ever."""
    from gateway.commands.club import statement as run

    run(config, data, id_, through)


@club.command("explain")
@click.argument("member")
@_CONFIG
@_DATA
def explain(member: str, config: Path, data: Path) -> None:
    """The arithmetic behind what MEMBER has: every lot and every transfer."""
    from gateway.commands.club import explain as run

    run(config, data, member)


@club.command("liability")
@_CONFIG
@_DATA
def liability(config: Path, data: Path) -> None:
    """What is still open of every partner's points, at its price."""
    from gateway.commands.club import liability as run

    run(config, data)


@club.command("replay")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@_CONFIG
def replay(file: Path, config: Path) -> None:
    """What would these rules have come to? Lines {"now", "method", "path", "body"} on an empty ledger."""
    from gateway.commands.club import replay as run

    run(config, file)
