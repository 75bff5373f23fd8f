"""The rules in common use for "which room?", each over its whole range of settings, to be scored like ours.

They are given every advantage: nobody they follow is ever lost, and each is shown at the setting that suits it best.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp

from gateway.recognition.moments import Kind, Moment
from gateway.recognition.recording import STREET, Head, Read, Row
from gateway.recognition.replay import Event

TICK_S = 0.5
ONE_TRANSMISSION_S = 0.1
UNHEARD_DBM = -100.0
STALE_S = 30.0

Zones = Mapping[str, str | None]
Choose = Callable[[Zones, Iterable[Read]], Iterator[tuple[float, str]]]
"""From the reads of one thing to where the rule says it is, each time that it looks."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule at one setting."""

    family: str
    setting: str
    choose: Choose


def play_rule(rule: Rule, head: Head, rows: Sequence[Row]) -> Iterator[Event]:
    """What the rule would have told, for each customer, as ``replay.play`` tells it of ours."""
    in_rooms = {reader for reader, zone in head.readers.items() if zone not in (None, STREET)}
    for customer, heard in by_customer(head, rows, in_rooms).items():
        before: str | None = None
        for t, zone in rule.choose(head.readers, heard):
            if zone != before:
                yield Event(t, told("arrived" if before is None else "moved", customer, zone, t, rule.family))
                before = zone


def by_customer(head: Head, rows: Iterable[Row], readers: Container[str]) -> dict[str, list[Read]]:
    """What these readers heard of each customer, whatever they carry; reads without a level are of no use to a rule."""
    owner = {identifier: customer for customer, ids in head.customers.items() for identifier in ids}
    reads: dict[str, list[Read]] = defaultdict(list)
    for row in rows:
        if isinstance(row, Read) and row.reader in readers and row.rssi is not None:
            reads[owner.get(row.id, row.id)].append(row)
    return reads


def told(kind: Kind, customer: str, zone: str | None, t: float, rule: str) -> Moment:
    """A moment as a rule tells it: sure of itself, and without more reason than the rule."""
    return Moment(kind, customer, "", zone, t, t, 1.0, rule)


def rules() -> list[Rule]:
    """Every rule at every setting, from the most restless to the most sluggish."""
    found = [Rule("last reader to hear", "", last_heard)]
    found += [Rule("loudest reader of a window", f"{w:g} s", loudest_within(w)) for w in WINDOWS_S]
    found += [Rule("room with the best mean of a window", f"{w:g} s", best_mean_within(w)) for w in WINDOWS_S]
    found += [Rule("most votes of a window", f"{w:g} s", most_votes_within(w)) for w in WINDOWS_S]
    found += [Rule("same room n times in a row", f"{n} s", in_a_row(n)) for n in (1, 2, 3, 5, 8, 15)]
    found += [Rule("loudest in n transmissions in a row", f"{n}", loudest_in_a_row(n)) for n in (1, 2, 3, 5, 8, 15)]
    found += [Rule("louder by a margin, or the old one stale", f"{db:g} dB", switch_by(db)) for db in MARGINS_DB]
    for db in (0.0, 2.0, 4.0, 6.0):
        found += [Rule(f"smoothed level, {db:g} dB hysteresis", f"{tau:g} s", smoothed(tau, db)) for tau in SMOOTHED_S]
    return found


WINDOWS_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
SMOOTHED_S = (1.0, 2.0, 4.0, 8.0, 15.0)
MARGINS_DB = (4.0, 8.0, 12.0, 16.0, 20.0)


def last_heard(zones: Zones, reads: Iterable[Read]) -> Iterator[tuple[float, str]]:
    """Whoever heard it last is where it is: the commonest rule of all."""
    for read in reads:
        yield read.t, str(zones[read.reader])


def loudest_within(seconds: float) -> Choose:
    """The room of the loudest read of the last seconds."""
    return _windowed(seconds, lambda zones, window: str(zones[max(window, key=_level).reader]))


def best_mean_within(seconds: float) -> Choose:
    """The room of the reader that heard it best on the average of the last seconds."""

    def best(zones: Zones, window: Sequence[Read]) -> str:
        sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for read in window:
            sums[read.reader][0] += _level(read)
            sums[read.reader][1] += 1.0
        return str(zones[max(sums, key=lambda r: sums[r][0] / sums[r][1])])

    return _windowed(seconds, best)


def most_votes_within(seconds: float) -> Choose:
    """The room that was loudest in most of the transmissions of the last seconds."""

    def elect(zones: Zones, window: Sequence[Read]) -> str:
        return Counter(str(zones[max(each, key=_level).reader]) for each in _transmissions(window)).most_common(1)[0][0]

    return _windowed(seconds, elect)


def in_a_row(times: int) -> Choose:
    """The room that was loudest in each of the last so many seconds; until then the one before."""

    def choose(zones: Zones, reads: Iterable[Read]) -> Iterator[tuple[float, str]]:
        same: deque[str] = deque(maxlen=times)
        for t, zone in loudest_within(1.0)(zones, reads):
            if t % 1.0 >= TICK_S:
                continue
            same.append(zone)
            if len(same) == times and len(set(same)) == 1:
                yield t, zone

    return choose


def loudest_in_a_row(times: int) -> Choose:
    """The room that was loudest in each of the last so many transmissions; until then the one before."""

    def choose(zones: Zones, reads: Iterable[Read]) -> Iterator[tuple[float, str]]:
        same: deque[str] = deque(maxlen=times)
        for each in _transmissions(reads):
            same.append(str(zones[max(each, key=_level).reader]))
            if len(same) == times and len(set(same)) == 1:
                yield each[-1].t, same[-1]

    return choose


def switch_by(margin_db: float) -> Choose:
    """A reader takes over when one read is louder by a margin than the last of the present one, or that is stale."""

    def choose(zones: Zones, reads: Iterable[Read]) -> Iterator[tuple[float, str]]:
        present: Read | None = None
        for read in reads:
            if (
                present is None
                or read.reader == present.reader
                or read.t - present.t > STALE_S
                or _level(read) > _level(present) + margin_db
            ):
                present = read
                yield read.t, str(zones[read.reader])

    return choose


def smoothed(tau_s: float, margin_db: float) -> Choose:
    """An exponential mean per reader; another room takes over when its best is better by a margin."""

    def choose(zones: Zones, reads: Iterable[Read]) -> Iterator[tuple[float, str]]:
        levels: dict[str, tuple[float, float]] = {}
        present: str | None = None
        for read in reads:
            level, at = levels.get(read.reader, (_level(read), read.t))
            level += (1.0 - exp(-(read.t - at) / tau_s)) * (_level(read) - level)
            levels[read.reader] = (level, read.t)
            best: dict[str, float] = {}
            for reader, (mean, heard_at) in levels.items():
                if read.t - heard_at < STALE_S:
                    zone = str(zones[reader])
                    best[zone] = max(best.get(zone, UNHEARD_DBM), mean)
            top = max(best, key=best.__getitem__)
            if present is None or best[top] > best.get(present, UNHEARD_DBM) + margin_db:
                present = top
            yield read.t, present

    return choose


def _windowed(seconds: float, decide: Callable[[Zones, Sequence[Read]], str]) -> Choose:
    """Looks at the reads of the last seconds, twice a second; says nothing of a window that holds none."""

    def choose(zones: Zones, reads: Iterable[Read]) -> Iterator[tuple[float, str]]:
        window: deque[Read] = deque()
        look_at: float | None = None
        for read in reads:
            if look_at is None:
                look_at = read.t - read.t % TICK_S + TICK_S
            while look_at <= read.t:
                while window and window[0].t <= look_at - seconds:
                    window.popleft()
                if window:
                    yield look_at, decide(zones, window)
                look_at += TICK_S
            window.append(read)

    return choose


def _transmissions(window: Iterable[Read]) -> Iterator[list[Read]]:
    """The reads that belong to one transmission each, by their times."""
    each: list[Read] = []
    for read in window:
        if each and read.t - each[0].t > ONE_TRANSMISSION_S:
            yield each
            each = []
        each.append(read)
    if each:
        yield each


def _level(read: Read) -> float:
    return UNHEARD_DBM if read.rssi is None else read.rssi
