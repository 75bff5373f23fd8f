"""One customer in one recording: what recognition said, beside where they really were."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf

from gateway.recognition.recording import Head, Row, Truth
from gateway.recognition.replay import Event

VISIT_S = 3.0  # a shorter stay inside is no visit
NOTICED_S = 125.0  # the longest silence that recognition waits for, and a little


@dataclass(slots=True)
class Tally:
    """Counts and lags of one customer; times in seconds. A lag of infinity was never made good."""

    recording: str
    kind: str
    customer: str
    zone_s: float = 0.0  # truly in a zone
    right_s: float = 0.0  # … and said to be in that one
    outside: int = 0  # 1 if surely outside and never inside
    visits: int = 0
    missed: int = 0
    arrivals: int = 0
    false_arrivals: int = 0
    duplicates: int = 0
    moves: int = 0
    false_moves: int = 0
    false_departures: int = 0
    move_lags: list[float] = field(default_factory=list)
    arrival_lags: list[float] = field(default_factory=list)
    departure_lags: list[float] = field(default_factory=list)
    exit_lags: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Stretch:
    """Truth that stays the same from ``start`` to ``end``."""

    start: float
    end: float
    truth: str | None


def tallies(head: Head, rows: Sequence[Row], events: Iterable[Event]) -> list[Tally]:
    """One tally per customer of whom the truth is known."""
    said: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if event.moment.kind != "hinted":
            said[event.moment.customer].append(event)
    end = max((row.t for row in rows), default=0.0)
    return [
        _tally(Tally(head.recording, head.kind, customer), stretches, said[customer])
        for customer, stretches in _truths(rows, end, said).items()
    ]


def _truths(rows: Sequence[Row], end: float, said: dict[str, list[Event]]) -> dict[str, list[Stretch]]:
    """Stretches per customer; truth that names nobody is about the only one there is."""
    truths: dict[str, list[Stretch]] = {}
    for row in rows:
        if not isinstance(row, Truth):
            continue
        customer = row.customer or next(iter(said), "?")
        stretches = truths.setdefault(customer, [])
        if stretches and stretches[-1].truth == row.truth:
            continue
        if stretches:
            stretches[-1].end = row.t
        stretches.append(Stretch(row.t, end, row.truth))
    return truths


def _tally(tally: Tally, stretches: list[Stretch], events: list[Event]) -> Tally:
    reported = [(-inf, None), *((e.t, e.moment.zone if e.moment.kind != "departed" else None) for e in events)]
    for stretch in stretches:
        if stretch.truth not in (None, "outside"):
            tally.zone_s += stretch.end - stretch.start
            tally.right_s += _right(stretch, reported)
            tally.false_moves += _false_moves(stretch, events, reported)
    tally.moves = sum(e.moment.kind == "moved" for e in events)
    tally.arrivals = sum(e.moment.kind == "arrived" for e in events)
    tally.move_lags = _move_lags(stretches, reported)
    _count_visits(tally, stretches, events)
    return tally


def _right(stretch: Stretch, reported: Sequence[tuple[float, str | None]]) -> float:
    """Seconds of a stretch in which the right zone was reported."""
    total = 0.0
    for (start, zone), (end, _) in zip(reported, [*reported[1:], (inf, None)], strict=True):
        if zone == stretch.truth:
            total += max(0.0, min(end, stretch.end) - max(start, stretch.start))
    return total


def _false_moves(stretch: Stretch, events: Iterable[Event], reported: Sequence[tuple[float, str | None]]) -> int:
    """Moves within a stretch beyond the one that makes the report right."""
    moves = [e for e in events if e.moment.kind == "moved" and stretch.start <= e.t < stretch.end]
    needed = _at(reported, stretch.start) != stretch.truth and any(e.moment.zone == stretch.truth for e in moves)
    return len(moves) - needed


def _at(reported: Sequence[tuple[float, str | None]], t: float) -> str | None:
    return reported[bisect_right(reported, t, key=lambda r: r[0]) - 1][1]


def _move_lags(stretches: Sequence[Stretch], reported: Sequence[tuple[float, str | None]]) -> list[float]:
    """From a true change of zone (borders not counted) to its report; infinite if the next change came first."""
    lags = []
    inside = [s for s in stretches if s.truth not in (None, "outside")]
    for before, after in pairwise(inside):
        if before.truth == after.truth or _outside_between(stretches, before, after):
            continue
        if _at(reported, after.start) == after.truth:
            lags.append(0.0)
            continue
        end = next((s.start for s in inside if s.start > after.start and s.truth != after.truth), inf)
        lags.append(next((t - after.start for t, z in reported if after.start <= t < end and z == after.truth), inf))
    return lags


def _outside_between(stretches: Sequence[Stretch], before: Stretch, after: Stretch) -> bool:
    return any(s.truth == "outside" and before.end <= s.start < after.start for s in stretches)


def _count_departure(tally: Tally, visit: _Visit, gone: Sequence[Event], end: float) -> None:
    """How long a departure took to be noticed; that it never was is known only where the recording goes on."""
    if gone:
        by_exit = gone[0].moment.evidence.get("kind") == "exit"
        (tally.exit_lags if by_exit else tally.departure_lags).append(gone[0].t - visit.end)
    elif visit.end < visit.after and min(visit.after, end) - visit.end > NOTICED_S:
        tally.departure_lags.append(inf)


def _count_visits(tally: Tally, stretches: Sequence[Stretch], events: Sequence[Event]) -> None:
    """Arrivals and departures beside the true visits: stays inside between two times outside."""
    visits = _visits(stretches)
    end = stretches[-1].end if stretches else 0.0
    tally.visits = len(visits)
    tally.outside = int(not visits and any(stretch.truth == "outside" for stretch in stretches))
    claimed: set[int] = set()
    for visit in visits:
        # An arrival at the border, before the truth has made up its mind, is early and not false.
        counts_until = inf if visit.goes_on else visit.after
        mine = [i for i, e in enumerate(events) if e.moment.kind == "arrived" and visit.border <= e.t < counts_until]
        claimed.update(mine)
        if not mine:
            tally.missed += 1
            continue
        tally.arrival_lags.append(max(0.0, events[mine[0]].t - visit.start))
        tally.duplicates += len(mine) - 1
        gone = [e for e in events if e.moment.kind == "departed" and visit.start <= e.t < visit.after]
        tally.false_departures += sum(e.t < visit.end for e in gone)
        _count_departure(tally, visit, [e for e in gone if e.t >= visit.end], end)
    tally.false_arrivals = sum(e.moment.kind == "arrived" and i not in claimed for i, e in enumerate(events))


@dataclass(slots=True)
class _Visit:
    border: float  # left outside
    start: float  # surely inside
    end: float  # left inside
    after: float  # inside again, or the end
    goes_on: bool = False  # still inside when the recording ends: news of the last reads may come a little later


def _visits(stretches: Sequence[Stretch]) -> list[_Visit]:
    visits: list[_Visit] = []
    border: float | None = None
    for stretch in stretches:
        if stretch.truth == "outside":
            border = None
            continue
        if border is None:
            border = stretch.start
        if stretch.truth is None:
            continue
        if visits and visits[-1].border == border:
            visits[-1].end = stretch.end
        else:
            if visits:
                visits[-1].after = border
            visits.append(_Visit(border, stretch.start, stretch.end, inf))
    last = stretches[-1] if stretches else None
    for visit in visits:
        if visit.after == inf and last is not None and last.truth != "outside":
            visit.end = max(visit.end, last.end)
            visit.after = visit.end
            visit.goes_on = True
    return [visit for visit in visits if visit.end - visit.start >= VISIT_S]
