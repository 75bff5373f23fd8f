"""Ours after it has learnt a place: each recording is played by what other recordings of the same place have taught.

What teaches is a recording with labels, as staff give them: "this customer is here now", so many a zone. How labels
become what is known of a venue comes in as ``Taught``: ``ours``, or another way to be compared with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from random import Random
from typing import Protocol, cast

from benchmarks.accuracy_sets import Recorded, Set
from gateway.recognition.labels import Label as Greeting
from gateway.recognition.learnt import Learnt
from gateway.recognition.recording import Head, Read, Row, Truth
from gateway.recognition.replay import Event, play

PER_ZONE = 20
SURE_S = 3.0  # who has been in a zone for a shorter time, or will be, is not asked about
NIGHT_S = 3600.0  # between one recording and the next of those that teach
FOLDS = 5

Player = Callable[[Head, Sequence[Row]], Iterable[Event]]
Unit = tuple[str, str]  # one customer of one recording


class Taught(Protocol):
    """What plays recordings of a place after another recording of it has been used for labels."""

    def __call__(self, head: Head, rows: Sequence[Row], per_zone: int = PER_ZONE) -> Player:
        """A player that knows what ``per_zone`` labels in each zone of this recording have told."""
        ...


@dataclass(frozen=True, slots=True)
class Label:
    """What staff confirm: at this time (s) this customer is in this zone, or in the street (``outside``)."""

    t: float
    customer: str
    zone: str


def labels(
    head: Head, rows: Sequence[Row], per_zone: int = PER_ZONE, *, wrong: float = 0.0, seed: int = 1
) -> list[Label]:
    """So many moments a zone (and in the street), drawn from the truth, in order of time; a share names a wrong zone.

    No more than there are: a stay of a minute gives twenty labels that are hardly worth more than one.
    """
    rng = Random(f"{seed}/{head.recording}")
    only = _only_customer(head, rows)
    stays: dict[str, list[tuple[float, float, str]]] = defaultdict(list)
    for customer, start, end, zone in _stays(rows):
        if end - start > 2 * SURE_S:
            stays[zone].append((start + SURE_S, end - SURE_S, customer or only))
    found = []
    for zone, spans in sorted(stays.items()):
        lengths = [end - start for start, end, _ in spans]
        for start, end, customer in rng.choices(spans, lengths, k=per_zone):
            others = [z for z in sorted(stays) if z != zone]
            said = rng.choice(others) if others and rng.random() < wrong else zone
            found.append(Label(rng.uniform(start, end), customer, said))
    return sorted(found, key=lambda label: label.t)


def ours(head: Head, rows: Sequence[Row], per_zone: int = PER_ZONE) -> Player:
    """Ours, taught as a venue is: by cards that were closed as greeted. Nobody labels the street."""
    learnt = Learnt(head.plan())
    greeted = [
        Greeting(label.customer, label.zone, label.t, "greeted")
        for label in labels(head, rows, per_zone)
        if label.zone in head.zones
    ]
    for _ in play(head, rows, learnt=learnt, labels=greeted):
        pass
    document = learnt.document()

    def player(head: Head, rows: Sequence[Row]) -> Iterable[Event]:
        again = Learnt(head.plan())
        again.take_back(document)
        return play(head, rows, learnt=again)

    return player


def named(name: str) -> Taught:
    """The ``Taught`` that a module holds, as ``module:function``."""
    module, _, function = name.partition(":")
    return cast(Taught, getattr(import_module(module), function))


def after_learning(of: Set, taught: Taught, per_zone: int = PER_ZONE) -> Iterator[tuple[Head, Sequence[Row], Player]]:
    """The customers of a set in a few parts, each with a player that the others of the same place have taught."""
    units = list(dict.fromkeys(unit for recording in (*of.lessons, *of.recorded) for unit in _units(recording)))
    folds = [set(units[n::FOLDS]) for n in range(min(FOLDS, len(units)))]
    for held in folds:
        players: list[tuple[Head, Player]] = []
        for recording in of.recorded:
            mine = _only(recording, held)
            if mine is None:
                continue
            head, rows = mine
            player = next((p for h, p in players if (h.readers, h.roles) == (head.readers, head.roles)), None)
            if player is None:
                same = [r for r in of.lessons if (r[0].readers, r[0].roles) == (head.readers, head.roles)]
                lessons = [r for r in (_only(each, set(units) - held) for each in same) if r is not None]
                if not lessons:
                    continue
                player = taught(*joined(lessons), per_zone=per_zone)
                players.append((head, player))
            yield head, rows, player


def joined(recorded: Sequence[Recorded]) -> Recorded:
    """Recordings of one place as one, one after another; each has customers and things of its own."""
    rows: list[Row] = []
    customers: dict[str, list[str]] = {}
    begins = 0.0
    for n, (head, each) in enumerate(recorded):
        if not each:
            continue
        owners = head.customers or {_only_customer(head, each): sorted({r.id for r in each if isinstance(r, Read)})}
        customers |= {f"{n}/{customer}": [_renamed(i, n) for i in ids] for customer, ids in owners.items()}
        only = next(iter(owners))
        shift = begins - each[0].t
        for row in each:
            if isinstance(row, Read):
                rows.append(replace(row, t=row.t + shift, id=_renamed(row.id, n)))
            elif isinstance(row, Truth):
                rows.append(replace(row, t=row.t + shift, customer=f"{n}/{row.customer or only}"))
            else:
                rows.append(replace(row, t=row.t + shift))
        begins = rows[-1].t + NIGHT_S
    first = recorded[0][0]
    return replace(first, recording="+".join(head.recording for head, _ in recorded), customers=customers), rows


def _renamed(identifier: str, n: int) -> str:
    """The same kind of thing, another one; a phone's key stays hexadecimal."""
    return f"{identifier[:-4]}{n:04x}" if identifier.startswith("irk:") else f"{identifier}/{n}"


def _units(recording: Recorded) -> list[Unit]:
    """Everybody in a recording; of one that was cut into pieces they are the same in each."""
    head, rows = recording
    name = head.recording.partition("#")[0]
    return [(name, customer) for customer in head.customers or [_only_customer(head, rows)]]


def _only(recording: Recorded, kept: set[Unit]) -> Recorded | None:
    """A recording with nobody but these; None where none of them is in it."""
    head, rows = recording
    theirs = [customer for unit in _units(recording) if unit in kept for customer in unit[1:]]
    if not theirs:
        return None
    if len(theirs) == len(_units(recording)):
        return recording
    customers = {customer: head.customers[customer] for customer in theirs}
    ids = {i for each in customers.values() for i in each}
    within = [
        r for r in rows if (r.id in ids if isinstance(r, Read) else not isinstance(r, Truth) or r.customer in customers)
    ]
    return replace(head, customers=customers), within


def _stays(rows: Iterable[Row]) -> Iterator[tuple[str | None, float, float, str]]:
    """Who is where from when until when, as far as it is known."""
    now: dict[str | None, tuple[float, str | None]] = {}
    end = 0.0
    for row in rows:
        end = row.t
        if isinstance(row, Truth):
            since, where = now.get(row.customer, (row.t, row.truth))
            if row.customer in now and where != row.truth and where is not None:
                yield row.customer, since, row.t, where
            now[row.customer] = (since, where) if row.customer in now and where == row.truth else (row.t, row.truth)
    for customer, (since, where) in now.items():
        if where is not None and end > since:
            yield customer, since, end, where


def _only_customer(head: Head, rows: Iterable[Row]) -> str:
    """Whom truth means that names nobody: the one customer, or the one thing there is."""
    return next(iter(head.customers), "") or next((row.id for row in rows if isinstance(row, Read)), "?")
