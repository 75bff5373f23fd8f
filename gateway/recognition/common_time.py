"""What a recording's readers' clocks differ by: beacons that several of them hear tell it to a few milliseconds.

A driver sets a reader's time right by when its messages come. A recording holds the times alone, and the same word of
one beacon stands in it once for each reader that heard it, as far apart as their clocks are.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from heapq import heappop, heappush
from math import sqrt
from statistics import fmean, median, median_low
from typing import NamedTuple

from gateway.recognition.evidence import BEACONS
from gateway.recognition.recording import Read, Row

NEAR_S = 4.0  # clocks that are set now and then
FAR_S = 45.0  # one that was not
BIN_S = 0.008
AROUND_S = 0.02  # one word reaches two readers' logs within a few milliseconds; its repetition comes up to 10 ms later
ENOUGH = 12  # words that two readers have heard both
CLEARER = 1.4  # times as many as at any other difference, or …
MANY = 60
TIGHTER = 1.12  # … times as close together: each repetition adds what a beacon waits at random
CLOSE_S = 0.006  # how far one word's times stray; who walks from reader to reader meets nobody's words so closely
GRAIN_S = 0.0005  # less is no difference: of what repeats itself like clockwork each word might be any
MOST_READS = 400  # of a reader, to compare with another
MOST_PEAKS = 300  # that are looked at
LOOK_EVERY_S = 30.0  # clocks are compared after so long; once known half as often each time, …
LOOK_SELDOM_S = 240.0  # … down to this, …
LOOKS = 4  # without a finding, before they become seldom: some places cannot be told apart
LOOK_BACK_S = 300.0  # … by what was heard in so long
USEFUL_S = 0.1  # less is how readers batch what they hear

Times = Mapping[str, list[float]]


def shifts(reads: Iterable[Read]) -> dict[str, float]:
    """Seconds to add to the times of readers whose clocks differ from most; those that agree are left out."""
    return {reader: shift for reader, shift in _shifts(reads).items() if shift}


def _shifts(reads: Iterable[Read]) -> dict[str, float]:
    """The same of every reader whose clock can be compared; 0 of one that agrees."""
    behind = _differences(_times(reads))
    if not behind:
        return {}
    usual = median_low(sorted(behind.values()))
    return {reader: round(usual - d, 3) if abs(usual - d) >= USEFUL_S else 0.0 for reader, d in behind.items()}


def corrected(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows on one clock, in time order: each set right by what those before it have told of its reader's clock.

    Nothing that comes later is looked at: a replay knows no more than the gateway would have.
    """
    lately: deque[Read] = deque()
    by: dict[str, float] = {}
    slowest = 0.0  # so far back may the next rows belong: those of a clock that is ahead
    waiting: list[tuple[float, int, Row]] = []  # for them
    every, looks = LOOK_EVERY_S, 0
    look_at: float | None = None
    for n, row in enumerate(rows):
        if isinstance(row, Read):
            if look_at is None:
                look_at = row.t + every
            elif row.t >= look_at:
                found = _shifts(_last(lately, row.t))
                by |= _as_before(found, by)
                slowest = min([0.0, *by.values()])
                looks += 1
                every = min(LOOK_SELDOM_S, 2.0 * every) if found or looks > LOOKS else every
                look_at = row.t + every
            lately.append(row)
            shift = by.get(row.reader)
            heappush(waiting, (row.t + shift, n, replace(row, t=row.t + shift)) if shift else (row.t, n, row))
        else:
            heappush(waiting, (row.t, n, row))
        while waiting and waiting[0][0] <= row.t + slowest:
            yield heappop(waiting)[2]
    while waiting:
        yield heappop(waiting)[2]


def _as_before(found: dict[str, float], by: dict[str, float]) -> dict[str, float]:
    """What was found, on the clock that was taken for the right one before: one more reader moves nobody's times."""
    moved = [by[reader] - shift for reader, shift in found.items() if reader in by]
    return {reader: round(shift + median(moved), 3) for reader, shift in found.items()} if moved else found


def _last(lately: deque[Read], now: float) -> deque[Read]:
    while lately and lately[0].t < now - LOOK_BACK_S:
        lately.popleft()
    return lately


def _times(reads: Iterable[Read]) -> dict[str, dict[str, list[float]]]:
    """When each beacon was heard, by reader and beacon, in order."""
    heard: defaultdict[str, defaultdict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for read in reads:
        if read.id.partition(":")[0] in BEACONS:
            times = heard[read.reader][read.id]
            if not times or read.t > times[-1]:
                times.append(read.t)
    return {reader: dict(beacons) for reader, beacons in heard.items()}


def _differences(heard: Mapping[str, Times]) -> dict[str, float]:
    """How far each reader's clock is ahead of one of them; readers that share no beacon with it are left out.

    From reader to reader along what most was heard by both.
    """
    if len(heard) < 2:
        return {}
    first = max(heard, key=lambda reader: sum(map(len, heard[reader].values())))
    found, tried = {first: 0.0}, set[tuple[str, str]]()
    while True:
        pairs = [(a, b) for a in found for b in heard if b not in found and (a, b) not in tried]
        best = max(pairs, key=lambda pair: _common(heard[pair[0]], heard[pair[1]]), default=None)
        if best is None:
            return found if len(found) > 1 else {}
        tried.add(best)
        ahead = _ahead(heard[best[0]], heard[best[1]])
        if ahead is not None:
            found[best[1]] = found[best[0]] + ahead


def _common(one: Times, other: Times) -> int:
    return sum(min(len(one[beacon]), len(other[beacon])) for beacon in one.keys() & other.keys())


def _ahead(one: Times, other: Times) -> float | None:
    """How far the other's clock is ahead; None where no difference is plainly the one."""
    for reach in (NEAR_S, FAR_S):
        differences: list[float] = []
        left = MOST_READS
        for beacon in sorted(one.keys() & other.keys(), key=lambda b: -min(len(one[b]), len(other[b]))):
            theirs = other[beacon]
            for t in one[beacon][:left]:
                differences += [u - t for u in theirs[bisect_left(theirs, t - reach) : bisect_right(theirs, t + reach)]]
            left -= len(one[beacon])
            if left <= 0:
                break
        found = _plainest(sorted(differences))
        if found is not None:
            return found
    return None


def _plainest(differences: list[float]) -> float | None:
    """The difference at which by far the most words meet, or at which they meet by far the closest."""
    peaks = _peaks(differences)
    if not peaks or peaks[0].words < ENOUGH:
        return None
    most, *others = peaks
    if not others or most.words >= CLEARER * others[0].words:
        return most.at if most.spread <= CLOSE_S else None
    likely = sorted((p for p in peaks if p.words >= 0.5 * most.words), key=lambda p: p.spread)
    first, second = likely[:2] if len(likely) > 1 else (most, others[0])
    tighter = first.spread <= CLOSE_S and second.spread > TIGHTER * first.spread + GRAIN_S
    return first.at if first.words >= MANY and tighter else None


def _peaks(differences: list[float]) -> list[_Peak]:
    """Where many differences are alike, the most first."""
    counts = Counter(round(d / BIN_S) for d in differences)
    sums = {b: counts[b - 1] + n + counts[b + 1] for b, n in counts.items()}
    peaks: list[_Peak] = []
    for b in sorted(sums, key=sums.__getitem__, reverse=True)[:MOST_PEAKS]:
        if all(abs(b * BIN_S - peak.at) > 2 * AROUND_S for peak in peaks):
            middle = b * BIN_S
            near = differences[
                bisect_left(differences, middle - AROUND_S) : bisect_right(differences, middle + AROUND_S)
            ]
            peaks.append(_Peak(len(near), median(near), _spread(near)))
    return sorted(peaks, reverse=True)


def _spread(values: list[float]) -> float:
    """The standard deviation. That of ``statistics`` reckons in fractions, which was most of what a look cost."""
    middle = fmean(values)
    return sqrt(fmean([(value - middle) ** 2 for value in values]))


class _Peak(NamedTuple):
    words: int
    at: float
    spread: float
