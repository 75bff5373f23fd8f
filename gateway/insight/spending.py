"""What was spent on whom, why, how and with what result; what has no reason comes first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from gateway.insight.facts import LEVERS, Budget, Entry, Gathering, Lever, Rules
from gateway.insight.ledger import cost_of, parts

PACE = 28  # days by whose pace a budget is said to run out


@dataclass(frozen=True, slots=True)
class Cost:
    """One cost with its parts in minor units: whose each is, also of people about whom nothing may be shown."""

    entry: Entry
    amount: int
    parts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Group:
    """What was spent under one key."""

    key: str
    entries: int
    amount: int
    share: Fraction


@dataclass(frozen=True, slots=True)
class BudgetLeft:
    """What is left of a budget; None where none was set, and where nothing was spent of late."""

    name: str
    spent: int
    amount: int | None = None
    left: int | None = None
    runs_out: date | None = None


@dataclass(frozen=True, slots=True)
class Spend:
    """All costs of a window, in minor units."""

    total: int
    by_lever: tuple[Group, ...]
    rows: tuple[Cost, ...]
    """Those without a reason first, then by day and id."""
    no_reason: Group
    only_money: tuple[str, ...]
    budgets: tuple[BudgetLeft, ...]


def costs(standing: Iterable[Entry], rules: Rules, gatherings: Mapping[str, Gathering]) -> list[Cost]:
    """The cost entries among those in force, each with its parts."""
    return [
        Cost(each, cost_of(each, rules), parts(each, rules, gatherings)) for each in standing if each.side == "cost"
    ]


def spend(known: Sequence[Cost], shown: Collection[str], budgets: Collection[Budget], begins: date, on: date) -> Spend:
    """What was spent in [begins, on); ``known`` are all costs, ``shown`` the customers who may be named."""
    of_window = [each for each in known if begins <= each.entry.on < on]
    total = sum(each.amount for each in of_window)
    bare = [each for each in of_window if not each.entry.reason.strip()]
    return Spend(
        total,
        tuple(grouped(of_window, lambda each: each.raises, LEVERS)),
        tuple(sorted(of_window, key=lambda each: (bool(each.entry.reason.strip()), each.entry.on, each.entry.id))),
        _group("", bare, total),
        tuple(sorted(_only_money(of_window).intersection(shown))),
        tuple(budgets_left(known, budgets, begins, on)),
    )


def grouped(of: Sequence[Cost], key: Callable[[Entry], str], order: Sequence[str] = ()) -> list[Group]:
    """Costs by a key, in the order that is given, else the most first and then by key."""
    total = sum(each.amount for each in of)
    found: dict[str, list[Cost]] = {}
    for each in of:
        found.setdefault(key(each.entry), []).append(each)
    groups = [_group(name, rows, total) for name, rows in found.items()]
    place = {name: at for at, name in enumerate(order)}
    return sorted(groups, key=lambda each: (place.get(each.key, len(place)), -each.amount, each.key))


def by_customer(of: Sequence[Cost], shown: Collection[str]) -> list[Group]:
    """Costs by whom they were for; what was for others, or for nobody, stands under an empty key."""
    total = sum(each.amount for each in of)
    amounts: dict[str, int] = {}
    entries: dict[str, int] = {}
    for each in of:
        shares: dict[str, int] = {}
        for customer, amount in (each.parts or {"": each.amount}).items():
            name = customer if customer in shown else ""
            shares[name] = shares.get(name, 0) + amount
        for name, amount in shares.items():
            amounts[name] = amounts.get(name, 0) + amount
            entries[name] = entries.get(name, 0) + 1
    groups = [Group(name, entries[name], amount, _share(amount, total)) for name, amount in amounts.items()]
    return sorted(groups, key=lambda each: (-each.amount, each.key))


def budgets_left(of: Sequence[Cost], budgets: Iterable[Budget], begins: date, on: date) -> list[BudgetLeft]:
    """What was spent under each name, what is left, and when it is gone at the pace of the last 28 days.

    A name that nobody has set a budget for has what was spent in [begins, on) alone.
    """
    known = {each.name: each for each in budgets}
    under: dict[str, list[Cost]] = {name: [] for name in known}
    for each in of:
        if each.entry.budget and each.entry.on < on:
            under.setdefault(each.entry.budget, []).append(each)
    found = []
    for name, rows in sorted(under.items()):
        budget = known.get(name)
        if budget is None:
            if late := [each.amount for each in rows if begins <= each.entry.on]:
                found.append(BudgetLeft(name, sum(late)))
            continue
        found.append(_left(budget, rows, on))
    return found


def _left(budget: Budget, rows: Sequence[Cost], on: date) -> BudgetLeft:
    spent = sum(each.amount for each in rows if budget.begins <= each.entry.on < budget.ends)
    left = budget.amount - spent
    late = sum(each.amount for each in rows if on - timedelta(PACE) <= each.entry.on < on)
    runs_out = None
    if left <= 0:
        runs_out = on
    elif late and (left * PACE) // late < 36_500:  # a century is never
        runs_out = on + timedelta((left * PACE) // late)
    return BudgetLeft(budget.name, spent, budget.amount, left, runs_out)


def _only_money(of: Iterable[Cost]) -> set[str]:
    """On whom at least twice something was spent, and nothing but money."""
    seen: dict[str, list[Lever]] = {}
    for each in of:
        for customer in each.parts:
            seen.setdefault(customer, []).append(each.entry.raises)
    return {customer for customer, levers in seen.items() if len(levers) >= 2 and set(levers) == {"financial"}}


def _group(key: str, of: Sequence[Cost], total: int) -> Group:
    amount = sum(each.amount for each in of)
    return Group(key, len(of), amount, _share(amount, total))


def _share(amount: int, total: int) -> Fraction:
    return Fraction(amount, total) if total else Fraction(0)
