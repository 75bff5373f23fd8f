"""The command line: the record of what happened."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli_options import DATA

FILE = click.Path(path_type=Path, dir_okay=False)
FOUND = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.group()
def journal() -> None:
    """The record of what happened."""


@journal.command("verify")
@click.option(
    "--head",
    metavar="HEX | FILE",
    help="A head that was kept elsewhere, from the log or of journal head: is it still in the chain?",
)
@click.option("--chain", type=FOUND, help="A chain of journal export: no data folder is needed, nor any key.")
@click.option("--trust", type=FOUND, help="The operator's public keys (moments keys export), to know who signed HEAD.")
@DATA
def journal_verify(head: str | None, chain: Path | None, trust: Path | None, data: Path) -> None:
    """Walks the chain of hashes, beside a gateway that runs too; exit 0 only if nothing was changed or cut out."""
    from gateway.commands.journal import verify

    verify(data, head, chain, trust)


@journal.command("head")
@DATA
@click.option("--out", type=FILE, help="A file instead of standard output.")
def journal_head(data: Path, out: Path | None) -> None:
    """Where the journal stands, signed by the house: kept elsewhere it shows later what was changed or cut off."""
    from gateway.commands.journal import head

    head(data, out)


@journal.command("export")
@DATA
@click.option("--out", type=FILE, help="A file instead of standard output.")
def journal_export(data: Path, out: Path | None) -> None:
    """Writes the chain as numbers and digests, for somebody else to walk; nothing in it is about anybody."""
    from gateway.commands.journal import export

    export(data, out)


@journal.command("rebuild")
@click.option("--check", is_flag=True, help="Only compare, beside a gateway that runs too; exit 0 only if equal.")
@DATA
def journal_rebuild(check: bool, data: Path) -> None:
    """Makes the tables anew from the journal, and puts them in place of those there."""
    from gateway.commands.journal import rebuild

    rebuild(data, check=check)
