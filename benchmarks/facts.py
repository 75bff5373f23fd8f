"""What it costs to say which facts of a customer hold, beside one json.dumps of the same facts as they are sent."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

from benchmarks.report import Table, median, spread
from benchmarks.scale import Scale
from gateway.events.times import new_id
from gateway.records.facts import merge
from gateway.records.preferences import Preference
from gateway.records.values import starter

COUNTS = (21, 200, 800)
BEGAN = 1_700_000_000.0


def bench(scale: Scale, profile: Path | None = None) -> list[Table]:
    """A row for each number of facts of one customer."""
    table = Table(
        "Facts: which of a customer's hold, beside json.dumps of them", ("facts", "µs", "bare µs", "ratio", "µs a fact")
    )
    for count in COUNTS:
        facts, sent = _facts(count), [fact.data() for fact in _facts(count)]
        ours, bare = [], []
        for _ in range(scale.runs):
            ours.append(_each(lambda facts=facts: merge(facts, (), starter()), scale.decode_s))  # type: ignore[misc]
            bare.append(_each(lambda sent=sent: json.dumps(sent), scale.decode_s))  # type: ignore[misc]
        ratios = [one / other for one, other in zip(ours, bare, strict=True)]
        row = (str(count), f"{median(ours):.0f}", f"{median(bare):.0f}", spread(ratios), f"{median(ours) / count:.2f}")
        table.rows.append(row)
    table.notes += [
        "values drawn from the whole catalogue, a tenth of them in own words, each sixth names another",
        f"{scale.runs} pairs in turn, {scale.decode_s:g} s of processor time each; median (least-greatest) of ratios",
    ]
    return [table]


def _facts(count: int) -> list[Preference]:
    random, values = Random(count), list(starter().values.values())
    found: list[Preference] = []
    for number in range(count):
        value, own = random.choice(values), random.random() < 0.1
        fact = Preference(
            new_id(BEGAN + number), "c-1", value.category, f"own words {number}" if own else value.labels["en"],
            value.polarity, random.choice(["stated", "observed", "inferred"]), BEGAN + number * 3_600, by="lina",
            code=None if own else value.code, lang="en",
        )  # fmt: skip
        if found and number % 6 == 0:
            fact = replace(fact, replaces=(random.choice(found).id,), corrects=(random.choice(found).id,))
        found.append(fact)
    return found


def _each(work: Callable[[], object], seconds: float) -> float:
    """Microseconds for one, over so much processor time."""
    work()  # what is made once is made by now
    count, began = 0, time.process_time()
    while (took := time.process_time() - began) < seconds:
        work()
        count += 1
    return took / count * 1e6
