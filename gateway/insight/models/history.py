"""What a house saw of everybody, as arrays: a million customers with ten million contact days fit into memory.

Days are ordinals. Who is not in it is known to no model: put only those in who agree to ``insight``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gateway.insight.models.arrays import Flags, Floats, floats
from gateway.insight.rhythm import LONGEST, USUAL

Ints = NDArray[np.int64]
Days = NDArray[np.int32]
NEVER = 2**31 - 1
PART = 1_000_000  # contact days looked at in one go, where a whole array of them would be copied
FLAGS = ("open_complaint", "promise_broken", "asked_twice", "associate_gone", "tie_gone_quiet")


@dataclass(frozen=True, slots=True)
class Spans:
    """From when until when something held of somebody; of what still does, the end is ``NEVER``."""

    who: Ints
    begin: Days
    end: Days

    def at(self, on: int, customers: int) -> Floats:
        """1 of whom it holds on the day before ``on``, else 0: what is not known yet is not looked at."""
        holds = (self.begin < on) & (self.end >= on)
        found = np.zeros(customers)
        found[self.who[holds]] = 1.0
        return found


@dataclass(frozen=True, slots=True)
class History:
    """Contact days by customer, and margins by day."""

    customers: int
    days: Days
    """All contact days, by customer and in order, each once."""
    starts: Ints
    """Where each customer's begin; one more than there are customers."""
    paid_who: Ints
    paid_on: Days
    paid: Floats
    """Margins in minor units."""
    flags: Mapping[str, Spans] = field(default_factory=dict)

    def counts(self, on: int) -> Ints:
        """How many contact days each had before ``on``."""
        seen = np.zeros(len(self.days) + 1, np.int32)
        np.cumsum(self.days < on, dtype=np.int32, out=seen[1:])
        return np.diff(seen[self.starts]).astype(np.int64)

    def margins(self, begin: int, end: int) -> Floats:
        """What each brought in [begin, end)."""
        within = (self.paid_on >= begin) & (self.paid_on < end)
        return floats(np.bincount(self.paid_who[within], self.paid[within], self.customers))

    def first(self) -> Days:
        """The first contact day of each, ``NEVER`` where there is none."""
        some = self.starts[1:] > self.starts[:-1]
        found = np.full(self.customers, NEVER, np.int32)
        found[some] = self.days[self.starts[:-1][some]]
        return found

    def begins(self) -> int:
        """The first day of all; 0 where nobody ever came."""
        return int(self.days.min()) if len(self.days) else 0


def history(
    contact_days: Sequence[Sequence[int]],
    paid: Iterable[tuple[int, int, int]] = (),
    flags: Mapping[str, Iterable[tuple[int, int, int]]] | None = None,
) -> History:
    """Of lists: the contact days of each customer in order; (customer's place, day, margin); (place, begin, end)."""
    lengths = np.fromiter((len(days) for days in contact_days), np.int64, len(contact_days))
    days = np.fromiter((day for each in contact_days for day in each), np.int32, int(lengths.sum()))
    rows = np.array(list(paid), np.int64).reshape(-1, 3)
    spans = {}
    for name, of in (flags or {}).items():
        held = np.array(list(of), np.int64).reshape(-1, 3)
        spans[name] = Spans(held[:, 0], held[:, 1].astype(np.int32), held[:, 2].astype(np.int32))
    starts = np.concatenate(([0], np.cumsum(lengths)))
    return History(len(lengths), days, starts, rows[:, 0], rows[:, 1].astype(np.int32), floats(rows[:, 2]), spans)


@dataclass(frozen=True, slots=True)
class Known:
    """What was known of everybody who had come before a day."""

    on: int
    who: Ints
    """Their places in the history."""
    contacts: Floats
    silent: Floats
    age: Floats
    ratio: Floats
    """Silent by the usual gap, as the plain rule has it."""
    margin: Floats
    """All that they brought, in minor units."""

    def rules(self) -> dict[str, Floats]:
        """The plain orders, plainest first; the larger, the likelier to be gone."""
        return {"silent": self.silent, "silent_by_contacts": self.silent / self.contacts, "ratio": self.ratio}


def known(of: History, on: int) -> Known:
    """Everybody who came before ``on``."""
    counts = of.counts(on)
    who = np.flatnonzero(counts)
    begin = of.starts[:-1][who]
    last = begin + counts[who] - 1
    silent = on - of.days[last].astype(np.float64)
    twice, gaps, since = _gaps(of, on, last)
    ratio = silent * (2 + gaps) / (twice + since)
    age = on - of.days[begin].astype(np.float64)
    margin = of.margins(0, on)[who]
    return Known(on, who, counts[who].astype(np.float64), silent, age, ratio, margin)


def _gaps(of: History, on: int, last: Ints) -> tuple[int, Floats, Floats]:
    """Twice the house's gap before ``on``; of each, how many gaps they have since they began anew, and their sum."""
    if not len(of.days):
        return 2 * USUAL, floats([]), floats([])
    gap = np.diff(of.days, prepend=of.days[0])
    anew = gap > LONGEST
    begins = of.starts[:-1][of.starts[1:] > of.starts[:-1]]
    gap[begins] = 0
    anew[begins] = True
    began = np.maximum.accumulate(np.where(anew, np.arange(len(gap), dtype=np.int32), 0))[last]
    counted = np.zeros(LONGEST + 1, np.int64)
    for at in range(0, len(gap), PART):
        part, days = gap[at : at + PART], of.days[at : at + PART]
        counted += np.bincount(part[(part > 0) & (part <= LONGEST) & (days < on)], minlength=LONGEST + 1)
    number = int(counted.sum())
    if number < 5:
        twice = 2 * USUAL
    else:
        below = np.cumsum(counted)
        low, high = np.searchsorted(below, [(number + 1) // 2, number // 2 + 1])
        twice = int(low + high)
    return twice, (last - began).astype(np.float64), (of.days[last] - of.days[began]).astype(np.float64)


def came(of: History, who: Ints, begin: int, end: int) -> Flags:
    """Of these, who had a contact day in [begin, end)."""
    found: Flags = (of.counts(end) - of.counts(begin))[who] > 0
    return found
