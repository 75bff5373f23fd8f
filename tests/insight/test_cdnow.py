"""Published figures of a published data set (Fader, Hardie): the models say the same, and their limits are seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from gateway.insight.chance import fold_of
from gateway.insight.concentration import concentration
from gateway.insight.models import buying, history, judging, logistic, paying, returning
from gateway.insight.models.arrays import Floats, floats
from gateway.insight.models.future import behind, covered, future, within
from tests.insight.cdnow import END, UNTIL, buyers

ON = UNTIL.toordinal()
NEAR: Any = pytest.approx


@dataclass(frozen=True)
class Shop:
    """The shop as the models take it, and what came in the 39 weeks after."""

    seen: history.History
    x: Floats
    t: Floats
    age: Floats
    z: Floats
    visits: Floats
    money: Floats

    @property
    def came(self) -> Floats:
        return (self.visits > 0).astype(np.float64)


@pytest.fixture(scope="module")
def shop() -> Shop:
    people = buyers()
    paid = [
        (who, day, cents) for who, each in enumerate(people) for day, cents in zip(each.days, each.cents, strict=True)
    ]
    seen = history.history([each.days for each in people], paid)
    known = behind(seen, ON)
    later = (seen.counts(END.toordinal()) - seen.counts(ON)).astype(np.float64)
    return Shop(seen, known.x, known.t, known.age, known.z / 100, later, seen.margins(ON, END.toordinal()) / 100)


def test_the_data_are_the_published_ones(shop: Shop) -> None:
    assert (shop.x.sum(), (shop.x > 0).sum()) == (2457, 946)
    assert (shop.visits.sum(), shop.came.sum(), shop.money.sum()) == (1882, 684, NEAR(70_976.39, abs=0.01))


@pytest.mark.parametrize(
    ("model", "parameters", "log_likelihood", "one", "total", "apart", "money", "alive"),
    [
        ("bg", (0.24259, 4.41360, 0.79292, 2.42591), -9582.429, 1.226, 1653.4, 0.785, 59_932, 0.3158),
        ("mbg", (0.52484, 6.18309, 0.89136, 1.61400), -9582.136, 1.263, 1576.7, 0.765, 57_128, 0.6866),
    ],
)
def test_visits(
    shop: Shop,
    model: buying.Model,
    parameters: tuple[float, ...],
    log_likelihood: float,
    one: float,
    total: float,
    apart: float,
    money: float,
    alive: float,
) -> None:
    found = buying.fit(model, shop.x, shop.t, shop.age)
    assert (found.r, found.alpha, found.a, found.b) == NEAR(parameters, abs=5e-4)
    assert found.log_likelihood == NEAR(log_likelihood, abs=0.01)
    (of_one,) = buying.expected(found, 39, floats([2]), floats([30.43]), floats([38.86]))
    assert of_one == NEAR(one, abs=1e-3)
    said = buying.expected(found, 39, shop.x, shop.t, shop.age)
    assert said.sum() == NEAR(total, abs=0.5)
    assert np.abs(said - shop.visits).mean() == NEAR(apart, abs=0.002)
    amounts = paying.expected(paying.fit(shop.x, shop.z), shop.x, shop.z)
    assert said @ amounts == NEAR(money, abs=30)
    by_alive = judging.auc(buying.alive(found, shop.x, shop.t, shop.age), shop.came)
    assert by_alive.value == NEAR(alive, abs=1e-3)
    if model == "mbg":
        assert judging.auc(said, shop.came).value == NEAR(0.7728, abs=1e-3)


def test_amounts(shop: Shop) -> None:
    found = paying.fit(shop.x, shop.z)
    assert (found.p, found.q, found.gamma) == (NEAR(6.25, abs=0.01), NEAR(3.744, abs=0.005), NEAR(15.444, abs=0.05))
    assert (found.customers, found.log_likelihood) == (946, NEAR(-4055.918, abs=0.01))
    assert paying.expected(found, floats([2]), floats([22.35]))[0] == NEAR(24.66, abs=0.01)
    assert found.mean == NEAR(35.17, abs=0.01)


def test_the_plain_orders_are_as_good_as_the_models(shop: Shop) -> None:
    at = history.known(shop.seen, ON)
    areas = {name: judging.auc(-order, shop.came).value for name, order in at.rules().items()}
    assert areas == {
        "silent": NEAR(0.7714, abs=1e-3), "silent_by_contacts": NEAR(0.7809, abs=1e-3), "ratio": NEAR(0.7566, abs=1e-3),
    }  # fmt: skip
    columns = np.log1p(np.stack([at.contacts - 1, at.silent, at.age, at.margin / 100], axis=1))
    folds = np.array([fold_of("cdnow-1", each.id, 5) for each in buyers()])
    chance = np.zeros(len(folds))
    for fold in range(5):
        held = folds == fold
        chance[held] = logistic.fit(columns[~held], shop.came[~held]).chance(columns[held])
    assert judging.auc(chance, shop.came).value == NEAR(0.7796, abs=0.003)


def test_who_comes_within_90_days(shop: Shop) -> None:
    found = returning.returning(shop.seen, ON)
    assert found.chance is not None
    came = history.came(shop.seen, found.known.who, ON, ON + 90).astype(np.float64)
    assert came.mean() == NEAR(0.169, abs=0.001)
    seen = judging.judged(found.chance, came)
    assert seen.auc.value == NEAR(0.792, abs=0.003)
    assert seen.brier == NEAR(0.111, abs=0.003)
    assert seen.calibration <= 0.03
    assert judging.auc(-found.known.silent, came).value == NEAR(0.784, abs=0.003)
    assert found.ordered_by == "silent_by_contacts", "the model is no better there, and the plainest is named"


def test_bounds_of_91_days_hold_what_they_say(shop: Shop) -> None:
    found = future(shop.seen, ON, 91)
    assert found is not None
    assert found.low is not None
    assert found.high is not None
    assert found.earned is not None
    assert found.corrected is not None
    assert covered(shop.seen, found.predicted, ON, ON + 91, found.low, found.high) == NEAR(0.913, abs=0.01)
    visits = (shop.seen.counts(ON + 91) - shop.seen.counts(ON))[found.predicted.behind.who]
    low, high = within(found.predicted.visits, found.earned.visit_bounds)
    assert np.mean((visits >= low) & (visits <= high)) >= 0.8
    brought = shop.seen.margins(ON, ON + 91)[found.predicted.behind.who]
    best = np.argsort(-found.predicted.margin, kind="stable")[: len(brought) // 10]
    assert brought[best].sum() / brought.sum() == NEAR(0.531, abs=0.01)
    real = brought.sum()
    assert abs(found.corrected - real) < abs(found.total - real), "the back-test mends a part of what is missing"


def test_how_the_revenue_is_spread() -> None:
    found = concentration([sum(each.cents) for each in buyers()], bootstraps=200)
    assert found.top20 is not None
    assert found.bottom30 is not None
    assert (float(found.top20), float(found.bottom30)) == (NEAR(0.674, abs=1e-3), NEAR(0.042, abs=1e-3))
    assert found.top20_interval == NEAR((0.652, 0.696), abs=0.006)
    assert found.bottom30_interval == NEAR((0.039, 0.046), abs=0.002)
