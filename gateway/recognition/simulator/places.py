"""What was measured at three real places, and the same measured on a recording: how much alike do they sound?

A hall where somebody sits, a flat with walls where a robot carries a beacon from room to room, and keychains that lie
inside, outside and between two readers of a door.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from math import sqrt
from statistics import mean, median, pstdev

from gateway.recognition.recording import STREET, Head, Read, Row, Truth
from gateway.recognition.simulator.measures import Check, Series, autocovariance, quantile

Recorded = tuple[Head, Sequence[Row]]
Link = tuple[str, str, str, str]  # recording, identifier, reader, where the thing truly is

ENOUGH = 100  # reads of a link
TOGETHER_S = 0.05  # reads of one transmission
NEAR_NOUGHT = 0.05  # a correlation near nought has no use for a relative tolerance


def still_place_checks(recorded: Iterable[Recorded]) -> list[Check]:
    """The hall: how many transmissions a reader misses, and how quickly a fade passes of who sits alone."""
    recorded = list(recorded)
    links = _links(recorded)
    if len(links) < 10:
        return []
    shares = sorted(_shares(recorded, links).values())
    return [
        Check("still: share of transmissions a reader hears p10", quantile(shares, 0.1), 0.62, 0.62),
        Check("still: share of transmissions a reader hears p50", quantile(shares, 0.5), 0.90, 0.90),
        *_correlations("still", links, {1.5: -0.42, 5.0: 0.0}),
    ]


def flat_checks(recorded: Iterable[Recorded]) -> list[Check]:
    """The flat: how deep levels fade from metre to metre, for how long, and how much walls keep rooms apart."""
    recorded = list(recorded)
    links = _links(recorded)
    if len(links) < 10:
        return []
    return [
        Check("flat: deviation per link in one room p50, dB", median(map(_deviation, links.values())), 5.1, 5.1),
        *_correlations("flat", links, {1.0: 0.48, 2.5: 0.35, 5.0: 0.14}),
        Check("flat: share of transmissions a reader hears p50", median(_shares(recorded, links).values()), 0.94, 0.94),
        Check("flat: the room's own readers louder by p50, dB", median(_leads(recorded, links)), 7.1, 7.1),
        Check("flat: 1 s windows loudest in another room, %", 100.0 * _misled(recorded), 9.3, 9.3),
    ]


def door_checks(recorded: Iterable[Recorded]) -> list[Check]:
    """The door: keychains that lie still among people who pass, heard by a pair of readers at once."""
    recorded = list(recorded)
    links = _links(recorded)
    if len(links) < 4:
        return []
    pairs = list(_pairs(recorded))
    sides = [(where, inner, outer) for where, inner, outer in pairs if where]
    gaps = sorted(gap for recording in recorded for gap in _gaps(recording))
    values = [
        Check("door: deviation per link p50, dB", median(map(_deviation, links.values())), 5.2, 5.2),
        *_correlations("door", links, {1.0: 0.58, 2.5: 0.40, 5.0: 0.26}),
        Check("door: gap p50, s", quantile(gaps, 0.5), 1.42, 1.42),
        Check("door: gap p95, s", quantile(gaps, 0.95), 4.3, 4.3),
    ]
    for inside, name, wanted in ((True, "inside", 3.7), (False, "outside", -7.5)):
        louder = [mean(inner) - mean(outer) for where, inner, outer in sides if (where != STREET) == inside]
        if louder:
            values.append(Check(f"door: inner reader louder {name}, dB", mean(louder), wanted, wanted))
    if sides:
        apart = median(pstdev([i - o for i, o in zip(inner, outer, strict=True)]) for _, inner, outer in sides)
        values.append(Check("door: deviation of the difference of the two p50, dB", apart, 5.2, 5.2))
        alike = median(_alike(inner, outer) for _, inner, outer in sides)
        values.append(Check("door: correlation of the two readers p50", alike, 0.59, 0.59))
    return values


def _links(recorded: Sequence[Recorded]) -> dict[Link, Series]:
    """Levels over time of each thing at each reader while it is truly in one place."""
    links: dict[Link, Series] = defaultdict(list)
    for n, (head, rows) in enumerate(recorded):
        for read, where in _placed(head, rows):
            links[f"{n}", read.id, read.reader, where or ""].append((read.t, read.rssi or 0.0))
    return {link: series for link, series in links.items() if len(series) >= ENOUGH}


def _placed(head: Head, rows: Iterable[Row]) -> Iterator[tuple[Read, str | None]]:
    """Reads with levels, each with where its thing truly is (None: near a border)."""
    owner = {i: customer for customer, ids in head.customers.items() for i in ids}
    truth: dict[str | None, str | None] = {}
    for row in rows:
        if isinstance(row, Truth):
            truth[row.customer] = row.truth
        elif isinstance(row, Read) and row.rssi is not None:
            yield row, truth.get(owner.get(row.id), truth.get(None))


def _transmissions(recording: Recorded) -> dict[str, list[float]]:
    """The times at which each thing was heard by anybody."""
    times: dict[str, list[float]] = defaultdict(list)
    for row in recording[1]:
        if isinstance(row, Read) and (not times[row.id] or row.t - times[row.id][-1] > TOGETHER_S):
            times[row.id].append(row.t)
    return times


def _gaps(recording: Recorded) -> Iterator[float]:
    for times in _transmissions(recording).values():
        yield from (after - before for before, after in pairwise(times))


def _shares(recorded: Sequence[Recorded], links: Mapping[Link, Series]) -> dict[tuple[str, str, str], float]:
    """Of the transmissions of a thing that anybody heard, the share that each reader of a link heard."""
    heard: dict[tuple[str, str, str], int] = defaultdict(int)
    for n, recording in enumerate(recorded):
        for row in recording[1]:
            if isinstance(row, Read):
                heard[f"{n}", row.id, row.reader] += 1
    sent = [{i: len(times) for i, times in _transmissions(recording).items()} for recording in recorded]
    return {(n, i, reader): heard[n, i, reader] / sent[int(n)][i] for n, i, reader, _ in links}


def _deviation(series: Series) -> float:
    return pstdev([level for _, level in series])


def _correlation(series: Series, lag: float) -> float:
    middle = mean(level for _, level in series)
    variance = _deviation(series) ** 2
    return autocovariance([[(t, level - middle) for t, level in series]], lag) / variance if variance else 0.0


def _correlations(place: str, links: Mapping[Link, Series], wanted: Mapping[float, float]) -> Iterator[Check]:
    for lag, there in wanted.items():
        value = median(_correlation(series, lag) for series in links.values())
        yield Check(f"{place}: autocorrelation at {lag} s p50", value, there - NEAR_NOUGHT, there + NEAR_NOUGHT)


def _leads(recorded: Sequence[Recorded], links: Mapping[Link, Series]) -> list[float]:
    """dB by which the best reader of the true room is louder on average than the best of any other."""
    best: dict[tuple[str, str, str], dict[str | None, float]] = defaultdict(dict)
    for (n, identifier, reader, where), series in links.items():
        zone = recorded[int(n)][0].readers[reader]
        levels = best[n, identifier, where]
        levels[zone] = max(levels.get(zone, -200.0), mean(level for _, level in series))
    return [
        levels[where] - max(level for zone, level in levels.items() if zone != where)
        for (_, _, where), levels in best.items()
        if where in levels and len(levels) > 1
    ]


def _misled(recorded: Sequence[Recorded]) -> float:
    """Share of 1 s windows of a thing in which a reader of another room than the true one is loudest."""
    loudest: dict[tuple[int, str, int], tuple[float, bool]] = {}
    for n, (head, rows) in enumerate(recorded):
        for read, where in _placed(head, rows):
            key, level = (n, read.id, int(read.t)), read.rssi or 0.0
            if where is not None and (key not in loudest or level > loudest[key][0]):
                loudest[key] = (level, head.readers[read.reader] != where)
    return mean(wrong for _, wrong in loudest.values()) if loudest else 0.0


def _pairs(recorded: Sequence[Recorded]) -> Iterator[tuple[str | None, list[float], list[float]]]:
    """Of each thing: where it lies, and the levels of inner and outer reader in the transmissions that both heard."""
    for head, rows in recorded:
        at: dict[tuple[str, int], dict[str, float]] = defaultdict(dict)
        lies: dict[str, str | None] = {}
        for read, where in _placed(head, rows):
            lies[read.id] = where
            at[read.id, round(read.t / TOGETHER_S)][head.roles.get(read.reader, "zone")] = read.rssi or 0.0
        for identifier, where in lies.items():
            both = [roles for (i, _), roles in at.items() if i == identifier and {"inner", "outer"} <= set(roles)]
            if len(both) >= ENOUGH:
                yield where, [roles["inner"] for roles in both], [roles["outer"] for roles in both]


def _alike(one: Sequence[float], other: Sequence[float]) -> float:
    """Their correlation."""
    here, there = mean(one), mean(other)
    together = mean((a - here) * (b - there) for a, b in zip(one, other, strict=True))
    spread = sqrt(pstdev(one) ** 2 * pstdev(other) ** 2)
    return together / spread if spread else 0.0
