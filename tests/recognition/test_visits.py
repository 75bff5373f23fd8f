from __future__ import annotations

from itertools import count

from gateway.recognition.visits import Visits


def test_a_return_within_the_time_is_the_same_visit_and_says_when_it_was_left() -> None:
    ids = count(1)
    visits = Visits(lambda: f"v{next(ids)}", 600.0)
    visits.close("c1", "v-old", 1000.0)
    assert visits.open("c1", 1600.0) == ("v-old", 1000.0)
    assert visits.open("c1", 1600.1) == ("v1", None)
    assert visits.open("c2", 1001.0) == ("v2", None)


def test_old_departures_are_forgotten_and_recent_ones_are_not() -> None:
    visits = Visits(lambda: "new", 600.0)
    visits.close("c1", "v1", 1000.0)
    visits.close("c2", "v2", 1500.0)
    visits.expire(1700.0)
    assert visits.open("c1", 1000.0) == ("new", None)
    assert visits.open("c2", 1700.0) == ("v2", 1500.0)
