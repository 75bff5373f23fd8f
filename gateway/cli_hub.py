"""The command line: the hub of many venues."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

_CONFIG = click.Path(path_type=Path, dir_okay=False)
_DATA = click.Path(path_type=Path, file_okay=False)
CONFIG, DATA = Path("/etc/moments/hub.toml"), Path("/var/lib/moments-hub")


def places(command: F) -> F:
    """``--config`` and ``--data``, before the command's name or behind it."""
    config = click.option("--config", type=_CONFIG, envvar="MOMENTS_HUB_CONFIG", help=f"Default: {CONFIG}")
    data = click.option("--data", type=_DATA, envvar="MOMENTS_HUB_DATA", help=f"Default: {DATA}")
    return config(data(command))


def of(context: click.Context, config: Path | None, data: Path | None) -> tuple[Path, Path]:
    """The two, by what stands behind the command's name, before it, or nowhere."""
    above = context.parent.params if context.parent is not None else {}
    return config or above.get("config") or CONFIG, data or above.get("data") or DATA


@click.group(invoke_without_command=True)
@places
@click.option("--listen", metavar="ADDRESS:PORT", help="Instead of [hub] listen: another process over one PostgreSQL.")
@click.pass_context
def hub(context: click.Context, config: Path | None, data: Path | None, listen: str | None) -> None:
    """Many venues as one house; without a command it serves."""
    if context.invoked_subcommand is None:
        from gateway.commands.hub import run

        run(config or CONFIG, data or DATA, listen)


@hub.command("check")
@places
@click.pass_context
def check(context: click.Context, config: Path | None, data: Path | None) -> None:
    """Checks the settings and opens the store; exit 0 only if the hub could serve."""
    from gateway.commands.hub import check as run

    run(*of(context, config, data))


@hub.command("invite")
@click.argument("venue")
@click.option("--role", type=click.Choice(["venue"]), default="venue", show_default=True, help="What the box will be.")
@click.option("--brand", help="The venue's brand; asked for where the house has several.")
@places
@click.pass_context
def invite(
    context: click.Context, venue: str, role: str, brand: str | None, config: Path | None, data: Path | None
) -> None:
    """Prints six groups of four that let one box of VENUE join, once, within fifteen minutes."""
    from gateway.commands.hub import invite as run

    run(*of(context, config, data), venue, role, brand)


@hub.command("boxes")
@places
@click.pass_context
def boxes(context: click.Context, config: Path | None, data: Path | None) -> None:
    """Every box: its venue, when it was heard, and what IT is told of it."""
    from gateway.commands.hub import boxes as run

    run(*of(context, config, data))


@hub.command("revoke")
@click.argument("box")
@places
@click.pass_context
def revoke(context: click.Context, box: str, config: Path | None, data: Path | None) -> None:
    """Ends BOX: it is cut off within two seconds, and its rows stay."""
    from gateway.commands.hub import revoke as run

    run(*of(context, config, data), box)


@hub.command("rewrap")
@places
@click.pass_context
def rewrap(context: click.Context, config: Path | None, data: Path | None) -> None:
    """Seals every key anew and destroys the old seal: what was erased is dark in the server's copies too."""
    from gateway.commands.hub import rewrap as run

    run(*of(context, config, data))


@hub.group("office")
def office() -> None:
    """Who of head office may sign in at the hub: add NAME, list, remove NAME."""


@office.command("add")
@click.argument("who", metavar="NAME")
@click.option(
    "--role", "roles", type=click.Choice(["office", "it", "club", "partner"]), multiple=True,
    help="Default: office and it; club keeps the books of a club, partner sees those of its own.",
)  # fmt: skip
@click.option("--partner", metavar="ID", help="Of the role partner: which.")
@places
def office_add(who: str, roles: tuple[str, ...], partner: str | None, config: Path | None, data: Path | None) -> None:
    """Makes an account, or a new PIN for one, and prints the PIN once."""
    from gateway.commands.hub import office_add as run

    run(config or CONFIG, data or DATA, who, roles, partner)


@office.command("list")
@places
def office_list(config: Path | None, data: Path | None) -> None:
    """Every account and what it may do."""
    from gateway.commands.hub import office_list as run

    run(config or CONFIG, data or DATA)


@office.command("remove")
@click.argument("who", metavar="NAME")
@places
def office_remove(who: str, config: Path | None, data: Path | None) -> None:
    """Ends an account: it is signed out at once."""
    from gateway.commands.hub import office_remove as run

    run(config or CONFIG, data or DATA, who)


@hub.command("backup")
@click.argument("into", type=_DATA, metavar="DIR")
@click.option("--keys-only", is_flag=True, help="The hub's own keys alone: what goes with PostgreSQL's own copies.")
@places
@click.pass_context
def backup(context: click.Context, into: Path, keys_only: bool, config: Path | None, data: Path | None) -> None:
    """A consistent copy in a new folder of DIR, beside a hub that serves. It holds keys: lock it away."""
    from gateway.commands.hub_copies import back_up

    back_up(*of(context, config, data), into, keys_only=keys_only)


@hub.command("restore")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True), metavar="DIR")
@places
@click.pass_context
def restore(context: click.Context, folder: Path, config: Path | None, data: Path | None) -> None:
    """Brings back the newest copy in DIR as a new life: the venues send again what was written since."""
    from gateway.commands.hub_copies import restore as run

    run(*of(context, config, data), folder)


@hub.command("move")
@click.option("--to", "url", required=True, metavar="URL", help="postgresql://user@host/database, empty")
@places
@click.pass_context
def move(context: click.Context, url: str, config: Path | None, data: Path | None) -> None:
    """Moves a hub that does not serve from SQLite to PostgreSQL: the same numbers, hashes and life."""
    from gateway.commands.hub_copies import move as run

    run(*of(context, config, data), url)


@hub.command("receipt")
@click.argument("id_", metavar="ID")
@places
@click.pass_context
def receipt(context: click.Context, id_: str, config: Path | None, data: Path | None) -> None:
    """What was erased where, signed, as JSON; ID is that of the erasure, or the customer's."""
    from gateway.commands.hub import receipt as run

    run(*of(context, config, data), id_)
