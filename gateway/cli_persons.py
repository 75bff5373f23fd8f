"""The command line: everything about one person, out of a house and into another."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli_options import CONFIG, DATA

REASON = click.option("--reason", required=True, help="Why; whoever it is about sees it on their own page.")


@click.command("export-person")
@click.argument("customer")
@CONFIG
@DATA
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="The file; else person-CUSTOMER.zip here.")
@REASON
def export_person(customer: str, config: Path, data: Path, out: Path | None, reason: str) -> None:
    """Writes everything about CUSTOMER, in a file that another house of the brand takes in."""
    from gateway.commands.persons import export_person

    export_person(customer, data, config, out, reason)


@click.command("import-person")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@CONFIG
@DATA
@click.option("--check", is_flag=True, help="Only say what it would bring.")
@click.option(
    "--trust",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Public keys by which receipts of the other house verify, from moments keys export.",
)
@REASON
def import_person(file: Path, config: Path, data: Path, check: bool, trust: Path | None, reason: str) -> None:
    """Takes in everything about one person; consents count where their receipts verify for this brand."""
    from gateway.commands.persons import import_person

    import_person(file, data, config, reason, check=check, trust=trust)


@click.command("foreign-ids")
@DATA
def foreign_ids(data: Path) -> None:
    """Lists the ids of customers that are not ours: of before, or from an older house; they stay in the journal."""
    from gateway.commands.customers import foreign_ids

    foreign_ids(data)


def of_one(customers: click.Group) -> None:
    """Adds the commands about one person to those about customers."""
    customers.add_command(export_person)
    customers.add_command(import_person)
    customers.add_command(foreign_ids)
