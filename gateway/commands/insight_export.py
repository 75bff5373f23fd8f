"""``moments insight export`` and ``explain``: what the last run found, as a file or in words, also beside a gateway."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import click

from gateway.commands.alone import REFUSED, known
from gateway.commands.ending import fail, settings
from gateway.console import table_files
from gateway.core.consenting import Consenting
from gateway.core.insight_book import Book
from gateway.core.insight_world import rules_of
from gateway.events import venue_time
from gateway.events.times import now
from gateway.insight.facts import INSIGHT, INTRODUCTIONS
from gateway.records import agreeing, aliases, insight_file
from gateway.records.store import reading

REPORTS = ("worth", "risk", "stages", "network", "spend")
NONE = "nothing was worked out yet: moments insight run"
UNKNOWN = "there is no such customer"


def export(report: str, form: str, data: Path, config: Path) -> None:
    """Prints the rows of a report, of those who agree now; ends with 1 where there was no run."""
    with _book(data, config) as (book, outside, _):
        rows = [{name: outside(value) for name, value in row.items()} for row in _rows(book, report)]
    if form == "json":
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        sys.stdout.buffer.write(table_files.as_file(rows, "xlsx" if form == "xlsx" else "csv"))


def explain(customer: str, data: Path, config: Path) -> None:
    """Prints in words what the last run found of one person and on what ground; of who has not agreed as of nobody."""
    with _book(data, config) as (book, outside, ours):
        found = book.person(ours(customer))
        if found is None:
            fail(UNKNOWN)
        person, head = outside(found), book.head("")
    worth, currency = person["worth"], head["currency"]
    click.echo(f"{customer}, as of {head['on']} ({head['from']} to {head['until']}), journal up to {head['position']}")
    net, value = worth["net"], worth["value"]
    assumed = (
        f", margin assumed in {len(value['assumed'])} of {len(person['entries'])} entries" if value["assumed"] else ""
    )
    click.echo(
        f"  net {net['amount']:g} {currency} ({net['low']:g} to {net['high']:g}): value {value['amount']:g}{assumed}"
    )
    click.echo(f"  cost {worth['cost']:g} {currency} in {len(person['costs'])} entries")
    for cost in person["costs"]:
        click.echo(f"    {cost['on']} {cost['way']} {cost['parts'][customer]:g}: {cost['reason'] or 'no reason'}")
    if person["risk"] is not None:
        click.echo(
            f"  {person['risk']['band']}: {'; '.join(each['words']['en'] for each in person['risk']['reasons'])}"
        )
    for change in person["stage"]["transitions"] if person["stage"] else ():
        click.echo(f"  {change['stage']} since {change['at'] or 'the beginning'}, by {change['because']}")
    for tie in person["ties"]:
        click.echo(f"  tie {tie['theta']:g}: {'; '.join(each['words']['en'] for each in tie['because'])}")
    click.echo(f"  days of contact: {', '.join(person['contact_days']) or 'none'}")


def _rows(book: Book, report: str) -> list[dict[str, Any]]:
    found: dict[str, Any] = {
        "worth": lambda: book.worth, "risk": lambda: book.risk, "stages": lambda: book.stages,
        "network": lambda: book.network, "spend": book.spend,
    }  # fmt: skip
    rows: list[dict[str, Any]] = found[report]()["rows"]
    return rows


@contextmanager
def _book(data: Path, config: Path) -> Iterator[tuple[Book, Callable[[Any], Any], Callable[[str], str]]]:
    """The last run of those who agree now; how customers are called outside, and whom such a name means."""
    known(data)
    ours = settings(config)
    venue_time.use_that_of(data, config)
    try:
        with closing(reading(data)) as reader, closing(reader.keyring):
            consenting, at = Consenting(ours), now()
            consenting.read(reader)
            runs = insight_file.runs(data)
            found = insight_file.read(data, reader.keyring, runs[-1][0]) if runs else None
            if found is None:
                fail(NONE)
            who = [agreeing.agreeing(reader, purpose, at, consenting.cut) for purpose in (INSIGHT, INTRODUCTIONS)]
            names = {each: aliases.of(reader, each) or each for each in found.customers}
            yield (
                Book(found, who[0], who[1], rules_of(ours.insight)),
                lambda value: _outside(value, names),
                lambda named: aliases.ours(reader, named),
            )
    except (FileNotFoundError, *REFUSED) as error:
        fail(str(error))


def _outside(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, dict):
        return {names.get(name, name): _outside(each, names) for name, each in value.items()}
    return [_outside(each, names) for each in value] if isinstance(value, list | tuple) else value
