"""Which entries count, what each is worth, and whose it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from gateway.insight.facts import Entry, Gathering, Margins, Rules
from gateway.insight.money import nearest, part, scale, split


class EntryDiffers(ValueError):
    """Two entries have one id and say different things; the text names the id."""


@dataclass(frozen=True, slots=True)
class Range:
    """An amount in minor units with its bounds, and the entries whose margin was assumed for it."""

    amount: int = 0
    low: int = 0
    high: int = 0
    assumed: tuple[str, ...] = ()

    def __add__(self, other: Range) -> Range:
        return Range(
            self.amount + other.amount,
            self.low + other.low,
            self.high + other.high,
            self.assumed + other.assumed,
        )

    def less(self, cost: int) -> Range:
        """The same after this cost, which is known exactly."""
        return replace(self, amount=self.amount - cost, low=self.low - cost, high=self.high - cost)


def in_force(entries: Iterable[Entry]) -> list[Entry]:
    """The entries that count, by day and id: each once, none that was reversed, and no reversal.

    Raises EntryDiffers where two of one id say different things.
    """
    once: dict[str, Entry] = {}
    for each in entries:
        if once.setdefault(each.id, each) != each:
            raise EntryDiffers(each.id)
    reversed_ = {each.reverses for each in once.values() if each.reverses is not None}
    standing = (each for each in once.values() if each.reverses is None and each.id not in reversed_)
    return sorted(standing, key=lambda each: (each.on, each.id))


def value_of(entry: Entry, margins: Margins) -> Range:
    """What a value entry brought: its margin, else a share of its amount with bounds."""
    if entry.margin is not None:
        return Range(entry.margin, entry.margin, entry.margin)
    amount = entry.amount or 0
    low, high = part(amount, margins.low), part(amount, margins.high)
    return Range(part(amount, margins.mid), min(low, high), max(low, high), (entry.id,))


def cost_of(entry: Entry, rules: Rules) -> int:
    """What a cost entry cost: its amount, else its minutes at what an hour of the role costs."""
    if entry.amount is not None:
        return entry.amount
    hour = rules.hour[entry.role or ""] * scale(rules.currency)
    return nearest((entry.minutes or Fraction(0)) * hour / 60)


def parts(entry: Entry, rules: Rules, gatherings: Mapping[str, Gathering]) -> dict[str, int]:
    """Who a cost was for, and how much of it; empty where nobody attended: it is the house's own."""
    total = cost_of(entry, rules)
    if entry.gathering is None:
        return {entry.customer: total} if entry.customer is not None else {}
    gathering = gatherings.get(entry.gathering)
    return split(total, gathering.attended if gathering is not None else ())


def last_year(until: date) -> date:
    """The first day of the year that ends before this one."""
    try:
        return until.replace(year=until.year - 1)
    except ValueError:  # 29 February
        return until.replace(year=until.year - 1, day=28)


def months_before(on: date, months: int) -> date:
    """The same day so many months earlier, or the last of that month."""
    year, month = divmod(on.year * 12 + on.month - 1 - months, 12)
    for day in range(on.day, 27, -1):
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    return date(year, month + 1, min(on.day, 28))
