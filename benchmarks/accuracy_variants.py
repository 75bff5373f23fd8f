"""Recordings as they might have been elsewhere: fewer reads, fewer readers, other zones, other clocks, the way back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from random import Random

from gateway.recognition.recording import Head, Read, Row, Truth

Recorded = tuple[Head, Sequence[Row]]
Change = Callable[[Head, Sequence[Row], Random], Recorded]

FAINTEST_DBM = -95.0
TOGETHER_S = 0.05  # reads of one transmission


def variants(recorded: Sequence[Recorded], name: str, draws: int | None = None) -> Iterator[Recorded]:
    """These recordings changed in this way, as often as it takes draws, the same each time."""
    change, usual = CHANGES[name]
    for draw in range(draws or usual):
        for head, rows in recorded:
            yield change(head, rows, Random(f"{name}/{draw}/{head.recording}"))


def as_recorded(head: Head, rows: Sequence[Row], rng: Random) -> Recorded:
    """Nothing changed."""
    return head, rows


def lost(share: float) -> Change:
    """Each read is lost with this probability, whatever happens to the others."""
    return lambda head, rows, rng: (head, [r for r in rows if not isinstance(r, Read) or rng.random() >= share])


def silent(share: float) -> Change:
    """Whole transmissions are lost: no reader hears them, as of a thing that speaks more seldom."""

    def change(head: Head, rows: Sequence[Row], rng: Random) -> Recorded:
        kept: list[Row] = []
        last, keep = float("-inf"), True
        for row in rows:
            if isinstance(row, Read):
                if row.t - last > TOGETHER_S:
                    keep = rng.random() >= share
                last = row.t
            if keep or not isinstance(row, Read):
                kept.append(row)
        return head, kept

    return change


def readers_left(least: int, most: int) -> Change:
    """Only so many readers of each zone are left."""

    def change(head: Head, rows: Sequence[Row], rng: Random) -> Recorded:
        kept: set[str] = set()
        for zone in head.zones:
            here = sorted(r for r, z in head.readers.items() if z == zone)
            kept.update(rng.sample(here, min(len(here), rng.randint(least, most))))
        return _only(kept, head, rows)

    return change


def one_gone(head: Head, rows: Sequence[Row], rng: Random) -> Recorded:
    """One reader was never there; not the only one of its zone."""
    zones = list(head.readers.values())
    spare = [reader for reader, zone in sorted(head.readers.items()) if zones.count(zone) > 1]
    return _only(set(head.readers) - set(rng.sample(spare, min(1, len(spare)))), head, rows)


def joined(zones: int) -> Change:
    """Neighbouring zones are one, until so many are left; a border within one zone is none."""

    def change(head: Head, rows: Sequence[Row], rng: Random) -> Recorded:
        name = {zone: zone for zone in head.zones}
        while len(set(name.values())) > zones:
            one, other = rng.choice(_neighbours(head, name))
            name = {zone: one if now == other else now for zone, now in name.items()}
        changed = replace(
            head, zones=sorted(set(name.values())), readers={r: name.get(str(z)) for r, z in head.readers.items()}
        )
        return changed, _renamed(rows, name)

    return change


def offsets(db: float) -> Change:
    """Each reader hears so much better or worse than it did, at most."""

    def change(head: Head, rows: Sequence[Row], rng: Random) -> Recorded:
        off = {reader: rng.uniform(-db, db) for reader in sorted(head.readers)}
        return head, [
            r if not isinstance(r, Read) or r.rssi is None else replace(r, rssi=r.rssi + round(off[r.reader]))
            for r in rows
        ]

    return change


def weaker(db: float) -> Change:
    """Another thing, in another pocket: heard so much worse everywhere, and not at all where it was faint."""

    def change(head: Head, rows: Sequence[Row], rng: Random) -> Recorded:
        quiet = [r if not isinstance(r, Read) or r.rssi is None else replace(r, rssi=r.rssi - db) for r in rows]
        return head, [r for r in quiet if not isinstance(r, Read) or r.rssi is None or r.rssi > FAINTEST_DBM]

    return change


def clocks(seconds: float) -> Change:
    """The readers' clocks differ by so much (normal deviation)."""

    def change(head: Head, rows: Sequence[Row], rng: Random) -> Recorded:
        off = {reader: rng.gauss(0.0, seconds) for reader in sorted(head.readers)}
        return head, [replace(r, t=r.t + off[r.reader]) if isinstance(r, Read) else r for r in rows]

    return change


def jittered(seconds: float) -> Change:
    """Each read is stamped up to so much later."""

    def change(head: Head, rows: Sequence[Row], rng: Random) -> Recorded:
        late = [replace(r, t=r.t + rng.uniform(0.0, seconds)) if isinstance(r, Read) else r for r in rows]
        return head, sorted(late, key=lambda row: row.t)

    return change


def repeated(share: float) -> Change:
    """Some reads come twice, a few of them 45 times, as a broker sends them again."""

    def change(head: Head, rows: Sequence[Row], rng: Random) -> Recorded:
        again: list[Row] = []
        for row in rows:
            more = rng.choice((1, 1, 1, 1, 44)) if isinstance(row, Read) and rng.random() < share else 0
            again += [row] * (1 + more)
        return head, again

    return change


def in_bursts(seconds: float) -> Change:
    """Each reader keeps what it hears and sends it in one go every so often, with the times of hearing."""

    def change(head: Head, rows: Sequence[Row], rng: Random) -> Recorded:
        phase = {reader: rng.uniform(0.0, seconds) for reader in sorted(head.readers)}

        def comes(row: Row) -> float:
            if not isinstance(row, Read):
                return row.t
            return row.t + seconds - (row.t - phase[row.reader]) % seconds

        return head, sorted(rows, key=comes)

    return change


def reversed_in_time(head: Head, rows: Sequence[Row], rng: Random) -> Recorded:
    """The same way back: radio does not mind."""
    truths = [row for row in rows if isinstance(row, Truth)]
    both = rows[0].t + max(row.t for row in rows)
    back: list[Row] = [replace(row, t=both - row.t) for row in rows if isinstance(row, Read)]
    back += [replace(truth, t=both - after.t) for truth, after in pairwise(truths)]
    back += [replace(truth, t=rows[0].t) for truth in truths[-1:]]
    return head, sorted(back, key=lambda row: row.t)


def paced(factor: float) -> Change:
    """So much slower, the thing's announcements too."""
    return lambda head, rows, rng: (head, [replace(r, t=rows[0].t + (r.t - rows[0].t) * factor) for r in rows])


CHANGES: Mapping[str, tuple[Change, int]] = {
    "as recorded": (as_recorded, 1),
    "the way back": (reversed_in_time, 1),
    "30 % of reads lost": (lost(0.3), 2),
    "50 % of reads lost": (lost(0.5), 3),
    "70 % of reads lost": (lost(0.7), 5),
    "85 % of reads lost": (lost(0.85), 5),
    "50 % of transmissions lost": (silent(0.5), 3),
    "70 % of transmissions lost": (silent(0.7), 4),
    "one reader gone": (one_gone, 8),
    "two readers a zone": (readers_left(2, 2), 6),
    "one reader a zone": (readers_left(1, 1), 8),
    "one to three readers a zone": (readers_left(1, 3), 6),
    "three zones": (joined(3), 4),
    "two zones": (joined(2), 3),
    "readers off by up to 6 dB": (offsets(6.0), 6),
    "6 dB weaker": (weaker(6.0), 1),
    "12 dB weaker": (weaker(12.0), 1),
    "clocks off by 0.3 s": (clocks(0.3), 2),
    "clocks off by 1 s": (clocks(1.0), 3),
    "stamped up to 1 s late": (jittered(1.0), 2),
    "some reads repeated": (repeated(0.05), 1),
    "sent every 1 s": (in_bursts(1.0), 1),
    "sent every 3 s": (in_bursts(3.0), 1),
    "twice as fast": (paced(0.5), 1),
    "half as fast": (paced(2.0), 1),
}
"""What is done to the recordings, and how many draws of it."""


def _only(kept: set[str], head: Head, rows: Sequence[Row]) -> Recorded:
    fewer = replace(head, readers={r: z for r, z in head.readers.items() if r in kept})
    return fewer, [row for row in rows if not isinstance(row, Read) or row.reader in kept]


def _renamed(rows: Sequence[Row], name: Mapping[str, str]) -> list[Row]:
    """Truth in the new names; between two stretches in one new zone there was no border."""
    truths = [replace(r, truth=name.get(r.truth or "", r.truth)) for r in rows if isinstance(r, Truth)]
    for n in range(1, len(truths) - 1):
        if truths[n].truth is None and truths[n - 1].truth == truths[n + 1].truth:
            truths[n].truth = truths[n - 1].truth
    return sorted([*(r for r in rows if isinstance(r, Read)), *truths], key=lambda row: row.t)


def _neighbours(head: Head, name: Mapping[str, str]) -> list[tuple[str, str]]:
    """Pairs of zones whose readers' middles are nearest: a zone's neighbours, where positions are known."""
    middles = {}
    for zone in sorted(set(name.values())):
        places = [
            head.positions_m[r] for r, z in head.readers.items() if name[str(z)] == zone and r in head.positions_m
        ]
        middles[zone] = [sum(axis) / len(places) for axis in zip(*places, strict=True)] if places else [0.0]
    pairs = [(a, b) for a in middles for b in middles if a < b]
    apart = {(a, b): sum((x - y) ** 2 for x, y in zip(middles[a], middles[b], strict=True)) for a, b in pairs}
    near = min(apart.values())
    return [pair for pair in pairs if apart[pair] <= 2.0 * near + 1.0] if len(pairs) > 1 else pairs
