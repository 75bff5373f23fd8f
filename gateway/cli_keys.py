"""The command line: the house's keys."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli_options import CONFIG, DATA

WHAT = ("master", "customer", "receipts", "operator", "chain", "pins", "broker", "ca")


@click.group()
def keys() -> None:
    """The house's keys: which there are, and making them anew."""


@keys.command("list")
@DATA
def keys_list(data: Path) -> None:
    """Every kind of key, when it was last made anew, and whether it is due; the keys that sign receipts."""
    from gateway.commands.keys import listed

    listed(data)


@keys.command("export")
@DATA
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="A file instead of standard output.")
def keys_export(data: Path, out: Path | None) -> None:
    """Writes the public keys by which receipts are checked; nothing in it is secret."""
    from gateway.commands.keys import export

    export(data, out)


@keys.command("rotate")
@click.argument("what", type=click.Choice(WHAT))
@click.argument("id_", metavar="[ID]", required=False)
@click.option("--stolen-at", metavar="TIME", help="Since when the old key is in other hands: receipts, operator.")
@CONFIG
@DATA
def keys_rotate(what: str, id_: str | None, stolen_at: str | None, config: Path, data: Path) -> None:
    """Makes keys anew without stopping the gateway or losing anything.

    \b
    master     the key that wraps all others; identifiers are hashed anew
    customer   another data key for the customer ID; an erasure destroys all of them
    receipts   the key that signs receipts; receipts of before stay good
    operator   the key on the door sign, certified by the old one
    chain      what proves the journal
    pins       the pepper of PINs: each is hashed anew when it is typed next
    broker     the password of each user of the embedded broker, printed once
    ca         the venue's own certificate authority, where there is one
    """
    from gateway.commands.keys import rotate

    rotate(data, config, what, id_, stolen_at)
