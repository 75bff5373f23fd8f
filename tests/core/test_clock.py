"""The house's clock: time passes as it passes, a jump is followed in one step, and is believed by and by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.clock import BELIEVED, STEADY_FOR, Clock
from gateway.core.spans import span

NOW, HOUR, DAY = 1_795_900_000.0, 3_600.0, 86_400.0
jumps = st.lists(st.tuples(st.floats(-500 * DAY, 500 * DAY), st.floats(0, 5 * DAY)), max_size=12)


class Box:
    """A machine with a wall clock that somebody sets."""

    def __init__(self, wrong_by: float = 0.0) -> None:
        self.passed, self.wrong_by = 0.0, wrong_by
        self.clock = Clock(self.wall, lambda: NOW + self.passed)

    def wall(self) -> float:
        return NOW + self.passed + self.wrong_by

    def passes(self, seconds: float) -> None:
        """Time goes by, looked at often."""
        for _ in range(10):
            self.passed += seconds / 10
            if by := self.clock.jump():
                self.clock.follow(by)

    def is_set(self, by: float) -> None:
        self.wrong_by += by
        self.passes(0.0)


@given(jumps)
def test_steady_time_only_passes_and_the_house_shows_the_walls(steps: list[tuple[float, float]]) -> None:
    box = Box()
    for by, seconds in steps:
        before, passed = box.clock.steady(), box.passed
        box.is_set(by)
        box.passes(seconds)
        assert box.clock.steady() - before == pytest.approx(box.passed - passed, abs=1e-3)
        assert abs(box.clock.now() - box.wall()) <= 2.001


@given(jumps)
def test_nothing_runs_out_before_its_time_by_the_wall_nor_faster_than_it_is_believed(
    steps: list[tuple[float, float]],
) -> None:
    box = Box()
    for by, seconds in steps:
        box.is_set(by)
        certain = box.clock.certain(box.clock.now())
        box.passes(seconds)
        later = box.clock.certain(box.clock.now())
        assert later <= box.clock.now() + 1e-3
        assert later - certain <= (1 + BELIEVED) * seconds + 1e-2


@given(st.floats(10, 500 * DAY))
def test_a_clock_that_is_ahead_for_a_while_has_cost_nothing_once_it_is_right_again(by: float) -> None:
    box = Box()
    box.is_set(by)
    assert box.clock.certain(box.clock.now()) == pytest.approx(NOW, abs=1e-3)
    assert not box.clock.trusted
    box.is_set(-by)
    assert box.clock.certain(box.clock.now()) == pytest.approx(NOW, abs=1e-3)


@given(st.floats(10, 50 * DAY), st.booleans())
def test_a_jump_is_told_until_it_is_believed(by: float, forward: bool) -> None:
    box = Box()
    box.is_set(by if forward else -by)
    assert ("forward" if forward else "back") in (box.clock.why() or "")
    believed = max(STEADY_FOR, by / BELIEVED if forward else 0.0)
    box.passes(believed - 5)
    assert not (forward and by > BELIEVED * STEADY_FOR and box.clock.trusted)
    assert box.clock.why() is not None
    box.passes(10)
    assert box.clock.trusted
    assert box.clock.why() is None


def test_what_a_time_server_mends_by_and_by_is_no_jump() -> None:
    box = Box()
    for _ in range(50):
        box.is_set(0.03)
    assert box.clock.why() is None
    box.is_set(1.0)
    assert box.clock.why() is not None, "it adds up"


@pytest.mark.parametrize(
    ("since", "disagrees"),
    [
        (0, False),
        (10 * HOUR, False),
        (2.5 * DAY, False),
        (-100, False),
        (21 * DAY, True),
        (410 * DAY, True),
        (-HOUR, True),
    ],
)
def test_a_start_is_held_against_the_newest_event(since: float, disagrees: bool) -> None:
    clock = Box().clock
    by = clock.wake(NOW - since, 0.0)
    assert bool(by) == disagrees
    if by:
        clock.follow(by, woke=True)
        assert "newest event" in (clock.why() or "")
        assert clock.certain(clock.now()) <= NOW
        assert clock.now() == NOW


def test_a_wrong_clock_is_not_believed_because_it_is_started_twice() -> None:
    first = Box(410 * DAY).clock
    first.follow(first.wake(NOW, 0.0), woke=True)
    second = Box(410 * DAY).clock
    assert second.wake(NOW + 410 * DAY, first.behind) == 0.0
    assert not second.trusted
    assert second.certain(second.now()) == pytest.approx(NOW)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (54_000, "15 h"), (-120, "120 s"), (410 * DAY, "410 d"), (13_500, "3 h 45 min"), (599.6, "10 min"),
        (150, "2 min 30 s"), (0, "0 s"), (90_000, "1 d 1 h"),
    ],
)  # fmt: skip
def test_a_span_is_told_in_words(seconds: float, words: str) -> None:
    assert span(seconds) == words
