"""The command line: how tablets trust the house, and how readers sign in."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli_options import CONFIG, DATA


@click.group()
def tls() -> None:
    """The certificate that tablets meet."""


@tls.command("show")
@CONFIG
@DATA
def tls_show(config: Path, data: Path) -> None:
    """The fingerprint to compare, until when it is good, and the page by which a new tablet comes to trust it."""
    from gateway.commands.doors import show

    show(config, data)


@click.group()
def reader() -> None:
    """How readers sign in at the embedded broker."""


@reader.command("password")
@click.argument("name", metavar="ID")
@CONFIG
@DATA
def reader_password(name: str, config: Path, data: Path) -> None:
    """Makes a new password for a reader, one for each of its devices in rooms, and prints it this once.

    ID is a reader of venue.toml, one of its users (room@reader), or home-assistant. The old password ends at once.
    """
    from gateway.commands.doors import password

    password(name, config, data)
