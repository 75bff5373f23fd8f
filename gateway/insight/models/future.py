"""What somebody will bring: visits by MBG/NBD, margin a visit by Gamma-Gamma, bounds by the last back-test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gateway.insight.models import buying, paying
from gateway.insight.models.arrays import Floats, floats, some
from gateway.insight.models.fitting import NotFitted
from gateway.insight.models.history import History, Ints

YEAR = 365
FEWEST = 30
"""Customers with a repeat below which there is no model."""
WEEK = 7.0
GROUPS = 10
MOST = 200_000
"""Customers that a model is fitted to, at most: more change no digit that is shown."""


@dataclass(frozen=True, slots=True)
class Behind:
    """What the visits of everybody who came before a day say to the models, in weeks and minor units."""

    who: Ints
    x: Floats
    t: Floats
    age: Floats
    z: Floats
    """What a paying repeat brought on average; 0 where there is none."""
    pays: float
    """Of all repeats, the share that brought something."""


@dataclass(frozen=True, slots=True)
class Predicted:
    """Visits and margin of everybody, as the models alone say; ``own_mean`` where amounts depend on visits."""

    behind: Behind
    visits: Floats
    margin: Floats
    buying: buying.Buying
    paying: paying.Paying | None
    own_mean: bool


@dataclass(frozen=True, slots=True)
class Earned:
    """What the last back-test says of such a prediction: bounds of each tenth, and what came of what was said."""

    on: int
    bounds: tuple[tuple[float, float], ...]
    """10 % and 90 % of what each tenth of prediction really brought, the least first; minor units."""
    visit_bounds: tuple[tuple[float, float], ...]
    ratio: float
    """What came in all, by what was said."""
    visits_ratio: float
    top_tenth: float
    """The share of all money that the best tenth of prediction held."""


@dataclass(frozen=True, slots=True)
class Future:
    """Everybody's next year, and the whole; bounds are None where no back-test of that length is possible yet."""

    predicted: Predicted
    horizon: int
    low: Floats | None
    high: Floats | None
    total: float
    """As the models say."""
    corrected: float | None
    """Times what came of what was said at the last back-test."""
    earned: Earned | None


def behind(of: History, on: int) -> Behind:
    """What is known before a day; the first contact is day 0, and the day before ``on`` the last."""
    counts = of.counts(on)
    who = np.flatnonzero(counts)
    begin = of.starts[:-1][who]
    first = of.days[begin].astype(np.float64)
    last = of.days[begin + counts[who] - 1].astype(np.float64)
    firsts = of.first()
    late = (of.paid_on < on) & (of.paid_on > firsts[of.paid_who]) & (of.paid > 0)
    brought = np.bincount(of.paid_who[late], of.paid[late], of.customers)[who]
    times = _paying_days(of.paid_who[late], of.paid_on[late], of.customers)[who]
    z = floats(np.where(times > 0, brought / np.maximum(times, 1.0), 0.0))
    x = floats(counts[who] - 1.0)
    repeats = float(x.sum())
    pays = min(1.0, float(times.sum()) / repeats) if repeats else 0.0
    return Behind(who, x, (last - first) / WEEK, (on - 1 - first) / WEEK, z, pays)


def _paying_days(who: Ints, on: np.ndarray[tuple[int], np.dtype[np.int32]], customers: int) -> Floats:
    """On how many different days each paid."""
    if not len(who):
        return np.zeros(customers)
    key = np.sort(who * 4_000_000 + on)
    once = key[np.append(True, key[1:] != key[:-1])]
    return np.bincount(once // 4_000_000, minlength=customers).astype(np.float64)


def predicted(of: History, on: int, horizon: int = YEAR) -> Predicted | None:
    """As the models say; None of fewer than 30 who came again."""
    seen = behind(of, on)
    if (seen.x > 0).sum() < FEWEST:
        return None
    try:
        chosen = some(len(seen.who), MOST)
        visits_model = buying.fit("mbg", seen.x[chosen], seen.t[chosen], seen.age[chosen])
    except NotFitted:
        return None
    visits = buying.expected(visits_model, horizon / WEEK, seen.x, seen.t, seen.age)
    own_mean = abs(paying.tied(seen.x, seen.z)) >= paying.TIED
    money: paying.Paying | None = None
    paid = (seen.x > 0) & (seen.z > 0)
    if not own_mean and paid.sum() >= FEWEST:
        try:
            money = paying.fit(seen.x[chosen], seen.z[chosen])
        except NotFitted:
            money = None
    if money is not None and money.q > 1.0:
        a_visit = paying.expected(money, np.where(paid, seen.x, 0.0), np.where(paid, seen.z, 0.0))
    else:
        own_mean = True
        whole = float(seen.z[paid].mean()) if paid.any() else 0.0
        a_visit = np.where(paid, seen.z, whole)
    return Predicted(seen, visits, visits * a_visit * seen.pays, visits_model, money, own_mean)


def earned(of: History, on: int, horizon: int = YEAR) -> Earned | None:
    """What such a prediction was worth, made ``horizon`` days ago; None where nothing is known from before."""
    then = on - horizon
    if then <= of.begins():
        return None
    said = predicted(of, then, horizon)
    if said is None:
        return None
    brought = of.margins(then, on)[said.behind.who]
    visited = (of.counts(on) - of.counts(then))[said.behind.who].astype(np.float64)
    order = np.argsort(said.margin, kind="stable")
    parts = [part for part in np.array_split(order, GROUPS) if len(part)]
    by_visits = [part for part in np.array_split(np.argsort(said.visits, kind="stable"), GROUPS) if len(part)]
    whole, total, seen = float(brought.sum()), float(said.margin.sum()), float(said.visits.sum())
    return Earned(
        then,
        tuple(_bounds(brought[part]) for part in parts),
        tuple(_bounds(visited[part]) for part in by_visits),
        whole / total if total > 0 else 1.0,
        float(visited.sum()) / seen if seen > 0 else 1.0,
        float(brought[parts[-1]].sum()) / whole if whole > 0 else 0.0,
    )


def future(of: History, on: int, horizon: int = YEAR) -> Future | None:
    """Everybody's next ``horizon`` days; None where there is no model."""
    said = predicted(of, on, horizon)
    if said is None:
        return None
    test = earned(of, on, horizon)
    total = float(said.margin.sum())
    if test is None:
        return Future(said, horizon, None, None, total, None, None)
    low, high = within(said.margin, test.bounds)
    return Future(said, horizon, low, high, total, total * test.ratio, test)


def within(prediction: Floats, bounds: tuple[tuple[float, float], ...]) -> tuple[Floats, Floats]:
    """The bounds of each: those of the same tenth of prediction."""
    low, high = np.zeros(len(prediction)), np.zeros(len(prediction))
    order = np.argsort(prediction, kind="stable")
    for part, (least, most) in zip(np.array_split(order, len(bounds)), bounds, strict=True):
        low[part], high[part] = least, most
    return low, high


def covered(of: History, at: Predicted, begin: int, end: int, low: Floats, high: Floats) -> float:
    """Of how many what they really brought in [begin, end) lies in their bounds: for back-tests."""
    brought = of.margins(begin, end)[at.behind.who]
    return float(np.mean((brought >= low) & (brought <= high)))


def _bounds(values: Floats) -> tuple[float, float]:
    return float(np.quantile(values, 0.1)), float(np.quantile(values, 0.9))
