"""Who comes again within 90 days: a logistic of what was known at past dates, beside the plain rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.insight.models.arrays import Floats, floats, some
from gateway.insight.models.history import FLAGS, History, Ints, Known, came, known
from gateway.insight.models.judging import Judged, auc, judged
from gateway.insight.models.logistic import Logistic, fit
from gateway.insight.shares import Interval, wilson

HORIZON = 90
BACK = (90, 120, 150)
"""Days before today at which it is trained; at each, what came is known."""
FEWEST = 30
"""Outcomes of either kind below which there is no model."""
NEAR = 0.01
"""Within so much of the best order the plainest wins."""
MOST = 100_000
"""Customers of one past date that are learnt from, at most: more change no digit that is shown."""
NAMES = ("contacts", "silent", "age", "margin", "ratio", *FLAGS)
MODEL = "model"


@dataclass(frozen=True, slots=True)
class Tenth:
    """Of a tenth of a back-test: above which chance it begins, how many there were, and how many came."""

    above: float
    cases: int
    came: int

    @property
    def share(self) -> Interval:
        """What is shown: so many of ten like this one."""
        return wilson(self.came, self.cases)


@dataclass(frozen=True, slots=True)
class Backtest:
    """What each order was worth at a past date whose outcome is known."""

    on: int
    cases: int
    came: int
    orders: dict[str, Interval]
    """AUC by order: the plain ones, plainest first, and the model where there is one."""
    best: str
    """The plainest that is within .01 of the best."""
    model: Judged | None
    tenths: tuple[Tenth, ...]


@dataclass(frozen=True, slots=True)
class Returning:
    """Everybody's chance today; ``chance`` is None where there is no model, and then the plain order stands alone."""

    known: Known
    ordered_by: str
    order: Floats
    """The larger, the likelier to be gone."""
    chance: Floats | None
    rows: NDArray[np.float32] | None
    """What the model sees of everybody, by ``NAMES``."""
    model: Logistic | None
    backtest: Backtest | None

    def like(self, place: int) -> Tenth | None:
        """The tenth of the back-test that one customer's chance falls into; ``place`` is of ``known.who``."""
        if self.chance is None or self.backtest is None or not self.backtest.tenths:
            return None
        chance = float(self.chance[place])
        return next((each for each in reversed(self.backtest.tenths) if chance >= each.above), self.backtest.tenths[0])

    def reasons(self, place: int, most: int = 3) -> list[tuple[str, float]]:
        """What moves one customer's chance the most: names of ``NAMES`` and w·z, the largest first."""
        if self.model is None or self.rows is None:
            return []
        row = self.model.parts(floats(self.rows[place]))
        order = np.argsort(-np.abs(row), kind="stable")[:most]
        return [(NAMES[each], float(row[each])) for each in order if abs(row[each]) > 1e-9]


def columns(of: History, at: Known, chosen: slice = slice(None)) -> Floats:
    """What the model sees of everybody, or of those chosen, by ``NAMES``."""
    who = at.who[chosen]
    found = np.zeros((len(who), len(NAMES)))
    for place, each in enumerate((at.contacts, at.silent, at.age, np.maximum(at.margin, 0.0) / 100.0)):
        np.log1p(each[chosen], out=found[:, place])
    found[:, 4] = np.log(at.ratio[chosen] + 0.1)
    for place, name in enumerate(FLAGS, 5):
        if (spans := of.flags.get(name)) is not None:
            found[:, place] = spans.at(at.on, of.customers)[who]
    return found


def trained(of: History, on: int, horizon: int = HORIZON, back: Sequence[int] = BACK) -> Logistic | None:
    """The model as of a day: of past dates whose outcome was over; None of fewer than 30 outcomes of either kind."""
    rows: list[Floats] = []
    outcomes: list[Floats] = []
    for days in back:
        then = on - max(days, horizon)
        if then <= of.begins():
            continue
        at = known(of, then)
        chosen = some(len(at.who), MOST)
        rows.append(columns(of, at, chosen))
        outcomes.append(came(of, at.who[chosen], then, then + horizon).astype(np.float64))
    if not rows:
        return None
    outcome = np.concatenate(outcomes)
    if min(outcome.sum(), len(outcome) - outcome.sum()) < FEWEST:
        return None
    return fit(np.concatenate(rows), outcome)


def backtest(of: History, on: int, horizon: int = HORIZON) -> Backtest | None:
    """The last date whose outcome is over: every order there, and the model as it would have been trained then.

    None where fewer than 30 came, or did not.
    """
    then = on - horizon
    if then <= of.begins():
        return None
    at = known(of, then)
    outcome = came(of, at.who, then, on).astype(np.float64)
    if min(outcome.sum(), len(outcome) - outcome.sum()) < FEWEST:
        return None
    orders = {name: auc(-order, outcome) for name, order in at.rules().items()}
    model = trained(of, then, horizon)
    seen: Judged | None = None
    tenths: tuple[Tenth, ...] = ()
    if model is not None:
        chance, _ = _foretold(model, of, at)
        seen = judged(chance, outcome)
        orders[MODEL] = seen.auc
        tenths = _tenths(chance, outcome)
    return Backtest(then, len(outcome), int(outcome.sum()), orders, plainest(orders), seen, tenths)


def plainest(orders: dict[str, Interval]) -> str:
    """The first, thus plainest, order whose AUC is within .01 of the best."""
    best = max(each.value for each in orders.values())
    return next(name for name, each in orders.items() if each.value >= best - NEAR)


def returning(of: History, on: int, horizon: int = HORIZON) -> Returning:
    """Everybody today, in the order that the house's own back-test found best; by days silent where it has none."""
    test = backtest(of, on, horizon)
    model = trained(of, on, horizon) if test is not None and test.model is not None else None
    at = known(of, on)  # last: of a million customers it takes room that the others need
    by = test.best if test is not None and (test.best != MODEL or model is not None) else "silent"
    if model is None:
        return Returning(at, by, at.rules()[by], None, None, None, test)
    chance, rows = _foretold(model, of, at)
    order = -chance if by == MODEL else at.rules()[by]
    return Returning(at, by, order, chance, rows, model, test)


def _foretold(model: Logistic, of: History, at: Known) -> tuple[Floats, NDArray[np.float32]]:
    """Everybody's chance and what it was made of, a part of them at a time: a million take half the room so."""
    number = len(at.who)
    chance, rows = np.empty(number), np.empty((number, len(NAMES)), np.float32)
    for begin in range(0, number, MOST):
        part = slice(begin, begin + MOST)
        seen = columns(of, at, part)
        chance[part], rows[part] = model.chance(seen), seen
    return chance, rows


def _tenths(chance: Floats, outcome: Floats) -> tuple[Tenth, ...]:
    order: Ints = np.argsort(chance, kind="stable")
    parts = [part for part in np.array_split(order, 10) if len(part)]
    return tuple(Tenth(float(chance[part].min()), len(part), int(outcome[part].sum())) for part in parts)


def as_before(of: History, on: int, horizon: int) -> Floats:
    """The rule that says: as many visits as in as long a time before."""
    at = known(of, on)
    return floats((of.counts(on) - of.counts(on - horizon))[at.who])
