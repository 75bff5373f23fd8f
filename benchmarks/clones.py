"""``python -m benchmarks.clones``: honest tags that are taken for copies, and copies that are found, and how soon.

Simulated venues from their first day on, seeded: nothing is known of them but zones and roles.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from math import inf, sqrt
from random import Random
from typing import Any

from benchmarks.report import Table, quantile
from gateway.recognition.clones import CloneWatch
from gateway.recognition.recording import Read
from gateway.recognition.simulator.scenario import read_scenario
from gateway.recognition.simulator.simulate import record
from gateway.recognition.simulator.venue import Scenario
from reader_drivers.reader_clock import ReaderClock
from reader_drivers.sighting import Sighting

SEED = 20_261_126
AT_A_TIME = 100  # visits
SWEEP_S = 60.0
PLAINLY = 15  # reads by both within fifteen seconds of the second's first: one a second
COPIES_APART_M = 14.0

Delivered = tuple[float, Sighting]
Conditions = Callable[[Sighting, Random], Delivered]


@dataclass(slots=True)
class Told:
    """What came of one case; delays in seconds since both were heard, infinite where nothing was told."""

    visits: int = 0
    doubted: int = 0
    delays: list[float] = field(default_factory=list)


# --- venues ----------------------------------------------------------------------------------------------------------


def rooms(apart_m: float, wall_db: float, **people: Any) -> Scenario:
    """Three rooms in a row, an antenna on each ceiling ``apart_m`` from the next; who visits sits in each of them."""
    names, n = ("hall", "bar", "lounge"), 3
    boxes = [{"id": name, "box": [k * apart_m, 0, (k + 1) * apart_m, 6]} for k, name in enumerate(names)]
    antennas = [
        {"id": f"{name}-antenna", "device": name, "zone": name, "hears": "uhf", "at": [(k + 0.5) * apart_m, 3, 2.8]}
        for k, name in enumerate(names)
    ]
    path = [{"to": [(k + 0.5) * apart_m, 3], "jitter": 0.4 * apart_m, "stay": [10, 30]} for k in range(n)]
    group = {"count": AT_A_TIME, "every_s": 90, "carries": ["uhf"], "path": path, **people}
    return read_scenario(
        {"name": f"rooms-{apart_m:g}", "wall_db": wall_db, "rooms": boxes, "readers": antennas, "people": [group]}
    )


def border(apart_m: float) -> Scenario:
    """Two rooms without a wall; one visitor in ten sits down between the two antennas, with the tag on a lanyard."""
    boxes = [{"id": n, "box": [k * apart_m, 0, (k + 1) * apart_m, 6]} for k, n in enumerate(("hall", "bar"))]
    antennas = [
        {"id": f"{n}-antenna", "device": n, "zone": n, "hears": "uhf", "at": [(k + 0.5) * apart_m, 3, 2.6]}
        for k, n in enumerate(("hall", "bar"))
    ]
    there, across = {"to": [0.5 * apart_m, 3], "jitter": 1}, {"to": [1.5 * apart_m, 3], "jitter": 1}
    between = {"to": [apart_m, 3], "jitter": 0.3}
    groups = [
        {"count": count, "every_s": every, "carries": ["uhf"], "where": where, "path": path}
        for count, every, where, path in (
            (90, 60, ["ear", "front", "purse"], [there | {"stay": [5, 15]}, across | {"stay": [5, 15]}]),
            (10, 540, ["ear"], [there, between | {"stay": [20, 40]}, across]),
        )
    ]
    return read_scenario(
        {"name": f"border-{apart_m:g}", "wall_db": 0.0, "rooms": boxes, "readers": antennas, "people": groups}
    )


# --- how reads reach us ----------------------------------------------------------------------------------------------


def live(sighting: Sighting, rng: Random) -> Delivered:
    """At once."""
    return sighting.at + 0.02, sighting


def forty_seconds_off(reader: str, off: float) -> Conditions:
    """One reader's clock is ``off`` seconds ahead; its driver learns that, as drivers do."""
    clock = ReaderClock()

    def conditions(sighting: Sighting, rng: Random) -> Delivered:
        received = sighting.at + rng.uniform(0.02, 0.2)
        if sighting.reader == reader:
            return received, replace(sighting, at=clock.ours(sighting.at + off, received))
        return received, sighting

    return conditions


def kept_for_a_minute(reader: str) -> Conditions:
    """One reader's network is away for one minute in five; it sends what it has kept, a thousand a second."""

    def conditions(sighting: Sighting, rng: Random) -> Delivered:
        into = sighting.at % 300.0
        if sighting.reader == reader and into < 60.0:
            return sighting.at - into + 60.0 + into / 60.0, sighting
        return sighting.at + 0.02, sighting

    return conditions


# --- measuring -------------------------------------------------------------------------------------------------------


def honest(venues: Iterable[Scenario], conditions: Callable[[], Conditions], visits: int, seed: int) -> Told:
    """``visits`` visits of people with one tag each, shared among these venues; each venue begins new."""
    told, places = Told(), list(venues)
    for number, scenario in enumerate(places):
        watch: CloneWatch | None = None
        for part in range(max(1, round(visits / len(places) / AT_A_TIME))):
            head, rows = record(scenario, seed + 1000 * number + part)
            watch = watch or CloneWatch(head.plan())
            doubted = set(_doubts(watch, _delivered(rows, conditions(), Random(f"{seed}/{number}/{part}")), part))
            told.visits += len(head.customers)
            told.doubted += len(doubted)
    return told


def _doubts(watch: CloneWatch, delivered: Iterable[Delivered], part: int) -> Iterator[str]:
    swept = 0.0
    for now, sighting in sorted(delivered, key=lambda row: row[0]):
        if now - swept > SWEEP_S:
            watch.sweep(now + part * 1e6)
            swept = now
        late = now - sighting.at
        doubt = watch.see(replace(sighting, at=now + part * 1e6 - late), 0.0, now + part * 1e6)
        if doubt is not None:
            yield doubt.identifier


def _delivered(rows: Iterable[object], conditions: Conditions, rng: Random) -> Iterator[Delivered]:
    for row in rows:
        if isinstance(row, Read):
            yield conditions(Sighting(row.reader, row.antenna, row.id, row.rssi, None, row.t), rng)


def copies(where: list[str], before: int, later_s: float, visits: int, seed: int) -> Told:
    """A tag in one room and its copy in another, far away, ``later_s`` later; ``before`` honest people came before."""
    told = Told()
    here, there = (_far(where, far, visits) for far in (False, True))
    head, rows = record(here, seed)
    reads: dict[str, list[Sighting]] = {}
    for start, part in ((0.0, rows), (later_s, record(there, seed + 1)[1])):
        for _, sighting in _delivered(part, live, Random(seed)):
            reads.setdefault(sighting.identifier, []).append(replace(sighting, at=sighting.at + start))
    for heard in reads.values():
        heard.sort(key=lambda sighting: sighting.at)
        both_at = _both_at(heard)
        if both_at is None:
            continue
        watch = CloneWatch(head.plan())
        _acquaint(watch, before)
        told.visits += 1
        found = next((s.at for s in heard if watch.see(s, 0.0, s.at) is not None), inf)
        told.doubted += found < inf
        told.delays.append(max(0.0, found - both_at))
    return told


def _far(where: list[str], far: bool, count: int) -> Scenario:
    x = COPIES_APART_M + 9.0 if far else 3.0
    boxes = [{"id": n, "box": [at - 3, 0, at + 3, 6]} for n, at in (("hall", 3.0), ("terrace", COPIES_APART_M + 9.0))]
    antennas = [
        {"id": n, "zone": n, "hears": "uhf", "at": [at, 3, 2.6]}
        for n, at in (("hall", 3.0), ("terrace", COPIES_APART_M + 9.0))
    ]
    path = [{"to": [x, 3], "jitter": 1.5, "stay": [60, 60]}]
    group = {"count": count, "every_s": 120, "carries": ["uhf"], "where": where, "path": path}
    return read_scenario({"name": "copies", "wall_db": 3.0, "rooms": boxes, "readers": antennas, "people": [group]})


def _both_at(heard: list[Sighting]) -> float | None:
    """When both were heard; None where one of them hardly ever was: nobody can tell of what is not read."""
    times: dict[str, list[float]] = {}
    for sighting in heard:
        times.setdefault(sighting.reader, []).append(sighting.at)
    if len(times) < 2:
        return None
    both = max(each[0] for each in times.values())
    return both if all(sum(both <= t < both + 15.0 for t in each) >= PLAINLY for each in times.values()) else None


def _acquaint(watch: CloneWatch, people: int) -> None:
    """Honest people have sat in the hall, and half a minute later on the terrace."""
    for n in range(people):
        for k in range(40):
            at = -1e6 + 1000.0 * n + k + (30.0 if k >= 20 else 0.0)
            watch.see(Sighting("hall" if k < 20 else "terrace", None, f"epc:{n:04X}", -55.0, None, at), 0.0, at)


# --- telling ---------------------------------------------------------------------------------------------------------

HONEST: dict[str, tuple[Callable[[], list[Scenario]], Callable[[], Conditions]]] = {
    "antennas 3 to 8 m apart": (lambda: [rooms(3, 0), rooms(5, 1), rooms(8, 3)], lambda: live),
    "one in ten sits between two": (lambda: [border(3), border(5), border(8)], lambda: live),
    "a clock 40 s fast": (lambda: [rooms(5, 1)], partial(forty_seconds_off, "bar-antenna", 40.0)),
    "a clock 40 s slow": (lambda: [rooms(5, 1)], partial(forty_seconds_off, "bar-antenna", -40.0)),
    "a reader that replays a minute": (lambda: [rooms(5, 1)], partial(kept_for_a_minute, "bar-antenna")),
}
COPIES = [
    (name, where, before, later)
    for name, where in (("on lanyards", ["ear"]), ("in pockets and bags", ["front", "back", "purse"]))
    for before in (0, 30)
    for later in (0.0, 20.0)
]


def bench(visits: int) -> list[Table]:
    """Both tables; ``visits`` for each case."""
    false = Table("Honest tags taken for copies", ("case", "visits", "doubted", "of 10,000 (95 %)"))
    for name, (venues, conditions) in HONEST.items():
        print(f"# {name}", file=sys.stderr, flush=True)
        told = honest(venues(), conditions, visits, SEED)
        rate, low, high = (1e4 * share for share in (told.doubted / told.visits, *wilson(told.doubted, told.visits)))
        false.rows.append((name, f"{told.visits:,}", str(told.doubted), f"{rate:.1f} ({low:.1f} to {high:.1f})"))
    found = Table(
        "Copies 14 m apart, both plainly read",
        ("carried", "people before", "begins", "pairs", "found (95 %)", "within 10 s", "p50, s", "p95 of found, s"),
    )
    for name, where, before, later in COPIES:
        told = copies(where, before, later, max(20, visits // 10), SEED)
        found.rows.append(_row(name, before, later, told))
    return [false, found]


def _row(name: str, before: int, later: float, told: Told) -> tuple[str, ...]:
    soon = sum(delay <= 10.0 for delay in told.delays)
    low, high = wilson(told.doubted, told.visits)
    ended = [delay for delay in told.delays if delay < inf]
    return (
        name,
        str(before),
        f"{later:.0f} s later" if later else "together",
        str(told.visits),
        f"{told.doubted / max(1, told.visits):.0%} ({low:.0%} to {high:.0%})",
        f"{soon / max(1, told.visits):.0%}",
        f"{quantile(ended, 0.5):.1f}",
        f"{quantile(ended, 0.95):.1f}",
    )


def wilson(hits: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share."""
    if of == 0:
        return 0.0, 1.0
    share, zz = hits / of, z * z
    middle = (share + zz / (2 * of)) / (1 + zz / of)
    half = z * sqrt(share * (1 - share) / of + zz / (4 * of * of)) / (1 + zz / of)
    return max(0.0, middle - half), min(1.0, middle + half)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.clones", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--visits", type=int, default=2000, help="for each case")
    for each in bench(parser.parse_args().visits):
        print(each)
