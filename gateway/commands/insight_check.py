"""``moments insight check``: the last run against the entries it is made of, and against the records of now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import click

from gateway.commands.alone import REFUSED, known
from gateway.commands.ending import fail, settings
from gateway.commands.insight_export import NONE
from gateway.commands.insight_run import facts_before, found_of
from gateway.core import insight_ids
from gateway.core.consenting import Consenting
from gateway.events import venue_time
from gateway.events.times import now
from gateway.insight.facts import World
from gateway.insight.ledger import cost_of, in_force, value_of
from gateway.records import insight_file
from gateway.records.insight_file import Run
from gateway.records.store import reading

SHOWN = 20  # places that are named


def check(data: Path, config: Path) -> None:
    """Says whether the last run adds up and comes out the same again; ends with 1 where it does not."""
    known(data)
    ours = settings(config)
    venue_time.use_that_of(data, config)
    try:
        with closing(reading(data)) as reader, closing(reader.keyring):
            every = insight_file.runs(data)
            kept = insight_file.read(data, reader.keyring, every[-1][0]) if every else None
            if kept is None:
                fail(NONE)
            on, begins = date.fromisoformat(kept.on), date.fromisoformat(kept.begins)
            facts = facts_before(reader, ours, Consenting(ours), on, now(), begins)
            again = found_of(facts, begins, kept.run, kept.at)
    except (FileNotFoundError, *insight_file.FAULTS, *REFUSED) as error:
        fail(str(error))
    click.echo(f"run {kept.run}: {len(kept.customers)} customers, {kept.begins} to {kept.on}, journal {kept.position}")
    wrong = [*unbalanced(facts[0], kept), *changed(kept, again)]
    if not wrong:
        click.echo("every part adds up to its entries, and the records give the same again")
        return
    for each in wrong[:SHOWN]:
        click.echo(each, err=True)
    if len(wrong) > SHOWN:
        click.echo(f"and {len(wrong) - SHOWN} more", err=True)
    gone_on = f"; the journal has gone on to {again.position} since: run, and check again"
    fail(f"{len(wrong)} places differ{gone_on if again.position > kept.position + 1 else ''}")  # one event is the run's


def unbalanced(world: World, kept: Run) -> Iterator[str]:
    """Where a sum is not that of its entries, which are added up here one by one."""
    revenue: Counter[str] = Counter()
    value: Counter[str] = Counter()
    costs: dict[str, int] = {}
    for entry in in_force(world.entries):
        if not kept.begins <= entry.on.isoformat() < kept.ends:
            continue
        if entry.side == "cost":
            costs[entry.id] = cost_of(entry, world.rules)
        elif entry.customer is not None:
            customer = insight_ids.ours(entry.customer)
            revenue[customer] += entry.amount or 0
            value[customer] += value_of(entry, world.rules.margin).amount
    for customer, row in kept.customers.items():
        for what, said, right in (
            ("revenue", row["revenue"], revenue[customer]),
            ("net", row["net"], value[customer] - sum(row["costs"].values())),
        ):
            if said != right:
                yield f"{customer}: {what} is {said}, and its entries make {right}"
    parts = Counter[str]()
    for row in kept.customers.values():
        parts.update(row["costs"])
    told = {entry: row["minor"] for entry, _, row in kept.costs}
    for cost in sorted(costs.keys() | told.keys()):
        if told.get(cost) != costs.get(cost):
            yield f"cost {cost}: {told.get(cost)} was kept, and the entry says {costs.get(cost)}"
        elif parts[cost] > costs[cost]:
            yield f"cost {cost}: its parts make {parts[cost]} of {costs[cost]}"


def changed(kept: Run, again: Run) -> Iterator[str]:
    """Of whom the records give something else than was kept, and what; who is in one of the two alone is left out."""
    both = kept.customers.keys() & again.customers.keys()
    for customer in sorted(both):
        before, after = ({**each.customers[customer]} for each in (kept, again))
        for row in (before, after):  # a pair is shown while both are
            row["bonds"] = [bond for bond in row["bonds"] if bond[0] in both]
        names = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
        if names:
            yield f"{customer}: {', '.join(names)}"
