"""Indifference, causes, satisfaction, what is said; who comes together; the one thing to do, and what it did."""

from __future__ import annotations

import random
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from gateway.insight.acts import ACTS, Drawn, Situation, effects, next_best
from gateway.insight.facts import Stage
from gateway.insight.leaving import leaving
from gateway.insight.together import Arrival, together
from gateway.insight.voices import (
    Answer,
    Known,
    Seen,
    burden,
    completeness,
    doubling,
    goes_with_a_leaver,
    hits,
    indifference,
    loyalty,
    may_be_asked,
    poisson_slope,
    satisfaction,
    wallet,
    word_of_mouth,
)
from tests.insight.worlds import planted

ON = date(2026, 12, 1)


def seen(number: int, bad: int, team: str = "front", **more: Any) -> list[Seen]:
    return [Seen("flagship", team, date(2026, 11, 23), 30.0 if at < bad else 5.0, **more) for at in range(number)]


def test_indifference_by_week_and_team() -> None:
    rows = indifference([*seen(100, 60), *seen(100, 10, "bar"), *seen(100, 12, "spa"), *seen(17, 3, "door")])
    by = {each.team: each for each in rows}
    assert by["front"].week == "2026-W48"
    assert (by["front"].index.count, by["front"].index.of, by["front"].signs) == (60, 100, (0, 60, 0, 0, 0))
    assert by["bar"].rank == by["spa"].rank == 1
    assert by["front"].rank == 3
    assert (by["door"].index.interval, by["door"].rank) == (None, None)


def test_a_visit_with_two_signs_counts_once_and_each_sign_beside_it() -> None:
    (row,) = indifference(
        [Seen("f", "t", ON, None, asked_twice=True), Seen("f", "t", ON, 15.0), Seen("f", "t", ON, 15.1)]
    )
    assert (row.index.count, row.index.of) == (2, 3)
    assert row.signs == (1, 1, 1, 0, 0)


def test_burden_and_hits() -> None:
    visits = seen(40, 0, times_asked=2, applicable=5, acted_on=3)
    assert burden(visits[:29]).times_asked is None
    found = burden(visits)
    assert found.times_asked is not None
    assert (found.times_asked.value, found.minutes_waited) == (2, None)
    of = hits([*visits, *seen(10, 0, applicable=5, acted_on=2), *seen(5, 0)])
    assert (of.preferences.count, of.preferences.of) == (140, 250)
    assert (of.visits.count, of.visits.of) == (40, 50)


def test_satisfaction_is_what_was_found_less_what_was_expected() -> None:
    rows = satisfaction([Answer("social", "person", 4, 5 if each % 2 else 3) for each in range(30)])
    assert len(rows) == 12
    (row,) = [each for each in rows if each.answers]
    assert row.gap is not None
    assert (row.layer, row.of, row.gap.value) == ("social", "person", 0)
    assert satisfaction([Answer("social", "person", 4, 5)] * 29)[-1].gap is None
    assert may_be_asked(ON - timedelta(30), ON)
    assert may_be_asked(None, ON)
    assert not may_be_asked(ON - timedelta(29), ON)


def test_causes_beside_the_trade_and_what_is_unknown_stays_unknown() -> None:
    found = leaving(["indifference"] * 40 + ["moved"] * 10 + ["our_terms"] * 5 + ["unknown"] * 20, 500)
    by = {each.cause: each for each in found.causes}
    assert (found.voluntary, found.involuntary, found.unknown) == (40, 15, 20)
    assert by["indifference"].share.of == 55, "of those whose cause is known"
    assert (by["indifference"].trade, by["our_terms"].trade) == (0.68, None)
    assert found.lost.interval is not None
    assert found.lost.interval.value == 0.15
    with pytest.raises(KeyError, match="bored"):
        leaving(["bored"], 5)


def test_what_is_said_and_whether_it_doubles() -> None:
    doubles = [1, 1, 2, 2, 3, 4, 5, 7, 9, 12, 16, 21]
    days = doubling(doubles)
    assert days is not None
    assert 17 < days < 20
    halves = doubling(doubles[::-1])
    assert halves is not None
    assert halves == pytest.approx(-days, rel=1e-6)
    assert doubling([5, 6, 5, 4, 5, 6, 5, 5, 4, 6, 5, 5]) is None
    assert doubling([0] * 11 + [1]) is None
    assert poisson_slope([4, 4, 4]) is not None


def test_word_of_mouth_now_beside_before() -> None:
    visits = [ON - timedelta(day) for day in range(1, 113) for _ in range(10)]
    said = [ON - timedelta(day) for day in (1, 5, 28)] + [ON - timedelta(day) for day in (29, 112, 113)] + [ON]
    found = word_of_mouth(said, visits, ON)
    assert (found.now, found.before) == (3, 2)
    assert found.per_100 == pytest.approx(3 / 2.8)
    assert found.ratio is not None
    assert found.ratio.value == pytest.approx(4.5)
    assert word_of_mouth(said, visits[:20], ON).per_100 is None


def test_what_would_leave_with_a_leaver() -> None:
    whole = Known(*[True] * 9)
    assert completeness(whole) == 1
    third = Known(*[True] * 3, *[False] * 6)
    assert completeness(third) == Fraction(1, 3)
    assert goes_with_a_leaver([(900, Fraction(1, 3)), (-500, Fraction(0)), (100, Fraction(1))]) == 600


def test_wallet_and_loyalty() -> None:
    assert wallet(200, 400, 1000) == (0.2, 0.5)
    assert wallet(200, 0, 1000) == (0.2, None)
    assert wallet(900, 400, 800) == (1.0, 1.0)
    with pytest.raises(ValueError, match="5 to 4"):
        wallet(1, 5, 4)
    assert loyalty(["in time", "late", "gone quiet"]).active.count == 2


def test_who_comes_together_is_found_and_nobody_else() -> None:
    found_all = planted_all = right = 0
    for seed in range(3):
        arrivals, friends = planted(seed)
        found = {(each.a, each.b) for each in together(arrivals, {each.customer for each in arrivals})}
        found_all += len(found)
        planted_all += len(friends)
        right += len(found & friends)
    assert right / found_all >= 0.95
    assert right / planted_all >= 0.8


def test_who_did_not_agree_is_not_even_counted() -> None:
    arrivals, friends = planted(1)
    gone = {a for a, _ in friends}
    agreed = {each.customer for each in arrivals} - gone
    assert together(arrivals, agreed) == together([each for each in arrivals if each.customer in agreed], agreed)
    assert not {(each.a, each.b) for each in together(arrivals, agreed)} & friends
    assert together([], agreed) == []


def test_meeting_is_one_place_within_five_minutes_and_once_a_day() -> None:
    def day(number: int, place: str = "door", minute: int = 5) -> list[Arrival]:
        on = date(2026, 1, 1) + timedelta(number)
        return [Arrival("a", "door", on, 600), Arrival("b", place, on, 600 + minute), Arrival("a", "door", on, 603)]

    base = [each for number in (1, 80, 170) for each in day(number)]
    far = [Arrival("a", "door", date(2026, 12, 31), 5)]
    (found,) = together(base + far, {"a", "b"})
    assert (found.a, found.b, found.met, found.last) == ("a", "b", 3, date(2026, 6, 20))
    assert together([each for number in (1, 80, 170) for each in day(number, minute=9)] + far, {"a", "b"}) == []
    assert together([each for number in (1, 80, 170) for each in day(number, "bar")] + far, {"a", "b"}) == []
    assert together(base[:6] + far, {"a", "b"}) == [], "two days are too few"


def situation(stage: Stage = "repeat", **more: object) -> Situation:
    return Situation("k1", stage, "in time", facts_on_file=9, **more)  # type: ignore[arg-type]


def test_what_is_owed_comes_first_and_is_never_held_out() -> None:
    all_of_it = situation(
        "dormant", complaint="c1", promise_due="p1", fact="f1", knowledge="k", asked_to_be_offered=True
    )
    act = next_best(all_of_it, ON, 1.0)
    assert act is not None
    assert (act.code, act.ground, act.duty, act.held, act.may_sell) == ("complaint", "c1", True, False, False)
    act = next_best(situation("dormant", fact="f1"), ON, 1.0)
    assert act is not None
    assert (act.code, act.ground, act.held, act.may_sell) == ("wake", "f1", True, False)
    assert ACTS[:2] == ("complaint", "promise")


@pytest.mark.parametrize(
    ("of", "code"),
    [
        (situation(promise_due="p"), "promise"),
        (situation("dormant"), None),
        (Situation("k1", "user", "late", associate_in=True, facts_on_file=9), "own_associate"),
        (situation(seed_untouched_days=90, tie_gone_quiet="k2"), "seed"),
        (situation(seed_untouched_days=89, tie_gone_quiet="k2"), "tie_gone_quiet"),
        (Situation("k1", "user", facts_on_file=2, knowledge="x"), "thin_file"),
        (situation(knowledge="x"), "knowledge"),
        (situation(), None),
    ],
)
def test_the_first_row_that_holds(of: Situation, code: str | None) -> None:
    act = next_best(of, ON, 0.0)
    assert (None if act is None else act.code) == code


def test_an_effect_is_told_beside_what_could_have_been_seen() -> None:
    drawn = [Drawn("wake", False, at < 72) for at in range(90)] + [Drawn("wake", True, at < 6) for at in range(10)]
    (few,) = effects(drawn)
    assert (few.shown_returned, few.held_returned, few.difference) == (72, 6, None)
    assert few.could_be_seen is None
    (enough,) = effects(drawn + drawn)
    assert enough.could_be_seen is not None
    assert 0.3 < enough.could_be_seen < 0.4
    assert enough.difference is not None
    assert enough.difference.value == pytest.approx(0.2)


def test_the_effect_of_a_planted_act_lies_in_its_interval() -> None:
    inside = 0
    for seed in range(300):
        chance = random.Random(seed)
        drawn = [
            Drawn("wake", held := chance.random() < 0.1, chance.random() < (0.5 if held else 0.7)) for _ in range(600)
        ]
        (found,) = effects(drawn)
        assert found.difference is not None
        inside += not found.difference.leaves_out(0.2)
    assert inside >= 0.92 * 300
