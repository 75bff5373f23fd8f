"""The command line: what customers said to what they were asked, and the texts that they read."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli_options import DATA


@click.group()
def consent() -> None:
    """What a customer agreed to, refused and took back; through the gateway that runs."""


@consent.command("list")
@click.argument("customer")
@click.option("--all", "every", is_flag=True, help="Every act of the ledger, not only what is alive.")
@DATA
def consent_list(customer: str, every: bool, data: Path) -> None:
    """What a customer agrees to, until when; a line for each act."""
    from gateway.commands.consents import listed

    listed(customer, data, every=every)


@consent.command("give")
@click.argument("customer")
@click.argument("purpose")
@click.option("--document", help="The number or file of the signed paper.")
@click.option("--until", help="The last day, like 2027-11-28; the longest there may be where left out.")
@click.option("--notice", help="The text that was read, ID/VERSION/LANGUAGE, like keep_preferences/2/zh-CN.")
@click.option("--shown", help="When it was shown, like 2026-11-28T11:01:40.")
@click.option("--witness", help="The id of the member of staff before whom it was signed.")
@click.option("--partner", help="The id of the partner, where it is about one.")
@click.option("--brand", help="The id of the brand, where the house has several.")
@click.option("--lifts", multiple=True, metavar="STOP", help="The id of a stop that whoever signed knew of.")
@DATA
def consent_give(
    customer: str, purpose: str, document: str | None, until: str | None, notice: str | None, shown: str | None,
    witness: str | None, partner: str | None, brand: str | None, lifts: tuple[str, ...], data: Path,
) -> None:  # fmt: skip
    """Records a consent that was signed on paper."""
    from gateway.commands.consents import give

    about = {"partner": partner, "brand": brand, "document": document, "expires": until, "witness": witness}
    give(customer, purpose, data, about, notice=notice, shown=shown, lifts=lifts)


@consent.command("stop")
@click.argument("customer")
@click.argument("purpose")
@click.option("--partner", help="One partner alone; all of them where it is left out.")
@click.option("--brand", help="One brand alone; all of them where it is left out.")
@DATA
def consent_stop(customer: str, purpose: str, partner: str | None, brand: str | None, data: Path) -> None:
    """The customer no longer agrees: it ends at once, everywhere."""
    from gateway.commands.consents import stop

    stop(customer, purpose, data, {"partner": partner, "brand": brand})


@consent.command("print")
@click.argument("customer")
@click.option("--language", type=click.Choice(["zh-CN", "en"]), default="en", show_default=True)
@click.option("--paper", type=click.Choice(["a4", "80mm"]), default="a4", show_default=True)
@DATA
def consent_print(customer: str, language: str, paper: str, data: Path) -> None:
    """Writes the newest receipt of a customer to stdout, as HTML to be printed."""
    from gateway.commands.consents import printed

    printed(customer, data, language, paper)


@click.group()
def notice() -> None:
    """The texts that people read before they are asked."""


@notice.command("list")
@click.option("--all", "every", is_flag=True, help="Every version, not only the newest.")
@DATA
def notice_list(every: bool, data: Path) -> None:
    """The notices: id, version, purposes, languages with the hash of each text."""
    from gateway.commands.consents import notices

    notices(data, every=every)


@notice.command("add")
@click.argument("id_", metavar="ID")
@click.option(
    "--text", "texts", multiple=True, required=True, metavar="LANGUAGE=FILE", help="A text, like zh-CN=notice.txt."
)
@click.option("--purpose", "purposes", multiple=True, help="What it is about; as the version before where left out.")
@click.option("--version", type=click.IntRange(1), help="Adds languages to a version that is there.")
@click.option("--material", is_flag=True, help="It changes what is agreed to: who agreed before is asked again.")
@DATA
def notice_add(
    id_: str, texts: tuple[str, ...], purposes: tuple[str, ...], version: int | None, material: bool, data: Path
) -> None:
    """Publishes a new version of a notice; no text that is there is ever another one."""
    from gateway.commands.consents import publish

    publish(id_, texts, purposes, version, data, material=material)
