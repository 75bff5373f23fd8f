"""The asked-already guard, whatever is asked in whatever way."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.service.asks import Ask, same
from gateway.service.desk import Refused
from tests.service.played import PlayedAsks

WAYS = {
    "lunch": ["lunch", "Lunch", " LUNCH ", "lunch\u3000", "ｌｕｎｃｈ"],
    "seat": ["seat", "Seat"],
    "午餐": ["午餐", " 午餐"],
}
asking = st.tuples(
    st.sampled_from(sorted(WAYS)), st.integers(0, 4), st.sampled_from(["v1", "v2"]), st.booleans(), st.booleans()
)


@given(st.lists(asking, max_size=30))
def test_a_question_stands_once_in_a_visit_however_it_is_written(story: list[tuple[str, int, str, bool, bool]]) -> None:
    asks, ids = PlayedAsks(), count(1)
    counted: dict[tuple[str, str], int] = {}
    for question, way, visit, again, answers in story:
        written = WAYS[question][way % len(WAYS[question])]
        new = Ask(f"q{next(ids)}", visit, "chen", written, "anna", 0.0)
        standing = counted.get((visit, question), 0)
        if standing and not again:
            with pytest.raises(Refused) as refused:
                asks.ask(new)
            assert same(refused.value.extra["ask"].question) == question
            assert refused.value.status == 409
            continue
        put = asks.ask(new, again=again)
        counted[visit, question] = standing + 1
        assert (put.state, put.answer, put.count) == ("open", None, standing + 1)
        if answers:
            asks.answer(put.id, "yes", "ben", 1.0)
    for visit in ("v1", "v2"):
        standing_asks = asks.of_visit(visit)
        assert {same(a.question): a.count for a in standing_asks} == {
            q: n for (v, q), n in counted.items() if v == visit
        }
        assert len(standing_asks) == len({same(a.question) for a in standing_asks})


def test_an_answer_stands_and_the_same_once_more_is_no_quarrel() -> None:
    asks = PlayedAsks()
    asks.ask(Ask("q1", "v1", "chen", "lunch", "anna", 0.0))
    assert asks.answer("q1", "rice", "ben", 5.0).answered_at == 5.0
    assert asks.answer("q1", "rice", "anna", 9.0).answered_by == "ben"
    with pytest.raises(Refused, match="answered already: rice") as refused:
        asks.answer("q1", "noodles", "anna", 9.0)
    assert refused.value.extra["ask"] is asks.get("q1")
    assert asks.ask(Ask("q1", "v1", "chen", "lunch", "anna", 0.0)) is asks.get("q1")  # the tablet sent it once more
    with pytest.raises(Refused, match="asked already"):
        asks.ask(Ask("q1", "v1", "chen", "lunch", "ben", 0.0))  # an id that is somebody else's takes nothing from them
    with pytest.raises(Refused, match="another question"):
        asks.ask(Ask("q1", "v1", "chen", "dinner", "anna", 0.0))


def test_what_was_asked_in_a_visit_ends_with_it_and_can_be_taken_up_again() -> None:
    asks = PlayedAsks()
    kept = asks.ask(Ask("q1", "v1", "chen", "lunch", "anna", 0.0))
    asks.close_visit("v1")
    assert asks.all() == []
    with pytest.raises(Refused, match="no such question"):
        asks.answer("q1", "rice", "ben", 1.0)
    asks.restore([kept])
    with pytest.raises(Refused, match="asked already"):
        asks.ask(Ask("q2", "v1", "chen", "Lunch", "ben", 2.0))


def test_what_is_brought_is_what_was_answered_once_and_a_wrong_tap_is_taken_back() -> None:
    asks = PlayedAsks()
    lunch = asks.ask(Ask("q", "v", "chen", "lunch", "anna", 0.0))
    with pytest.raises(Refused) as early:
        asks.serve("q", "ben", 1.0)
    assert (early.value.status, early.value.extra["ask"]) == (409, lunch)
    asks.answer("q", "fish", "anna", 2.0)
    for by, at in (("ben", 3.0), ("carl", 4.0)):  # two who bring one tray: the first stands
        asks.serve("q", by, at)
        lunch = asks.get("q")
        assert (lunch.state, lunch.answer, lunch.served_by, lunch.served_at) == ("served", "fish", "ben", 3.0)
    assert asks.answer("q", "fish", "anna", 5.0).state == "served"  # sent twice
    with pytest.raises(Refused):
        asks.answer("q", "beef", "anna", 5.0)
    for _ in range(2):
        lunch = asks.take_back("q")
        assert (lunch.state, lunch.answer, lunch.served_by, lunch.served_at) == ("answered", "fish", None, None)
    asks.serve("q", "carl", 6.0)
    again = asks.ask(Ask("q2", "v", "chen", "lunch", "anna", 7.0), again=True)
    assert (again.state, again.answer, again.served_by, again.served_at, again.count) == ("open", None, None, None, 2)
