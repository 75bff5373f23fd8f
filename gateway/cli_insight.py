"""The command line: insight."""

from __future__ import annotations

import re
from pathlib import Path

import click

from gateway.cli_options import CONFIG, DATA


@click.group()
def insight() -> None:
    """What customers are worth, who may leave, what was spent, who knows whom."""


@insight.command()
@click.argument("world", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def fold(world: Path) -> None:
    """Folds a house in one JSON file by the plain rules and prints what is known of it; needs no data folder.

    WORLD holds as_of, settings, customers, visits, gatherings, introductions, families, entries, lost and what_if.
    Exit 2 names every mistake in it: where, what was given, what was expected.
    """
    from gateway.commands.insight_fold import run

    run(world)


@insight.command()
@click.argument("model", type=click.Choice(["mbg", "bg", "gg"]))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def fit(model: str, file: Path) -> None:
    """Fits a model of visits or amounts to a CSV file and prints its parameters; needs moments[insight].

    mbg and bg take columns x (repeats), tx (time of the last) and T (age); gg takes x and z (mean amount of a repeat).
    """
    from gateway.commands.insight_models import fit as run

    run(model, file)


@insight.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--id", "id_", required=True, metavar="COLUMN", help="Whose row it is; decides the fold.")
@click.option("--target", required=True, metavar="COLUMN=VALUE", help="What is to be foretold: Churn=Yes.")
@click.option(
    "--folds", type=click.IntRange(2, 100), default=10, show_default=True, help="Parts, each foretold by the others."
)
@click.option("--salt", default="1", show_default=True, help="Another salt gives other folds.")
def logistic(file: Path, id_: str, target: str, folds: int, salt: str) -> None:
    """How well a logistic foretells a column of a CSV file by its others, on folds it has not seen.

    Prints AUC with bounds, Brier score, accuracy, calibration error, lift of the top tenth; needs moments[insight].
    """
    from gateway.commands.insight_models import logistic as run

    run(file, id_, target, folds, salt)


@insight.command("import")
@click.argument("kind", type=click.Choice(["entries", "visits", "gatherings", "ties", "lost", "wallet", "survey"]))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--source", metavar="NAME", required=True, help="Which system it is from.")
@click.option(
    "--map",
    "columns",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="What its columns are.",
)
@click.option("--partial", is_flag=True, help="Take in the good rows, and name the others.")
@click.option("--dry-run", is_flag=True, help="Only say what would be taken in.")
@CONFIG
@DATA
def import_(
    kind: str, file: Path, source: str, columns: Path | None, partial: bool, dry_run: bool, config: Path, data: Path
) -> None:
    """Takes in a CSV file of value and cost, days, ties, causes or answers; one that comes again changes nothing."""
    from gateway.commands.insight_import import run

    if not re.fullmatch(r"\w[\w.-]{0,39}", source):
        raise click.BadParameter("expected letters, digits, '.', '-' and '_', at most 40", param_hint="--source")
    run(kind, file, source, data, config, columns=columns, partial=partial, dry_run=dry_run)


@insight.command("run")
@click.option("--on", metavar="DAY", help="As of this day; today where it is left out.")
@click.option("--from", "begins", metavar="DAY", help="The first day that is looked at; a year before.")
@click.option("--run", "run_id", hidden=True)
@click.option("--beside", is_flag=True, hidden=True)
@CONFIG
@DATA
def run_(on: str | None, begins: str | None, run_id: str | None, beside: bool, config: Path, data: Path) -> None:
    """Works out worth, risk, stages, relations and spend, beside a gateway that may be running; it only reads."""
    from gateway.commands.insight_run import run

    run(data, config, on, begins, run_id, beside=beside)


@insight.command()
@click.argument("report", type=click.Choice(["worth", "risk", "stages", "network", "spend"]))
@click.option("--format", "form", type=click.Choice(["csv", "xlsx", "json"]), default="csv", show_default=True)
@CONFIG
@DATA
def export(report: str, form: str, config: Path, data: Path) -> None:
    """Prints the rows of a report of the last run, of those who agree now."""
    from gateway.commands.insight_export import export as run

    run(report, form, data, config)


@insight.command()
@click.argument("customer")
@CONFIG
@DATA
def explain(customer: str, config: Path, data: Path) -> None:
    """Says in words what the last run found of one person, and on what ground."""
    from gateway.commands.insight_export import explain as run

    run(customer, data, config)


@insight.command()
@CONFIG
@DATA
def check(config: Path, data: Path) -> None:
    """Whether what the last run kept adds up to the entries, and is what the records give again.

    Ends with 1 where it does not, and names each place. What was recorded of those days since a run differs too: run,
    and check again.
    """
    from gateway.commands.insight_check import check as run

    run(data, config)


@insight.command("backtest")
@click.option("--on", metavar="DAY", help="As of this day; today where it is left out.")
@CONFIG
@DATA
def backtest(on: str | None, config: Path, data: Path) -> None:
    """How well plain rules and models would have told this house's own past; needs moments[insight]."""
    from gateway.commands.insight_run import backtest as run

    run(data, config, on)
