"""The borders of the plain rules: days, gaps, bands, causes, left-over minor units, shares of a share."""

from __future__ import annotations

import json
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from gateway.insight.concentration import concentration, whale_curve
from gateway.insight.facts import Budget, Entry, Lost, Offer, Rules, Silences
from gateway.insight.ledger import Range, in_force, last_year, months_before, value_of
from gateway.insight.money import major, nearest, rounded, split
from gateway.insight.rhythm import band, own_gaps, own_stickiness, rhythm, twice_house_gap
from gateway.insight.spending import budgets_left, costs
from gateway.insight.stages import Story, transitions
from tests.insight.worlds import folded, row, worked

ON = date(2026, 12, 1)


def test_rounding_is_half_away_from_zero() -> None:
    assert [nearest(Fraction(each, 2)) for each in (-3, -1, 1, 3, 5)] == [-2, -1, 1, 2, 3]
    assert rounded(Fraction(1, 8), 2) == 0.13
    assert rounded(Fraction(-1, 8), 2) == -0.13
    assert (major(497_666, "CNY"), major(40_000, "CNY"), major(7, "JPY"), major(1_500, "KWD")) == (4976.66, 400, 7, 1.5)


def test_what_is_left_over_goes_to_the_lowest_ids() -> None:
    assert split(100_000, ["b", "c", "a"]) == {"a": 33_334, "b": 33_333, "c": 33_333}
    assert split(5, ["b", "a", "c"]) == {"a": 2, "b": 2, "c": 1}
    assert split(5, []) == {}


def test_an_assumed_margin_has_bounds_also_of_a_return() -> None:
    sold = Entry("s", "value", ON, "k", amount=333)
    assert value_of(sold, Rules().margin) == Range(200, 167, 233, ("s",))
    back = Entry("r", "value", ON, "k", amount=-333)
    assert value_of(back, Rules().margin) == Range(-200, -233, -167, ("r",))


@pytest.mark.parametrize(
    ("until", "begins"), [(date(2026, 12, 1), date(2025, 12, 1)), (date(2028, 2, 29), date(2027, 2, 28))]
)
def test_the_last_year(until: date, begins: date) -> None:
    assert last_year(until) == begins


def test_months_before_a_day() -> None:
    assert months_before(date(2026, 12, 1), 24) == date(2024, 12, 1)
    assert months_before(date(2028, 2, 29), 24) == date(2026, 2, 28)
    assert months_before(date(2026, 5, 31), 1) == date(2026, 4, 30)
    assert months_before(date(2026, 1, 15), 1) == date(2025, 12, 15)


def test_what_happens_on_the_day_itself_is_not_known_yet() -> None:
    world = worked()
    before = folded(world)
    world["visits"].append({"customer": "k5", "on": "2026-12-01"})
    world["entries"].append({"id": "late", "side": "value", "customer": "k5", "on": "2026-12-01", "amount": 1})
    assert folded(world) == before
    world["as_of"] = "2026-12-02"
    assert row(folded(world), "risk", "k5")["silent_days"] == 1


def test_the_window_holds_its_first_day_and_not_its_last() -> None:
    world = worked()
    world["entries"].append(
        {"id": "edge", "side": "value", "customer": "k4", "on": "2025-12-01", "amount": 10, "margin": 10}
    )
    assert row(folded(world), "worth", "k4")["value"]["amount"] == 10
    world["entries"][-1]["on"] = "2025-11-30"
    assert row(folded(world), "worth", "k4")["value"]["amount"] == 0


def test_a_long_gap_is_no_rhythm() -> None:
    assert own_gaps([0, 10, 375, 385]) == (10, 365, 10)
    assert own_gaps([0, 10, 376, 386, 400]) == (10, 14)
    assert rhythm([0, 10, 376], 60).own is None
    assert rhythm([0, 10, 376], 60).days == 30


def test_the_gap_of_a_house_is_the_median_of_what_it_saw() -> None:
    assert twice_house_gap([1, 2, 3, 4]) == 120
    assert twice_house_gap([9, 1, 2, 3, 4]) == 6
    assert twice_house_gap([9, 1, 2, 3, 4, 8]) == 7
    assert twice_house_gap([5, 5, 5, 5, 5, 5, 5, 900]) == 10


@pytest.mark.parametrize(
    ("silent", "ratio", "expected"),
    [
        (13, "100", "in time"), (14, "1.49", "in time"), (14, "1.5", "late"), (29, "100", "late"), (30, "2.99", "late"),
        (30, "3", "long silent"), (30, "5.99", "long silent"), (30, "6", "gone quiet"),
    ],
)  # fmt: skip
def test_bands(silent: int, ratio: str, expected: str) -> None:
    assert band(silent, Fraction(ratio)) == expected


def test_twelve_blocks_of_thirty_days() -> None:
    assert own_stickiness([99, 70], 100) == Fraction(1, 12)
    assert own_stickiness([99, 69], 100) == Fraction(2, 12)
    assert own_stickiness([100, 101], 100) == 0
    assert own_stickiness([640], 1000) == Fraction(1, 12)
    assert own_stickiness([639], 1000) == 0
    assert own_stickiness(range(1000), 1000) == 1


def stages(contacts: list[int], on: int, buys: list[int] | None = None, **more: Any) -> list[tuple[str, int]]:
    """Stages by days after the first of January 2020."""
    zero = date(2020, 1, 1).toordinal()
    story = Story([zero + day for day in contacts], {zero + day: None for day in buys or []}, **more)
    found = transitions(story, zero + on, 120, Silences())
    return [(each.stage, each.at.toordinal() - zero) for each in found if each.at is not None]


def test_the_day_on_which_silence_is_long_enough_counts_and_a_contact_on_it_comes_first() -> None:
    # The usual gap is 60 days: dormant after 180, lost after 360.
    assert stages([0], 179, [0]) == [("potential", 0), ("user", 0)]
    assert stages([0], 180, [0])[-1] == ("dormant", 180)
    assert stages([0, 180], 181, [0]) == [("potential", 0), ("user", 0)]
    assert stages([0, 181], 182, [0])[-2:] == [("dormant", 180), ("woken", 181)]
    assert stages([0], 360, [0])[-1] == ("lost", 360)


def test_who_only_looked_is_never_dormant() -> None:
    assert stages([0, 5], 3000) == [("potential", 0)]


def test_the_day_of_waking_makes_no_repeat_and_the_next_purchase_does() -> None:
    woken = stages([0, 500], 501, [0, 500])
    assert woken[-1] == ("woken", 500)
    assert stages([0, 500, 510], 511, [0, 500, 510])[-1] == ("repeat", 510)


def test_a_cause_ends_it_at_once_and_a_later_visit_wakes() -> None:
    left = Lost("k", date(2020, 1, 11), "moved")
    assert stages([0], 20, [0], lost=[left])[-1] == ("lost", 10)
    assert stages([0, 10], 20, [0], lost=[left])[-1] == ("lost", 10), "the contact of that day comes first"
    assert stages([0, 12], 20, [0], lost=[left])[-2:] == [("lost", 10), ("woken", 12)]
    assert stages([], 20, lost=[left]) == [("lost", 10)]
    assert stages([0], 9, [0], lost=[left])[-1] == ("user", 0), "what comes later is not known"


def test_an_open_offer_makes_an_opportunity_until_it_is_closed() -> None:
    offer = Offer("k", date(2020, 1, 6), date(2020, 1, 11), "o1")
    assert stages([0], 8, offers=[offer]) == [("potential", 0), ("opportunity", 5)]
    assert stages([0], 20, offers=[offer])[-1] == ("potential", 10)
    assert stages([0, 7], 20, [7], offers=[offer])[-1] == ("user", 7)


def test_causes_are_told_with_the_stage() -> None:
    world = worked()
    world["lost"] = [{"customer": "k3", "on": "2026-10-01", "cause": "our_terms"}]
    stage = row(folded(world), "stages", "k3")
    assert stage["transitions"][-1] == {
        "stage": "lost", "at": "2026-10-01", "because": "cause", "event": None, "cause": "our_terms",
    }  # fmt: skip


def test_a_target_has_come_never_and_is_silent_since_no_day() -> None:
    world = worked()
    world["customers"]["k9"] = {"consents": ["insight"]}
    found = folded(world)
    stage = row(found, "stages", "k9")
    assert (stage["stage"], stage["since"]) == ("target", None)
    assert "k9" not in [each["customer"] for each in found["risk"]["rows"]]
    assert row(found, "network", "k9")["own"] == 0
    assert row(found, "worth", "k9")["net"]["amount"] == 0


def test_a_return_is_contact_and_no_purchase() -> None:
    world = worked()
    world["entries"].append(
        {"id": "back", "side": "value", "customer": "k3", "on": "2026-09-09", "amount": -800, "margin": -400}
    )
    found = folded(world)
    assert row(found, "worth", "k3")["value"]["amount"] == 0
    assert row(found, "worth", "k3")["revenue"] == 0
    assert row(found, "stages", "k3")["stage"] == "user"
    assert row(found, "risk", "k3")["silent_days"] == 83


def test_the_cost_of_a_gathering_that_nobody_came_to_is_the_houses_own() -> None:
    world = worked()
    world["gatherings"]["g2"] = {"on": "2026-08-01", "attended": []}
    world["entries"].append(
        {"id": "e13", "side": "cost", "gathering": "g2", "on": "2026-08-01", "way": "event", "amount": 77.01}
    )
    found = folded(world)
    assert found["spend"]["total"] == 1967.01
    assert found["worth"]["total"]["cost"] == 1890


def test_only_so_many_gatherings_count_and_old_ones_do_not() -> None:
    world = worked()

    def theta() -> float:
        tie = folded(world)["network"]["ties"][0]
        assert (tie["a"], tie["b"]) == ("k1", "k2")
        found: float = tie["theta"]
        return found

    for number in range(2, 6):
        world["gatherings"][f"g{number}"] = {"on": f"2026-08-0{number}", "attended": ["k1", "k2"]}
    assert theta() == 0.25
    world["families"] = [["k2", "k1"]]
    assert theta() == 0.3, "never above"
    world["families"], world["introductions"] = [], []
    for each in world["gatherings"].values():
        each["on"] = "2024-12-01"
    assert theta() == 0.15
    for each in world["gatherings"].values():
        each["on"] = "2024-11-30"
    assert folded(world)["network"]["ties"] == []


def test_a_share_of_nothing_is_no_share() -> None:
    assert concentration([-5, 5]).top20 is None
    assert concentration([]).peak is None
    assert whale_curve([0, 0]) == []
    world = worked()
    world["entries"] = []
    worth = folded(world)["worth"]
    assert worth["net"] == {"top20": None, "bottom30": None, "eats": None, "peak": None, "peak_customers": 0}
    assert folded(world)["spend"]["by_lever"] == {}


def test_where_nobody_costs_more_than_they_bring_nothing_is_eaten() -> None:
    found = concentration([10, 20, 30, 40])
    assert found.eats == 0
    assert found.peak == 1
    assert found.peak_customers == 4


def test_from_thirty_customers_on_a_share_has_an_interval() -> None:
    few, more = concentration(list(range(29))), concentration(list(range(30)))
    assert few.top20_interval is None
    assert more.top20 is not None
    assert more.top20_interval is not None
    assert more.top20_interval[0] < more.top20 < more.top20_interval[1]
    wide = concentration(list(range(100)))
    assert wide.top20_interval is not None
    assert wide.top20_interval[1] - wide.top20_interval[0] < more.top20_interval[1] - more.top20_interval[0]
    assert concentration(list(range(30))[::-1]) == more


def test_a_whale_curve_rises_above_the_whole_and_comes_back() -> None:
    curve = whale_curve([60, 50, -10])
    assert curve == [(0.0, 0.0), (1 / 3, 0.6), (2 / 3, 1.1), (1.0, 1.0)]


def test_a_budget_runs_out_at_the_pace_of_four_weeks() -> None:
    spent = [Entry(f"e{day}", "cost", ON - timedelta(day), "k", amount=100, budget="spring") for day in (10, 20, 40)]
    known = costs(in_force(spent), Rules(), {})
    budget = Budget("spring", 500, date(2026, 1, 1), date(2027, 1, 1))
    (left,) = budgets_left(known, [budget], last_year(ON), ON)
    assert (left.spent, left.left, left.runs_out) == (300, 200, ON + timedelta(28))
    (none_set,) = budgets_left(known, [], last_year(ON), ON)
    assert (none_set.spent, none_set.left) == (300, None)
    (gone,) = budgets_left(known, [Budget("spring", 300, date(2026, 1, 1), date(2027, 1, 1))], last_year(ON), ON)
    assert gone.runs_out == ON


def test_one_gift_of_money_is_not_only_money() -> None:
    world = worked()
    world["entries"] = [each for each in world["entries"] if each["id"] != "e11"]
    assert folded(world)["spend"]["only_money"] == []


def test_a_cohort_is_followed_month_by_month() -> None:
    (*_, july) = folded(worked())["stages"]["cohorts"]
    assert july == {"month": "2026-07", "customers": 1, "active": [1, 1, 0, 0, 0], "shares": None}
    world = worked()
    for number in range(40):
        world["customers"][f"n{number}"] = {"consents": ["insight"]}
        world["visits"] += [{"customer": f"n{number}", "on": "2026-07-0" + str(number % 9 + 1)}]
        if number < 10:
            world["visits"] += [{"customer": f"n{number}", "on": "2026-09-09"}]
    (*_, july) = folded(world)["stages"]["cohorts"]
    assert (july["customers"], july["shares"]) == (41, [1.0, round(1 / 41, 4), round(10 / 41, 4), 0.0, 0.0])


def test_a_world_is_folded_the_same_from_its_bytes() -> None:
    assert json.dumps(folded(worked())) == json.dumps(folded(worked()))
