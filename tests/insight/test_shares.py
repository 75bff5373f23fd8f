"""Shares, differences, ratios, chance and weights, beside figures worked out elsewhere."""

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.insight.chance import draw, fold_of, held_out, quarter
from gateway.insight.curves import beta_at, beta_below, poisson_from, student_at
from gateway.insight.levers import counted, lever_type
from gateway.insight.shares import (
    Interval,
    clopper_pearson,
    could_be_seen,
    held_needed,
    mean,
    newcombe,
    ranks,
    rate_ratio,
    share,
    wilson,
)
from gateway.insight.surveys import explains, importance, rake, relative_weights, shapley

NEAR = pytest.approx


def near(*values: float) -> object:
    return pytest.approx(values, abs=1e-4)


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [
        (0, 10, 0, 0.2775),
        (3, 17, 0.0619, 0.4103),
        (7, 30, 0.1179, 0.4093),
        (68, 100, 0.5834, 0.7633),
        (9, 9, 0.7008, 1),
    ],
)
def test_wilson(count: int, of: int, low: float, high: float) -> None:
    found = wilson(count, of)
    assert (found.low, found.high) == near(low, high)


def test_a_share_of_nothing_is_refused_and_few_are_no_percentage() -> None:
    with pytest.raises(ValueError, match="0 of 0"):
        wilson(0, 0)
    with pytest.raises(ValueError, match="3 of 2"):
        wilson(3, 2)
    assert share(3, 29).interval is None
    assert share(3, 30).interval == wilson(3, 30)


def test_newcombe() -> None:
    one, other = newcombe(56, 70, 48, 80), newcombe(72, 90, 6, 10)
    assert (one.value, one.low, one.high) == near(0.2, 0.0524, 0.3339)
    assert (other.value, other.low, other.high) == near(0.2, -0.0502, 0.4956)


def test_a_rate_beside_another() -> None:
    found = rate_ratio(9, 400, 12, 1600)
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((3.0, 1.116, 7.758), abs=1e-3)
    none = rate_ratio(0, 400, 12, 1600)
    assert none is not None
    assert none.low == none.value == 0.0
    assert none.high > 0
    assert rate_ratio(0, 1, 0, 1) is None


def test_exact_bounds_of_a_share() -> None:
    assert clopper_pearson(0, 10) == near(0.0, 0.3085)
    assert clopper_pearson(10, 10) == near(0.6915, 1.0)
    assert clopper_pearson(5, 10) == near(0.1871, 0.8129)


def test_what_could_be_seen() -> None:
    assert (held_needed(0.6, 0.5), held_needed(0.7, 0.5)) == (218, 54)
    assert could_be_seen(0.5, 218 * 9, 218) == NEAR(0.1, abs=1e-3)
    assert could_be_seen(0.6, 90, 10) is None, "ten held out tell nothing"
    few = could_be_seen(0.6, 180, 20)
    assert few is not None
    assert few > 0.3
    assert could_be_seen(0.95, 9, 1) is None, "no rise is left that one held out could show"
    assert could_be_seen(0.5, 0, 5) is None


def test_curves() -> None:
    assert beta_below(0.3, 2, 5) == NEAR(0.579825, abs=1e-6)
    assert beta_at(0.579825, 2, 5) == NEAR(0.3, abs=1e-5)
    assert (beta_below(0, 2, 2), beta_below(1, 2, 2)) == (0, 1)
    assert student_at(0.975, 9) == NEAR(2.262157, abs=1e-5)
    assert student_at(0.975, 1) == NEAR(12.706205, abs=1e-4)
    assert poisson_from(3, 0.1) == NEAR(1.5465e-4, rel=1e-4)
    assert poisson_from(20, 0.5) == NEAR(2.4376e-25 * 1, rel=0.05)
    assert (poisson_from(0, 3), poisson_from(2, 0)) == (1, 0)
    assert poisson_from(2, 5) == NEAR(0.959572, abs=1e-6)


def test_a_mean_with_its_interval() -> None:
    found = mean([1, 2, 3, 4])
    assert found is not None
    assert (found.value, found.low, found.high) == near(2.5, 0.4457, 4.5543)
    assert mean([1]) is None


def test_who_cannot_be_told_apart_has_one_rank() -> None:
    three = [Interval(0.5, 0.4, 0.6), Interval(0.9, 0.8, 1.0), Interval(0.45, 0.35, 0.55)]
    assert ranks(three) == [2, 1, 2]
    chain = [Interval(0.5, 0.4, 0.6), Interval(0.42, 0.33, 0.5), Interval(0.36, 0.3, 0.39)]
    assert ranks(chain) == [1, 1, 1], "the last overlaps the second, which overlaps the first"
    assert ranks([]) == []


def test_chance_is_the_same_for_everybody_who_asks() -> None:
    assert [draw("2026-12", f"k{number}") for number in range(1, 6)] == pytest.approx(
        [0.1236, 0.6896, 0.8397, 0.9262, 0.1354], abs=1e-4
    )
    assert quarter(date(2026, 12, 1)) == "2026-Q4"
    assert quarter(date(2026, 1, 1)) == "2026-Q1"
    held = [held_out("seed", date(2026, 12, 1), f"k{number}", 0.1) for number in range(2000)]
    assert 150 < sum(held) < 250
    assert held == [held_out("seed", date(2026, 10, 1), f"k{number}", 0.1) for number in range(2000)]
    assert {fold_of("telco-1", str(number), 10) for number in range(200)} == set(range(10))


def test_raking() -> None:
    answers = [("a", "x")] * 20 + [("a", "y")] * 10 + [("b", "x")] * 5 + [("b", "y")] * 15
    raked = rake(answers, [{"a": 25, "b": 25}, {"x": 30, "y": 20}])
    cells = {
        cell: sum(w for w, each in zip(raked.weights, answers, strict=True) if each == cell) for cell in set(answers)
    }
    assert cells == {
        ("a", "x"): NEAR(20, abs=1e-9),
        ("a", "y"): NEAR(5, abs=1e-9),
        ("b", "x"): NEAR(10, abs=1e-9),
        ("b", "y"): NEAR(15, abs=1e-9),
    }
    assert raked.effective == NEAR(43.478, abs=1e-3)
    assert (raked.exact, raked.trimmed, raked.unanswered) == (True, 0, ())


def test_an_answer_weighs_five_at_most_and_a_group_of_which_nobody_answered_is_said() -> None:
    answers = [("gold",)] + [("silver",)] * 99
    raked = rake(answers, [{"gold": 20, "silver": 70, "black": 10}])
    assert max(raked.weights) == 5
    assert (raked.trimmed, raked.unanswered, raked.exact) == (1, ("black",), False)
    assert rake([], [{}]).weights == ()


def test_which_question_carries_the_overall_one() -> None:
    assert relative_weights([[1, 0.5], [0.5, 1]], [0.6, 0.4]) == pytest.approx([0.28667, 0.08667], abs=1e-4)
    three, with_overall = [[1, 0.6, 0.3], [0.6, 1, 0.2], [0.3, 0.2, 1.0]], [0.5, 0.4, 0.3]
    johnson = relative_weights(three, with_overall)
    assert johnson == pytest.approx([0.15574, 0.08134, 0.05227], abs=1e-4)
    assert shapley(three, with_overall) == pytest.approx([0.15804, 0.08088, 0.05043], abs=1e-4)
    assert explains(three, with_overall, [0, 1, 2]) == NEAR(0.28935, abs=1e-4)
    assert sum(johnson) == NEAR(0.28935, abs=1e-4)


def test_importance_has_whiskers_and_says_nothing_of_a_question_that_is_another() -> None:
    chance = random.Random(3)
    rows = [[chance.gauss(0, 1) for _ in range(3)] for _ in range(200)]
    overall = [row[0] + 0.3 * row[1] + chance.gauss(0, 0.5) for row in rows]
    found = importance(rows, overall, [1.0] * 200, bootstraps=60)
    assert found is not None
    assert found[0].low > found[1].high > found[1].weight > found[1].low
    assert all(each.low <= each.weight <= each.high for each in found)
    assert importance([[row[0], row[0]] for row in rows], overall, [1.0] * 200, bootstraps=60) is None
    assert importance([[1.0, row[0]] for row in rows], overall, [1.0] * 200, bootstraps=60) is None


def test_a_lever_is_named_only_where_it_stands_out() -> None:
    assert lever_type({"relational": 3}).named == "relational"
    assert lever_type({"relational": 2}).named is None, "two facts are too few"
    mixed = lever_type({"relational": 3, "financial": 2})
    assert mixed.named is None
    assert mixed.shares["relational"] == 0.5
    assert sum(mixed.shares.values()) == NEAR(1)
    assert counted({"gathering": 2, "asked_the_price": 1}) == {"relational": 2, "procedural": 0, "financial": 1}
    with pytest.raises(KeyError):
        counted({"mood": 1})


@settings(max_examples=50)
@given(st.integers(1, 400).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_every_share_lies_in_its_interval(pair: tuple[int, int]) -> None:
    found = wilson(*pair)
    assert 0 <= found.low <= found.value <= found.high <= 1
    low, high = clopper_pearson(*pair)
    assert low <= found.value <= high
