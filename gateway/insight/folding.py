"""From all facts of a house to what is known on a day: worth, risk, stages, ties, spend. The plain rules, exactly."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

from gateway.insight.concentration import Concentration, concentration
from gateway.insight.facts import INSIGHT, INTRODUCTIONS, Band, Entry, Lost, Offer, World
from gateway.insight.ledger import Range, in_force, last_year, value_of
from gateway.insight.network import Network, Standing, Tie, standings, stickiness
from gateway.insight.network import without as without_one
from gateway.insight.rhythm import band, gaps, own_stickiness, rhythm, twice_house_gap
from gateway.insight.spending import Cost, Spend, costs, spend
from gateway.insight.stages import Cohort, Story, Transition, cohorts, transitions
from gateway.insight.words import Reason, silence

OTHERS_FROM = 5
"""From how many customers on those who agreed to nothing are one line: fewer would lay one of them bare."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What one customer brought and cost in the window, in minor units; what others lose with them."""

    customer: str
    revenue: int
    value: Range
    cost: int
    net: Range
    influence_money: Fraction
    seed: bool
    entries: tuple[str, ...]
    """The entries that it was made of."""


@dataclass(frozen=True, slots=True)
class Risk:
    """How silent one customer is by their own rhythm."""

    customer: str
    silent_days: int
    rhythm_days: Fraction
    gaps: int
    ratio: Fraction
    band: Band
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Standpoint:
    """Where one customer stands, and how they came there."""

    customer: str
    transitions: tuple[Transition, ...]

    @property
    def now(self) -> Transition:
        """The last change."""
        return self.transitions[-1]


@dataclass(frozen=True, slots=True)
class Others:
    """Who has agreed to nothing, as one line."""

    customers: int
    revenue: int
    value: Range
    cost: int


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of the rows, and of the others where they are shown."""

    value: Range
    cost: int
    net: Range


@dataclass(frozen=True, slots=True)
class Folded:
    """All that the plain rules say on one day."""

    on: date
    begins: date
    currency: str
    twice_house_gap: int
    worth: tuple[Worth, ...]
    total: Total
    others: Others | None
    net: Concentration
    revenue: Concentration
    loss_makers: int
    loss_makers_net: int
    risk: tuple[Risk, ...]
    stages: tuple[Standpoint, ...]
    cohorts: tuple[Cohort, ...]
    ties: tuple[Tie, ...]
    network: tuple[Standing, ...]
    spend: Spend
    contact_days: Mapping[str, tuple[int, ...]] = field(repr=False)
    """Of each customer who is shown, ordinals in order, each once."""


@dataclass(slots=True)
class _Account:
    """What one customer brought and cost."""

    revenue: int = 0
    amount: int = 0
    low: int = 0
    high: int = 0
    cost: int = 0
    assumed: list[str] = field(default_factory=list)
    entries: list[str] = field(default_factory=list)

    def add(self, entry: Entry, value: Range) -> None:
        self.revenue += entry.amount or 0
        self.amount += value.amount
        self.low += value.low
        self.high += value.high
        self.assumed += value.assumed
        self.entries.append(entry.id)

    @property
    def value(self) -> Range:
        return Range(self.amount, self.low, self.high, tuple(self.assumed))

    @property
    def net(self) -> Range:
        return self.value.less(self.cost)


class Fold:
    """One fold of a house; parts of it are made once and asked more than once, as a what-if asks."""

    def __init__(self, world: World, begins: date | None = None) -> None:
        """The window is [``begins``, ``world.as_of``), the last year where it is left out.

        Raises EntryDiffers where two entries of one id say different things.
        """
        self.world = world
        self.on = world.as_of
        self.begins = begins or last_year(world.as_of)
        self.shown = world.agreed(INSIGHT)
        self.standing = [each for each in in_force(world.entries) if each.on < self.on]
        self.days = contact_days(world, self.standing, self.shown)
        self.house = twice_house_gap(gap for days in self.days.values() for gap in gaps(days))
        self.own = {each: own_stickiness(days, self.on.toordinal()) for each, days in self.days.items()}
        self.network = self._network(())

    def folded(self) -> Folded:
        """Everything."""
        world = self.world
        known = costs(self.standing, world.rules, world.gatherings)
        accounts = self._accounts(known)
        shown = {each: accounts.get(each, _Account()) for each in self.shown}
        nets = {each: account.amount - account.cost for each, account in shown.items()}
        network = standings(self.own, self.network.theta(), nets)
        others = self._others(accounts)
        losing = [net for net in nets.values() if net < 0]
        return Folded(
            on=self.on,
            begins=self.begins,
            currency=world.rules.currency,
            twice_house_gap=self.house,
            worth=self._worth(shown, network),
            total=_total(shown.values(), others),
            others=others,
            net=concentration(list(nets.values())),
            revenue=concentration([account.revenue for account in shown.values()]),
            loss_makers=len(losing),
            loss_makers_net=sum(losing),
            risk=self._risk(),
            stages=self._stages(),
            cohorts=tuple(cohorts(self.days.values(), self.on.toordinal())),
            ties=tuple(self.network.ties()),
            network=tuple(network),
            spend=spend(known, self.shown, world.budgets, self.begins, self.on),
            contact_days=self.days,
        )

    def stickiness(self) -> dict[str, Fraction]:
        """How sticky everybody is today."""
        return stickiness(self.own, self.network.theta())

    def if_they_met(self, guests: Iterable[str]) -> dict[str, Fraction]:
        """How sticky everybody would be after one more gathering of these."""
        return stickiness(self.own, self.network.if_they_met(guests))

    def without(self, gone: str) -> dict[str, Fraction]:
        """How sticky the others would be without one."""
        return without_one(self.own, self.network.theta(), gone)

    def skipped(self, gatherings: Iterable[str]) -> dict[str, Fraction]:
        """How sticky everybody would be, had nobody met at these gatherings."""
        return stickiness(self.own, self._network(set(gatherings)).theta())

    def _network(self, skipped: Collection[str]) -> Network:
        world = self.world
        met = [each for each in world.gatherings.values() if each.id not in skipped]
        return Network(world.agreed(INTRODUCTIONS), world.bonds, met, self.on, world.rules.strengths)

    def _accounts(self, known: Sequence[Cost]) -> dict[str, _Account]:
        accounts: dict[str, _Account] = {}
        for each in self.standing:
            if each.side == "value" and each.customer is not None and each.on >= self.begins:
                account = accounts.get(each.customer) or accounts.setdefault(each.customer, _Account())
                account.add(each, value_of(each, self.world.rules.margin))
        for cost in known:
            if cost.entry.on >= self.begins:
                for customer, amount in cost.parts.items():
                    account = accounts.get(customer) or accounts.setdefault(customer, _Account())
                    account.cost += amount
                    account.entries.append(cost.entry.id)
        return accounts

    def _others(self, accounts: Mapping[str, _Account]) -> Others | None:
        shown = set(self.shown)
        rest = [account for each, account in accounts.items() if each not in shown]
        if len(rest) < OTHERS_FROM:
            return None
        return Others(
            len(rest),
            sum(each.revenue for each in rest),
            replace(_total(rest).value, assumed=()),  # an entry's id would name whom nothing may be shown of
            sum(each.cost for each in rest),
        )

    def _worth(self, shown: Mapping[str, _Account], network: Sequence[Standing]) -> tuple[Worth, ...]:
        influence = {each.customer: each.influence_money for each in network}
        seeds = {
            each.customer
            for each in self.world.seeds
            if each.on < self.on and (each.until is None or self.on < each.until)
        }
        rows = [
            Worth(
                each,
                account.revenue,
                account.value,
                account.cost,
                account.net,
                influence[each],
                each in seeds,
                tuple(account.entries),
            )
            for each, account in shown.items()
        ]
        return tuple(sorted(rows, key=lambda each: (-each.net.amount, each.customer)))

    def _risk(self) -> tuple[Risk, ...]:
        """Who has never come is silent since no day, and in no row."""
        rows = []
        for customer, days in self.days.items():
            if not days:
                continue
            usual = rhythm(days, self.house)
            silent = self.on.toordinal() - days[-1]
            ratio = silent / usual.days
            reason = silence(silent, usual, date.fromordinal(days[-1]))
            rows.append(Risk(customer, silent, usual.days, len(usual.gaps), ratio, band(silent, ratio), (reason,)))
        return tuple(sorted(rows, key=lambda each: (-each.silent_days, each.customer)))

    def _stages(self) -> tuple[Standpoint, ...]:
        found = _stories(self.world, self.standing, self.days)
        on, silences = self.on.toordinal(), self.world.rules.silences
        return tuple(
            Standpoint(each, tuple(transitions(found[each], on, self.house, silences))) for each in sorted(found)
        )


def fold(world: World, begins: date | None = None) -> Folded:
    """All that the plain rules say of these facts; the order of facts, and whether one comes twice, changes nothing.

    Raises EntryDiffers where two entries of one id say different things.
    """
    return Fold(world, begins).folded()


def contact_days(world: World, standing: Iterable[Entry], shown: Collection[str]) -> dict[str, tuple[int, ...]]:
    """The days before ``world.as_of`` on which each of these came, bought or attended; ordinals, in order."""
    on = world.as_of
    today = on.toordinal()
    found = {each: {day for day in world.came.get(each, ()) if day < today} for each in shown}
    for visit in world.visits:
        if visit.on < on and visit.customer in found:
            found[visit.customer].add(visit.on.toordinal())
    for entry in standing:
        if entry.side == "value" and entry.customer in found:
            found[entry.customer].add(entry.on.toordinal())
    for gathering in world.gatherings.values():
        if gathering.on < on:
            for customer in gathering.attended & found.keys():
                found[customer].add(gathering.on.toordinal())
    return {each: tuple(sorted(days)) for each, days in found.items()}


def _stories(world: World, standing: Iterable[Entry], stories: Mapping[str, Sequence[int]]) -> dict[str, Story]:
    """Of whom these are the contact days: what was bought, which event is behind a day, causes and offers."""
    values: dict[str, dict[int, str | None]] = {each: {} for each in stories}
    events: dict[str, dict[int, str | None]] = {each: {} for each in stories}
    for visit in sorted(world.visits, key=lambda each: (each.on, each.event or "")):
        if visit.customer in stories and visit.event:
            events[visit.customer].setdefault(visit.on.toordinal(), visit.event)
    for gathering in sorted(world.gatherings.values(), key=lambda each: each.id):
        for customer in gathering.attended & stories.keys():
            events[customer].setdefault(gathering.on.toordinal(), gathering.id)
    for entry in standing:
        if entry.side == "value" and entry.customer is not None and entry.customer in stories:
            events[entry.customer].setdefault(entry.on.toordinal(), entry.id)
            if (entry.amount or 0) > 0:  # a return is contact, and no purchase
                values[entry.customer].setdefault(entry.on.toordinal(), entry.id)
    lost: dict[str, list[Lost]] = {}
    offers: dict[str, list[Offer]] = {}
    for one in world.lost:
        lost.setdefault(one.customer, []).append(one)
    for offer in world.offers:
        offers.setdefault(offer.customer, []).append(offer)
    return {
        each: Story(days, values[each], events[each], lost.get(each, ()), offers.get(each, ()))
        for each, days in stories.items()
    }


def _total(accounts: Iterable[_Account], others: Others | None = None) -> Total:
    of = list(accounts)
    cost = sum(each.cost for each in of)
    value = Range(
        sum(each.amount for each in of),
        sum(each.low for each in of),
        sum(each.high for each in of),
        tuple(sorted(entry for each in of for entry in each.assumed)),
    )
    if others is not None:
        value, cost = value + others.value, cost + others.cost
    return Total(value, cost, value.less(cost))
