"""What insight costs by the size of a house: the plain rules one by one, the same on arrays, each model, and memory."""

from __future__ import annotations

import resource
import time
from array import array
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.report import Table
from benchmarks.scale import Scale
from benchmarks.served import folder, spawned
from gateway.insight.facts import INSIGHT, INTRODUCTIONS, Bond, Entry, World
from gateway.insight.folding import fold
from gateway.insight.models import buying, paying, plain, returning
from gateway.insight.models.arrays import floats
from gateway.insight.models.future import behind, future
from gateway.insight.models.history import Days, History, Ints
from gateway.insight.together import together
from tests.insight.worlds import planted

ON = date(2026, 12, 1)
CONTACTS = 10
"""Contact days of a customer, on average."""
TIES = 3
"""Ties for each customer."""
YEARS = 2


def bench(scale: Scale, _: Path | None = None) -> list[Table]:
    """Each size in processes of their own, so that memory is that of this size alone."""
    models = Table(
        "Insight: models and rules on arrays, processor seconds",
        (
            "customers",
            "contact days",
            "rules",
            "ties",
            "returning",
            "future",
            "all",
            "MBG whole",
            "GG whole",
            "peak MiB",
        ),
    )
    folds = Table(
        "Insight: all plain rules in plain Python, entry by entry",
        ("customers", "contact days", "entries", "fold s", "µs each", "peak MiB"),
    )
    for customers in scale.customers:
        with folder() as place:
            _alone(_made, place, customers)
            models.rows.append(_alone(_models, place, customers))
            folds.rows.append(_alone(_folded, place, customers))
    models.notes += [
        f"a made house of {YEARS} years, {CONTACTS} contact days a customer on average, {TIES} ties each; one run",
        "rules: silent, usual gap, ratio, band, own stickiness; returning and future: with their back-tests",
        "MBG and GG whole: fitted to everybody, where a run fits to 200,000 at most",
        'peak: of the whole process, up to "all"; BLAS takes as many cores as there are',
    ]
    folds.notes.append("with stages and their dates, concentration and 1,000 bootstraps, spend, network, cohorts")
    return [models, folds, _ties(200 if scale.name == "tiny" else 2_000)]


def _alone(work: Callable[[Path, int], list[str]], place: Path, customers: int) -> list[str]:
    with ProcessPoolExecutor(1, mp_context=spawned) as pool:
        return pool.submit(work, place, customers).result()


def house(customers: int) -> History:
    """Regulars and others, of whom some left; the same for the same number."""
    chance = np.random.default_rng(16)
    today = ON.toordinal()
    wanted = chance.geometric(chance.beta(2.0, 19.0, customers))
    starts: Ints = np.concatenate(([0], np.cumsum(wanted)))
    first = today - chance.integers(1, 365 * YEARS, customers)
    usual = chance.gamma(2.0, 12.0, customers) + 1.0
    gap = np.ceil(chance.exponential(1.0, int(starts[-1])) * np.repeat(usual, wanted)).astype(np.int32)
    gap[starts[:-1]] = first
    gap[starts[1:-1]] -= np.add.reduceat(gap, starts[:-1])[:-1].astype(np.int32)
    days: Days = np.cumsum(gap, dtype=np.int32)
    seen = days < today
    kept = np.concatenate(([0], np.cumsum(seen, dtype=np.int64)))
    who = np.repeat(np.arange(customers), wanted)[seen]
    days, starts = days[seen], kept[starts]
    pays = chance.random(len(days)) < 0.4
    return History(customers, days, starts, who[pays], days[pays], floats(chance.gamma(2.0, 10_000.0, int(pays.sum()))))


def _ties(visitors: int) -> Table:
    """Five seeded houses of a year, of which 3 % are pairs who share two of five visits."""
    table = Table(
        "Insight: who comes together above chance",
        ("visitors", "pairs planted", "found", "precision", "recall", "s each"),
    )
    there = found = right = 0
    took = 0.0
    for seed in range(5):
        arrivals, pairs = planted(seed, visitors, visitors * 3 // 100)
        began = time.process_time()
        told = {(each.a, each.b) for each in together(arrivals, {each.customer for each in arrivals})}
        took += time.process_time() - began
        there, found, right = there + len(pairs), found + len(told), right + len(told & pairs)
    shares = (right / max(1, found), right / there)
    table.rows.append([f"{visitors:,}", str(there), str(found), *(f"{each:.3f}" for each in shares), f"{took / 5:.2f}"])
    table.notes.append("one door; everybody has a usual weekday and half hour, shared with many others")
    return table


NAMES = ("days", "starts", "paid_who", "paid_on", "paid")


def _made(place: Path, customers: int) -> list[str]:
    of = house(customers)
    for name in NAMES:
        np.save(place / f"{name}.npy", getattr(of, name))
    return []


def _read(place: Path, customers: int) -> History:
    return History(customers, *(np.load(place / f"{name}.npy") for name in NAMES))


def _models(place: Path, customers: int) -> list[str]:
    of, today = _read(place, customers), ON.toordinal()

    def timed(work: Callable[[], Any]) -> tuple[Any, float]:
        began = time.process_time()
        found = work()
        return found, time.process_time() - began

    ruled, rules_s = timed(lambda: plain.ruled(of, today))
    chance = np.random.default_rng(3)
    a, b = chance.integers(0, customers, (2, TIES * customers))
    theta, net = np.full(len(a), 0.05), of.margins(today - 365, today)
    _, ties_s = timed(partial(plain.stickiness, ruled.own, a, b, theta, net))
    del a, b, theta, net
    _, returning_s = timed(lambda: returning.returning(of, today))
    _, future_s = timed(lambda: future(of, today))
    of_all, peak = rules_s + ties_s + returning_s + future_s, _peak()
    seen = behind(of, today)
    _, visits_s = timed(lambda: buying.fit("mbg", seen.x, seen.t, seen.age))
    _, money_s = timed(lambda: paying.fit(seen.x, seen.z))
    took = (rules_s, ties_s, returning_s, future_s, of_all, visits_s, money_s)
    return [f"{customers:,}", f"{len(of.days):,}", *(f"{each:.2f}" for each in took), f"{peak:.0f}"]


def _folded(place: Path, customers: int) -> list[str]:
    of = _read(place, customers)
    names = [f"c{number:07}" for number in range(customers)]
    agreed = frozenset({INSIGHT, INTRODUCTIONS})
    came = {
        name: array("i", of.days[begin:end].tolist())
        for name, begin, end in zip(names, of.starts[:-1].tolist(), of.starts[1:].tolist(), strict=True)
    }
    entries = tuple(
        Entry(f"e{at}", "value", date.fromordinal(on), names[who], amount=2 * round(margin), margin=round(margin))
        for at, (who, on, margin) in enumerate(
            zip(of.paid_who.tolist(), of.paid_on.tolist(), of.paid.tolist(), strict=True)
        )
        if at % 4 == 0
    )
    bonds = tuple(Bond(one, other, "introduced") for one, other in zip(names[::2], names[1::2], strict=False))
    world = World(ON, dict.fromkeys(names, agreed), came=came, entries=entries, bonds=bonds)
    days = len(of.days)
    del of, came, entries, bonds
    began = time.process_time()
    found = fold(world)
    took = time.process_time() - began
    assert len(found.worth) == customers
    each = f"{took / customers * 1e6:.0f}"
    return [f"{customers:,}", f"{days:,}", f"{len(world.entries):,}", f"{took:.1f}", each, f"{_peak():.0f}"]


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
