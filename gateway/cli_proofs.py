"""The command line: receipts that customers bring back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click


@click.group()
def receipt() -> None:
    """Receipts that customers take away."""


def _day(_: click.Context, __: click.Parameter, value: str | None) -> date | None:
    try:
        return None if value is None else date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter("expected a day such as 2026-11-28") from None


@receipt.command("verify")
@click.argument("what", metavar="FILE | - | TEXT")
@click.option(
    "--trust",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="The operator's public keys, as moments keys export writes them.",
)
@click.option("--on", callback=_day, metavar="DATE", help="The day of which to say what was agreed; today without it.")
def receipt_verify(what: str, trust: Path | None, on: date | None) -> None:
    """Whether a receipt is whole and signed, without a network, a data folder or a house.

    WHAT is a receipt's file, - for standard input, or the text of the QR code on paper (MOM1:…). Exit 0: whole, and
    signed by a key of the operator that was valid that day. 2: the operator is unknown here. 1: something was changed.
    """
    from gateway.commands.receipt import verify

    verify(what, trust, on)
