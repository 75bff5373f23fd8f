"""What ours and the rules are compared on: recordings and simulated cases, by place and by the question they answer."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from gateway.recognition.recording import STREET, Head, Row, Truth, load
from gateway.recognition.replay import Event
from gateway.recognition.tally import Tally, tallies

PIECE_S = 90.0
MINUTE_S = 60.0
SETTLED_S = 10.0

Recorded = tuple[Head, Sequence[Row]]
Question = Literal["rooms", "door", "departures"]
Unit = tuple[str, str, int]  # recording, customer, which minute

SHOP = ("window-passes", "waits-before-door")
PLACES: dict[str, tuple[str, ...]] = {
    "hall": ("hall-still", "hall-walking"),
    "beacon door": ("door-beacon-enter", "door-beacon-outside"),
    "UHF door": ("door-uhf-enter", "door-uhf-outside"),
    "UHF portal": ("portal-enter", "portal-outside"),
    "shop, every 5 s": ("door-sparse-5", *SHOP),
    "shop, every 10 s": ("door-sparse-10", *SHOP),
    "shop, parties": ("parties-of-10", "parties-of-20", *SHOP),
    "shop, phones": ("phones-silent", "phones-locked", *SHOP),
    "shop, smokers": ("smokes-outside", *SHOP),
}
"""Simulated cases of one place that answer a question only together: who comes in, and who does not."""


@dataclass(frozen=True, slots=True)
class Set:
    """Recordings of one place that answer one question."""

    place: str
    name: str
    question: Question
    recorded: Sequence[Recorded]
    lessons: Sequence[Recorded]
    """Everything recorded at this place: what of it is somebody else's may teach."""


def recorded_sets(folder: Path) -> list[Set]:
    """Those of a folder of recordings: each folder within it is a place, and what lies in it itself is one more."""
    places: dict[str, list[Recorded]] = defaultdict(list)
    for path in sorted(folder.rglob("*.jsonl*")):
        places[path.parent.name if path.parent != folder else folder.name].append(load(path))
    return [each for place, recorded in places.items() for each in sets(place, recorded)]


def simulated_sets(cases: Sequence[str], simulate: Callable[[str], Recorded], wanted: Sequence[str]) -> Iterator[Set]:
    """Those of simulated cases, by their names, or only the ``wanted``; a case may belong to several places."""
    known = cache(simulate)
    alone = {name: (name,) for name in cases if not any(name in names for names in PLACES.values())}
    for place, names in (alone | PLACES).items():
        if not wanted or any(n in get_args(Question) or n.partition(":")[0] in f"simulated {place}" for n in wanted):
            yield from sets(f"simulated {place}", [known(name) for name in names])


def sets(place: str, recorded: Sequence[Recorded]) -> list[Set]:
    """The questions that the recordings of a place can answer; rooms apart by the kind of recording.

    What stands after a comma in the name of a place is not where it is: the same shop with other things.
    """
    where = place.partition(",")[0]
    found = []
    rooms = [r for r in recorded if len({z for z in r[0].readers.values() if z not in (None, STREET)}) > 1]
    for kind in dict.fromkeys(head.kind for head, _ in rooms):
        of_kind = [r for r in rooms if r[0].kind == kind]
        if any(_inside(rows) for _, rows in of_kind):
            found.append(Set(where, f"{place}: {kind}", "rooms", [known_here(*r) for r in of_kind], recorded))
    doors = [r for r in recorded if "inner" in r[0].roles.values()]
    if doors and not any(_changes(rows) for _, rows in doors):
        doors = [piece for head, rows in doors for piece in pieces(head, rows)]
    if any(_inside(rows) for _, rows in doors) and any(_never_inside(rows) for _, rows in doors):
        found.append(Set(where, f"{place}: door", "door", doors, recorded))
    leaving = [r for r in recorded if any(_leaves(each) for each in _truths(r[1]).values())]
    if leaving:
        found.append(Set(where, f"{place}: departures", "departures", leaving, recorded))
    return found


def known_here(head: Head, rows: Sequence[Row]) -> Recorded:
    """The same, nothing to be right about in anybody's first seconds: whether they are here is another question."""
    first: dict[str | None, float] = {}
    for row in rows:
        if isinstance(row, Truth) and row.truth not in (None, STREET):
            first.setdefault(row.customer, row.t)
    then: dict[str | None, Truth] = {}
    kept: list[Row] = []
    for row in rows:
        since = first.get(row.customer) if isinstance(row, Truth) else None
        if isinstance(row, Truth) and since is not None and since <= row.t < since + SETTLED_S:
            then[row.customer] = replace(row, t=since + SETTLED_S)
            kept.append(replace(row, truth=None))
        else:
            kept.append(row)
    return head, sorted([*kept, *then.values()], key=lambda row: row.t)


def pieces(head: Head, rows: Sequence[Row]) -> Iterator[Recorded]:
    """A recording in which nobody goes anywhere as many short ones: each begins with nothing known."""
    start, end = rows[0].t, rows[-1].t
    for n in range(int((end - start) / PIECE_S)):
        since = start + n * PIECE_S
        truths = [replace(row, t=since) for row in _last_truths(rows, since)]
        within = [row for row in rows if since <= row.t < since + PIECE_S and not isinstance(row, Truth)]
        ends = [replace(row, t=since + PIECE_S) for row in truths]
        yield replace(head, recording=f"{head.recording}#{n}"), [*truths, *within, *ends]


def minutes(head: Head, rows: Iterable[Row], said: Iterable[Event]) -> Iterator[tuple[Unit, Tally]]:
    """What was said of each customer, minute by minute: the units of which an interval of a room's numbers is made."""
    truths: dict[str, list[Truth]] = defaultdict(list)
    events: dict[str, list[Event]] = defaultdict(list)
    end = 0.0
    for event in said:
        events[event.moment.customer].append(event)
    for row in rows:
        end = max(end, row.t)
        if isinstance(row, Truth):
            truths[row.customer or next(iter(events), "?")].append(row)
    for customer, stretches in truths.items():
        mine, times = events[customer], [event.t for event in events[customer]]
        starts = [row.t for row in stretches]
        for n in range(int((end - starts[0]) / MINUTE_S) + 1):
            since, until = starts[0] + n * MINUTE_S, min(end, starts[0] + (n + 1) * MINUTE_S)
            here = stretches[bisect_right(starts, since) - 1]
            later = stretches[bisect_right(starts, since) : bisect_left(starts, until)]
            within = [Truth(since, here.truth, customer), *(Truth(r.t, r.truth, customer) for r in later)]
            if all(row.truth in (None, STREET) for row in within):
                continue
            first = bisect_right(times, since)
            before = [_still(mine[first - 1], since)] if first else []
            then = mine[first : bisect_left(times, until)]
            ends = Truth(until, within[-1].truth, customer)
            for tally in tallies(head, [*within, ends], [*before, *then]):
                yield (head.recording, customer, n), tally


def _still(event: Event, t: float) -> Event:
    """What was said before and holds, as if it were said now; no news, so that it counts as no move."""
    moment = event.moment
    return Event(t, replace(moment, kind="arrived") if moment.kind == "moved" else moment)


def _last_truths(rows: Iterable[Row], since: float) -> list[Truth]:
    last: dict[str | None, Truth] = {}
    for row in rows:
        if isinstance(row, Truth) and (row.t <= since or row.customer not in last):
            last[row.customer] = row
    return list(last.values())


def _truths(rows: Iterable[Row]) -> dict[str | None, list[str | None]]:
    """Where each customer is, one after another."""
    found: dict[str | None, list[str | None]] = defaultdict(list)
    for row in rows:
        if isinstance(row, Truth) and (not found[row.customer] or found[row.customer][-1] != row.truth):
            found[row.customer].append(row.truth)
    return found


def _inside(rows: Iterable[Row]) -> bool:
    return any(isinstance(row, Truth) and row.truth not in (None, STREET) for row in rows)


def _never_inside(rows: Iterable[Row]) -> bool:
    return any(set(each) <= {None, STREET} and STREET in each for each in _truths(rows).values())


def _changes(rows: Iterable[Row]) -> bool:
    return any(len(each) > 1 for each in _truths(rows).values())


def _leaves(places: Sequence[str | None]) -> bool:
    """Is somebody surely outside after being inside?"""
    was_inside = False
    for place in places:
        if place == STREET and was_inside:
            return True
        was_inside = was_inside or place not in (None, STREET)
    return False
