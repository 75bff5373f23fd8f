"""The command line: who is let in beside people, and what two people opened."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli_options import DATA


@click.group(invoke_without_command=True)
@click.option("--role", type=click.Choice(["floor", "crew", "manager", "it", "integration"]))
@click.option("--staff", help="The token is this person's: a program that holds it counts as their live tablet.")
@click.option("--scope", "scopes", multiple=True, help="What the program may do, like read:presence; several times.")
@click.option("--name", help="What the program is called, for whoever looks through the list.")
@click.option("--days", type=click.IntRange(1, 3650), help="How long it lasts; the settings say where you do not.")
@DATA
@click.pass_context
def token(
    context: click.Context, role: str | None, staff: str | None, scopes: tuple[str, ...], name: str | None,
    days: int | None, data: Path,
) -> None:  # fmt: skip
    """Prints a bearer token for the API; only its hash is kept."""
    from gateway.commands.token import run

    if context.invoked_subcommand is not None:
        return
    if role is None and not scopes:
        raise click.UsageError("Missing option '--role' or '--scope'.")
    run(
        {"role": role, "staff": staff, "scopes": list(scopes) or None, "name": name, "days": days},
        data,
    )


@token.command("list")
@DATA
def token_list(data: Path) -> None:
    """The tokens that are good: id, role, whose, since when, until when, last used, what they may, name."""
    from gateway.commands.token import listed

    listed(data)


@token.command("revoke")
@click.argument("id_", metavar="ID")
@DATA
def token_revoke(id_: str, data: Path) -> None:
    """Ends a token at once, and the sockets that it opened."""
    from gateway.commands.token import revoke

    revoke(id_, data)


@click.command("break-glass")
@DATA
def break_glass(data: Path) -> None:
    """What was asked for that nobody may open alone: when, who asked, who confirmed, how it ended, and why."""
    from gateway.commands.break_glass import run

    run(data)
