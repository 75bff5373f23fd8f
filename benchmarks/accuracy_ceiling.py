"""``python -m benchmarks.accuracy_ceiling``: how often anybody could name the right zone of a simulated venue.

A filter over every square metre that knows what we never know: where each antenna stands, how good it is, and the
simulator's own path loss. What it misses is fading, which stands still with who does and is never averaged away.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import dist, exp, log10

from benchmarks.accuracy import SEED, scenarios, simulated
from gateway.recognition.recording import Head, Read, Row, Sensing, Truth
from gateway.recognition.score import Report, score
from gateway.recognition.simulator import radio
from gateway.recognition.simulator.venue import Antenna, Scenario

CASES = {"hall-still": 24, "hall-walking": 24, "uhf-rooms": 24}  # visits
SECONDS = 150  # of each visit
HEIGHT_M = 1.1
DEVIATION_DB = {"ble": 4.5, "uhf": 8.0}  # of a second's mean about the field: shadowing, channels, body
NOT_READ_DBM = -76.0  # what a second without a read is worth, of a tag
EVIDENCE = (0.1, 0.3, 1.0)  # of a second's worth of levels that is new: the best for each case is told
SPEEDS = (0.02, 0.6, 1.5)  # m/s, likewise

Cell = tuple[float, float, str | None]


@dataclass(slots=True)
class Field:
    """The mean level of each antenna at each cell."""

    cells: list[Cell]
    tall: int
    levels: Mapping[str, Sequence[float]]
    hears: str


def main() -> int:
    """Tells, per case, what the filter that knows the field reaches, and ours on the same visits."""
    argparse.ArgumentParser(prog="python -m benchmarks.accuracy_ceiling").parse_args()
    print("| case | knows the field | ours | visits |\n|---|---|---|---|")
    for name, visits in CASES.items():
        (scenario,) = (s for s in scenarios(visits) if s.name == name)
        head, rows = _cut(*simulated(scenario, SEED))
        field = _field(scenario)
        best = max(_right(field, head, rows, evidence, speed) for evidence in EVIDENCE for speed in SPEEDS)
        ours = next(m for m in Report(score(head, rows)).measure() if m.name == "right zone")
        print(f"| {name} | {100.0 * best:.1f} % | {ours} | {visits} |", flush=True)
    return 0


def _cut(head: Head, rows: Iterable[Row]) -> tuple[Head, list[Row]]:
    """The first seconds of every visit, each a customer with one thing."""
    owner = {identifier: customer for customer, ids in head.customers.items() for identifier in ids}
    began: dict[str, float] = {}
    kept: list[Row] = []
    for row in rows:
        if isinstance(row, Sensing):
            continue
        customer = (row.customer or "") if isinstance(row, Truth) else owner[row.id]
        if row.t - began.setdefault(customer, row.t) < SECONDS:
            kept.append(row)
    ends = [Truth(start + SECONDS, None, customer) for customer, start in began.items()]
    return head, sorted([*kept, *ends], key=lambda row: row.t)


def _field(scenario: Scenario) -> Field:
    right, top = max(room.x2 for room in scenario.rooms), max(room.y2 for room in scenario.rooms)
    step = 1.0 if right > 12.0 else 0.5
    wide, tall = int(right / step), int(top / step)
    spots = [((i + 0.5) * step, (j + 0.5) * step) for i in range(wide) for j in range(tall)]
    cells = [(x, y, next((r.id for r in scenario.rooms if r.holds(x, y)), None)) for x, y in spots]
    levels = {a.id: [_level(scenario, a, cell) for cell in cells] for a in scenario.antennas}
    return Field(cells, tall, levels, scenario.antennas[0].hears)


def _level(scenario: Scenario, antenna: Antenna, cell: Cell) -> float:
    metres = max(0.5, dist((cell[0], cell[1], HEIGHT_M), (antenna.x, antenna.y, antenna.z)))
    wall = 0.0 if antenna.zone == cell[2] else scenario.wall_db
    if antenna.hears == "uhf":
        return radio.UHF_AT_1M - 10.0 * radio.UHF_EXPONENT * log10(metres) + antenna.offset_db - 2.0 * wall
    here = scenario.radio
    return here.at_1m_dbm - 10.0 * here.exponent * log10(metres) + antenna.offset_db - wall


def _right(field: Field, head: Head, rows: Sequence[Row], evidence: float, speed: float) -> float:
    """Share of the seconds with a known truth in which the likeliest zone is the true one."""
    owner = {identifier: customer for customer, ids in head.customers.items() for identifier in ids}
    heard: dict[str, dict[int, dict[str, list[float]]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    truth: dict[str, dict[int, str | None]] = defaultdict(dict)
    for row in rows:
        if isinstance(row, Truth):
            truth[row.customer or ""][int(row.t)] = row.truth
        elif isinstance(row, Read) and row.rssi is not None:
            heard[owner[row.id]][int(row.t)][row.reader].append(row.rssi)
    right = known = 0
    for customer, seconds in heard.items():
        belief = [1.0 / len(field.cells)] * len(field.cells)
        for second in range(min(seconds), max(seconds) + 1):
            belief = _weighed(field, _walked(field, belief, speed), seconds.get(second, {}), evidence)
            where = truth[customer].get(second)
            if where is not None and where != "outside":
                known += 1
                right += _likeliest(field, belief) == where
    return right / known


def _walked(field: Field, belief: Sequence[float], speed: float) -> list[float]:
    """After a second: to one of the four neighbours, or not."""
    step = field.cells[1][1] - field.cells[0][1]
    gone = min(0.8, speed / step)
    after = [p * (1.0 - gone) for p in belief]
    wide, tall = len(belief) // field.tall, field.tall
    for n, p in enumerate(belief):
        i, j = divmod(n, tall)
        for x, y in ((i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)):
            after[min(wide - 1, max(0, x)) * tall + min(tall - 1, max(0, y))] += 0.25 * gone * p
    return after


def _weighed(
    field: Field, belief: Sequence[float], heard: Mapping[str, Sequence[float]], evidence: float
) -> list[float]:
    """After a second's levels; how loud a beacon itself is nobody knows, so that only differences count."""
    levels = {reader: sum(values) / len(values) for reader, values in heard.items()}
    if field.hears == "uhf":
        levels = {reader: levels.get(reader, NOT_READ_DBM) for reader in field.levels} if levels else {}
    if not levels:
        return list(belief)
    scale = evidence / (2.0 * DEVIATION_DB[field.hears] ** 2)
    nats = []
    for cell in range(len(belief)):
        off = [level - field.levels[reader][cell] for reader, level in levels.items()]
        common = sum(off) / len(off) if field.hears == "ble" else 0.0
        nats.append(-scale * sum((o - common) ** 2 for o in off))
    top = max(nats)
    weighed = [p * exp(n - top) for p, n in zip(belief, nats, strict=True)]
    total = sum(weighed)
    return [p / total for p in weighed]


def _likeliest(field: Field, belief: Sequence[float]) -> str | None:
    shares: dict[str | None, float] = defaultdict(float)
    for p, (_, _, zone) in zip(belief, field.cells, strict=True):
        shares[zone] += p
    return max(shares, key=shares.__getitem__)


if __name__ == "__main__":
    sys.exit(main())
