"""The rules in common use for "has somebody come in?" and "have they left?", each over its whole range of settings."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from statistics import mean

from benchmarks.accuracy_rules import by_customer, told
from gateway.recognition.recording import STREET, Head, Read, Row, Truth
from gateway.recognition.replay import Event

ANEW_S = 600.0  # who was not heard at all for so long comes anew

READS = (1, 2, 3, 4, 6)
WINDOWS_S = (2.0, 4.0, 8.0, 15.0, 30.0)
LOUDER_DB = (0.0, 2.0, 4.0, 6.0, 10.0)
IN_A_ROW = (1, 2, 3, 5, 8)
SILENCES_S = (10.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 180.0, 300.0, 600.0, 900.0)
AT_THE_DOOR_S = (10.0, 30.0, 60.0)

Play = Callable[[Head, Sequence[Row]], Iterable[Event]]


@dataclass(frozen=True, slots=True)
class DoorRule:
    """One rule at one setting, which plays a whole recording."""

    family: str
    setting: str
    play: Play


def arrival_rules() -> list[DoorRule]:
    """Every rule for who comes in past a door, at every setting."""
    found = [
        DoorRule("so many reads at the inner reader within a time", f"{k} in {w:g} s", _entering(_reads_within(k, w)))
        for k in READS
        for w in WINDOWS_S
    ]
    found += [
        DoorRule(
            "so many reads, the inner reader louder", f"{k} in {w:g} s, {x:g} dB", _entering(_louder_within(k, w, x))
        )
        for k in READS
        for w in WINDOWS_S
        for x in LOUDER_DB
    ]
    return found + [
        DoorRule(
            "inner reader louder so many times in a row", f"{n} times, {x:g} dB", _entering(_louder_in_a_row(n, x))
        )
        for n in IN_A_ROW
        for x in LOUDER_DB
    ]


def departure_rules() -> list[DoorRule]:
    """Every rule for who has left, at every setting."""
    found = [DoorRule("silence of all readers", f"{s:g} s", _leaving(s, s)) for s in SILENCES_S]
    found += [DoorRule("silence of the readers inside", f"{s:g} s", _leaving(s, s, inside=True)) for s in SILENCES_S]
    return found + [
        DoorRule("silence, shorter if the outer reader was loudest last", f"{s:g} s, {d:g} s", _leaving(s, d))
        for s in SILENCES_S
        for d in AT_THE_DOOR_S
        if d < s
    ]


Sure = Callable[[Sequence[Read], Sequence[Read]], bool]
"""From the reads of the inner and of the outer reader until now, the last one at the end: are they in?"""


def _reads_within(k: int, seconds: float) -> tuple[float, Sure]:
    return seconds, lambda inner, outer: len(inner) >= k


def _louder_within(k: int, seconds: float, louder_db: float) -> tuple[float, Sure]:
    def sure(inner: Sequence[Read], outer: Sequence[Read]) -> bool:
        if len(inner) < k:
            return False
        return not outer or mean(map(_level, inner)) - mean(map(_level, outer)) >= louder_db

    return seconds, sure


def _louder_in_a_row(n: int, louder_db: float) -> tuple[float, Sure]:
    """Each of the last reads of the inner reader is louder than what the outer one heard last before it."""

    def sure(inner: Sequence[Read], outer: Sequence[Read]) -> bool:
        if len(inner) < n:
            return False
        for read in list(inner)[-n:]:
            before = next((_level(o) for o in reversed(outer) if o.t <= read.t), -inf)
            if _level(read) - before < louder_db:
                return False
        return True

    return WINDOWS_S[-1], sure


def _entering(rule: tuple[float, Sure]) -> Play:
    """Tells an arrival when the rule is sure for the first time, and after a long silence anew."""
    seconds, sure = rule

    def play(head: Head, rows: Sequence[Row]) -> Iterator[Event]:
        pair = {reader: _role(head, reader) for reader in head.readers}
        door = {reader for reader, role in pair.items() if role in ("inner", "outer")}
        for customer, heard in by_customer(head, rows, door).items():
            inner: deque[Read] = deque()
            outer: deque[Read] = deque()
            present, last = False, -inf
            for read in heard:
                present = present and read.t - last < ANEW_S
                last = read.t
                (inner if pair[read.reader] == "inner" else outer).append(read)
                for window in (inner, outer):
                    while window and window[0].t < read.t - seconds:
                        window.popleft()
                if not present and pair[read.reader] == "inner" and sure(inner, outer):
                    present = True
                    yield Event(read.t, told("arrived", customer, head.readers[read.reader], read.t, "door"))

    return play


def _leaving(silence_s: float, outside_s: float, *, inside: bool = False) -> Play:
    """Here until a silence of so long, less long where the outer reader was loudest last.

    Who is inside it is told, also that they still are after it was wrong: it has nothing to do but to notice who left.
    """

    def play(head: Head, rows: Sequence[Row]) -> Iterator[Event]:
        outer = {reader for reader in head.readers if _role(head, reader) == "outer"}
        listening = set(head.readers) - outer if inside else set(head.readers)
        end = max((row.t for row in rows), default=0.0)
        truths = _truths(rows)
        for customer, heard in by_customer(head, rows, listening).items():
            truth = truths.get(customer) or truths.get(None, ([], []))
            until: float | None = None
            recent: deque[Read] = deque()
            for read in heard:
                if until is not None and read.t > until:
                    yield Event(until, told("departed", customer, None, until, "silence"))
                    until = None
                recent.append(read)
                while recent[0].t < read.t - 3.0:
                    recent.popleft()
                if until is None and _inside(truth, read.t):
                    yield Event(read.t, told("arrived", customer, head.readers[read.reader], read.t, "first read"))
                    until = read.t
                if until is not None:
                    loudest = max(recent, key=_level).reader
                    until = read.t + (outside_s if loudest in outer else silence_s)
            if until is not None and until <= end:
                yield Event(until, told("departed", customer, None, until, "silence"))

    return play


def _truths(rows: Iterable[Row]) -> dict[str | None, tuple[list[float], list[bool]]]:
    """When each customer (None: the only one) went in or out; near a border they are where they were before."""
    found: dict[str | None, tuple[list[float], list[bool]]] = defaultdict(lambda: ([], []))
    for row in rows:
        if isinstance(row, Truth) and row.truth is not None:
            starts, inside = found[row.customer]
            starts.append(row.t)
            inside.append(row.truth != STREET)
    return found


def _inside(truth: tuple[list[float], list[bool]], t: float) -> bool:
    n = bisect_right(truth[0], t)
    return n > 0 and truth[1][n - 1]


def _role(head: Head, reader: str) -> str:
    return head.roles.get(reader, "outer" if head.readers[reader] == STREET else "zone")


def _level(read: Read) -> float:
    return -inf if read.rssi is None else read.rssi
