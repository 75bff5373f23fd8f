"""The values by which a simulator is believed: measured the same way on recordings of real radio."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from math import dist, log10, sqrt
from statistics import mean, pstdev

from gateway.recognition.recording import Head, Read, Row, Truth
from gateway.recognition.simulator.measures import Check, Series, autocovariance, quantile
from gateway.recognition.simulator.places import door_checks, flat_checks, still_place_checks

CARRY_HEIGHT_M = 1.1
LAGS_S = (0.5, 2.5, 5.0)
ENOUGH_FOR_LONGEST = 5000  # gaps: one in 1,500 is a pause
ENOUGH_PASSES = 100  # of which a third or fewer are never read
ENOUGH_THROUGH = 100  # reads through a wall, of one in fifty tags
WALL_DB = 4.0  # "about": fifteen per cent of -73 dBm would be 11 dB


PLACES = {"still": still_place_checks, "flat": flat_checks, "door,": door_checks}
"""By how the kind of a recording begins: the real place that it is to sound like."""


def check_values(head: Head, rows: Sequence[Row]) -> list[Check]:
    """Every check value that this recording is of the kind for, and long enough to tell."""
    values = gap_checks(rows)
    if head.kind == "UHF lone tag":
        values += lone_tag_checks(rows)
    elif head.kind.startswith(("UHF", "visit")):
        values += tag_checks(head, rows)
    for kind, place in PLACES.items():
        values += place([(head, rows)]) if head.kind.startswith(kind) else []
    values += still_checks(rows) if head.kind == "still" else []
    values += walking_checks([(head, rows)]) if head.kind == "walking" else []
    return values


def walking_checks(recorded: Iterable[tuple[Head, Sequence[Row]]]) -> list[Check]:
    """Deviation and autocorrelation of walkers' levels about the path loss; needs reader and walker positions."""
    residuals = [series for head, rows in recorded for series in _residuals(head, rows)]
    everything = [x for series in residuals for _, x in series]
    if len(everything) < 500:
        return []
    variance = mean(x * x for x in everything)
    wanted = {0.5: 0.33, 2.5: 0.21, 5.0: 0.10}
    checks = [Check("walking: deviation, dB", sqrt(variance), 5.4, 5.4)]
    for lag in LAGS_S:
        value = autocovariance(residuals, lag) / variance
        # A correlation near nought has no use for a relative tolerance: a twentieth either way besides.
        checks.append(Check(f"walking: autocorrelation at {lag} s", value, wanted[lag] - 0.05, wanted[lag] + 0.05))
    return checks


def still_checks(rows: Iterable[Row]) -> list[Check]:
    """Deviation per link of people who stand still: how different links are."""
    links: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in rows:
        if isinstance(row, Read) and row.rssi is not None:
            links[row.id, row.reader].append(row.rssi)
    spread = sorted(pstdev(levels) for levels in links.values() if len(levels) >= 100)
    if len(spread) < 10:
        return []
    return [
        Check(f"still: deviation per link p{p}, dB", quantile(spread, p / 100), value, value)
        for p, value in ((10, 1.2), (50, 3.0), (90, 6.0))
    ]


def gap_checks(rows: Iterable[Row]) -> list[Check]:
    """Seconds between transmissions of keychain beacons."""
    last: dict[str, float] = {}
    gaps: list[float] = []
    for row in rows:
        if isinstance(row, Read) and row.id.startswith("ibeacon:"):
            if row.t - last.get(row.id, row.t) > 0.1:
                gaps.append(row.t - last[row.id])
            last[row.id] = row.t
    gaps.sort()
    if len(gaps) < 1000:
        return []
    values = [
        Check("keychain beacon: gap p50, s", quantile(gaps, 0.5), 0.75, 1.0),
        Check("keychain beacon: gap p95, s", quantile(gaps, 0.95), 1.8, 3.9),
    ]
    if len(gaps) >= ENOUGH_FOR_LONGEST:
        values.append(Check("keychain beacon: longest gap, s", gaps[-1], 25.0, 41.0))
    return values


def tag_checks(head: Head, rows: Sequence[Row]) -> list[Check]:
    """UHF: gaps, and reads through walls; of pairs passes that are never read, in rooms windows that mislead."""
    reads = [row for row in rows if isinstance(row, Read) and row.id.startswith("epc:")]
    if len(reads) < 1000:
        return []
    values = [Check("UHF: gap p50, s", quantile(_tag_gaps(reads), 0.5), 0.15, 0.15)]
    if head.kind == "UHF rooms":
        wrong = 100.0 * _wrong_windows(head, rows)
        return [*values, Check("UHF: 1 s windows strongest at another zone's antenna, %", wrong, 35.0, 50.0)]
    through = _through_walls(head, rows)
    values.append(Check("UHF: reads through a wall, %", 100.0 * len(through) / len(reads), 1.0, 3.0))
    if len(through) >= ENOUGH_THROUGH:
        values.append(
            Check(
                "UHF: level through a wall p50, dBm, within 4 dB", quantile(through, 0.5), -73.0, -73.0, WALL_DB / 73.0
            )
        )
    tags = {i for ids in head.customers.values() for i in ids if i.startswith("epc:")}
    if head.kind.startswith("UHF pair") and len(tags) >= ENOUGH_PASSES:
        heard = {row.id for row in reads}
        values.append(Check("UHF: passes never read, %", 100.0 * (1.0 - len(heard) / len(tags)), 11.0, 34.0))
    return values


def lone_tag_checks(rows: Iterable[Row]) -> list[Check]:
    """UHF: how often a tag that is alone, and worn openly before the one antenna there is, is read in a second."""
    gaps = _tag_gaps(row for row in rows if isinstance(row, Read))
    return [Check("UHF: reads a second of a lone tag", 1.0 / mean(gaps), 14.0, 20.0)] if len(gaps) >= 100 else []


def _tag_gaps(reads: Iterable[Read]) -> list[float]:
    last: dict[tuple[str, str], float] = {}
    gaps = []
    for row in reads:
        key = (row.id, row.reader)
        if key in last and row.t - last[key] < 2.0:
            gaps.append(row.t - last[key])
        last[key] = row.t
    return sorted(gaps)


def _wrong_windows(head: Head, rows: Iterable[Row]) -> float:
    """Share of 1 s windows of a tag in which an antenna of another place than the true one is loudest."""
    windows: dict[tuple[str, int], tuple[float, bool]] = {}
    for row, right in _placed(head, rows):
        key = (row.id, int(row.t))
        level = row.rssi or 0.0
        if key not in windows or level > windows[key][0]:
            windows[key] = (level, right)
    return mean(not right for _, right in windows.values()) if windows else 0.0


def _through_walls(head: Head, rows: Iterable[Row]) -> list[float]:
    """Levels of the reads by antennas of another place than the tag's, in ascending order."""
    return sorted(row.rssi or 0.0 for row, right in _placed(head, rows) if not right)


def _placed(head: Head, rows: Iterable[Row]) -> Iterator[tuple[Read, bool]]:
    """Reads of tags of which it is known where they are, and whether the antenna is in the same place."""
    truth: dict[str, str | None] = {}
    owner = {i: customer for customer, ids in head.customers.items() for i in ids}
    places = {reader: "outside" if head.roles.get(reader) == "outer" else zone for reader, zone in head.readers.items()}
    for row in rows:
        if isinstance(row, Truth):
            truth[row.customer or ""] = row.truth
        if not isinstance(row, Read):
            continue
        where, place = truth.get(owner.get(row.id, row.id)), places[row.reader]
        if where is not None and place is not None and row.rssi is not None and row.id.startswith("epc:"):
            yield row, place == where


def _residuals(head: Head, rows: Sequence[Row]) -> list[Series]:
    """Per person and reader: level less path loss, about its own mean."""
    where = _positions(rows)
    owner = {i: customer for customer, ids in head.customers.items() for i in ids}
    links: dict[tuple[str, str], list[tuple[float, float, float]]] = defaultdict(list)
    for row in rows:
        if isinstance(row, Read) and row.rssi is not None and row.reader in head.positions_m:
            place = _interpolate(where.get(owner.get(row.id, ""), where.get("", [])), row.t)
            if place is not None:
                metres = max(0.5, dist((*place, CARRY_HEIGHT_M), head.positions_m[row.reader]))
                links[row.id, row.reader].append((row.t, row.rssi, log10(metres)))
    usable = [points for points in links.values() if len(points) >= 20]
    slope = _slope([(m, level) for points in usable for _, level, m in points])
    residuals = []
    for points in usable:
        base = mean(level - slope * m for _, level, m in points)
        residuals.append([(t, level - slope * m - base) for t, level, m in points])
    return residuals


def _slope(points: Sequence[tuple[float, float]]) -> float:
    if not points:
        return 0.0
    mx, my = mean(x for x, _ in points), mean(y for _, y in points)
    spread = sum((x - mx) ** 2 for x, _ in points)
    return sum((x - mx) * (y - my) for x, y in points) / spread if spread else 0.0


def _positions(rows: Iterable[Row]) -> dict[str, list[tuple[float, float, float]]]:
    where: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for row in rows:
        if isinstance(row, Truth) and row.x is not None and row.y is not None:
            where[row.customer or ""].append((row.t, row.x, row.y))
    return where


def _interpolate(points: Sequence[tuple[float, float, float]], t: float) -> tuple[float, float] | None:
    after = bisect_left(points, (t,))
    if after == 0 or after >= len(points):
        return None
    (t1, x1, y1), (t2, x2, y2) = points[after - 1], points[after]
    part = (t - t1) / (t2 - t1) if t2 > t1 else 0.0
    return x1 + part * (x2 - x1), y1 + part * (y2 - y1)
